// Browsers go by the extension alone when they read from disk: a page without one is shown as text,
// a style sheet without one is not applied. The '~' before an added extension is what no kept name
// has, so the longer names can't meet others.
#include "service/offline/names.hpp"

#include "storage/files/file_name.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace trawl::service {
namespace {

constexpr std::string_view stored_root = "files/";
constexpr std::string_view offline_root = "offline/";

// The first is the one that is added.
std::span<const std::string_view> extensions_of(OfflineType type) {
  static constexpr std::array<std::string_view, 2> html{".html", ".htm"};
  static constexpr std::array<std::string_view, 4> xhtml{".xhtml", ".xht", ".html", ".htm"};
  static constexpr std::array<std::string_view, 1> css{".css"};
  static constexpr std::array<std::string_view, 1> svg{".svg"};
  switch (type) {
    case OfflineType::html:
      return html;
    case OfflineType::xhtml:
      return xhtml;
    case OfflineType::css:
      return css;
    case OfflineType::svg:
      return svg;
    case OfflineType::other:
      break;
  }
  return {};
}

// What of a stored name's characters means something else in a URL.
void append_for_url(std::string& out, std::string_view name) {
  for (const char c : name) {
    if (c == '%')
      out += "%25";
    else if (c == ',')
      out += "%2C";  // separates in srcset
    else
      out += c;
  }
}

}  // namespace

OfflineType offline_type(std::string_view content_type) {
  if (content_type == "text/html") return OfflineType::html;
  if (content_type == "application/xhtml+xml") return OfflineType::xhtml;
  if (content_type == "text/css") return OfflineType::css;
  if (content_type == "image/svg+xml") return OfflineType::svg;
  return OfflineType::other;
}

std::string offline_name(std::string_view url, OfflineType type) {
  std::string name = storage::file_name_for(url);
  name.replace(0, stored_root.size(), offline_root);
  const auto extensions = extensions_of(type);
  const auto has = [&name](std::string_view extension) { return name.ends_with(extension); };
  if (extensions.empty() || std::ranges::any_of(extensions, has)) return name;
  if (!name.ends_with('~')) name += '~';
  return name.append(extensions.front());
}

std::string relative_link(std::string_view from_file, std::string_view to_file) {
  std::size_t common = 0;
  for (std::size_t i = 0; i < std::min(from_file.size(), to_file.size()); ++i) {
    if (from_file[i] != to_file[i]) break;
    if (from_file[i] == '/') common = i + 1;
  }
  std::string link;
  for (const char c : from_file.substr(common))
    if (c == '/') link += "../";
  append_for_url(link, to_file.substr(common));
  return link;
}

}  // namespace trawl::service
