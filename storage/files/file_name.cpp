// The name must be known from the URL alone, so that a page fetched again after a crash replaces
// its own file. So names that could meet carry a digest of what they were made from, marked by '~',
// which names that are kept as they are never contain.
#include "storage/files/file_name.hpp"

#include "core/web/digest.hpp"
#include "core/web/headers/content_disposition.hpp"
#include "core/web/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

namespace trawl::storage {
namespace {

constexpr std::size_t component_bytes_max = 200;  // room for digest and marks up to 255
constexpr std::size_t name_bytes_max = 255;
constexpr std::size_t mark_digits = 16;
constexpr std::size_t folders_bytes_max = 1500;
constexpr std::size_t folders_max = 60;

enum class Naming : std::uint8_t { portable, server };

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view("._%=,+@-").find(c) != std::string_view::npos;
}

// Device names of Windows, with any extension.
bool is_reserved(std::string_view name) {
  const std::string_view stem = name.substr(0, name.find('.'));
  constexpr auto devices = std::to_array<std::string_view>({"con", "prn", "aux", "nul"});
  if (std::find(devices.begin(), devices.end(), stem) != devices.end()) return true;
  return stem.size() == 4 && (stem.starts_with("com") || stem.starts_with("lpt")) &&
         stem[3] >= '0' && stem[3] <= '9';
}

bool is_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

// Could be one of marked(), with an extension.
bool looks_marked(std::string_view name) {
  const auto mark = name.rfind('~');
  if (mark == std::string_view::npos || name.size() < mark + 1 + mark_digits) return false;
  const std::string_view digits = name.substr(mark + 1, mark_digits);
  const std::string_view rest = name.substr(mark + 1 + mark_digits);
  return std::all_of(digits.begin(), digits.end(), is_digit) &&
         (rest.empty() || rest.starts_with('.'));
}

// What a URL's path must have percent-encoded (URL Standard, path percent-encode set).
bool is_only_encoded(unsigned char byte) {
  return byte >= 0x80 || std::string_view{" \"#<>?`{}"}.contains(static_cast<char>(byte));
}

std::optional<unsigned char> hex_value(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned char>(c - '0');
  if (c >= 'A' && c <= 'F') return static_cast<unsigned char>(c - 'A' + 10);
  return std::nullopt;
}

bool misleads(std::string_view name) {
  for (std::size_t i = 0; i < name.size(); ++i)
    if (web::misleading_at(name, i) > 0) return true;
  return false;
}

// What a canonical URL never has percent-encoded (RFC 3986, 2.3).
bool is_never_encoded(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view{"-._"}.contains(c);
}

// The component as a server shows it in a list of files; nothing when it can't be a name.
std::optional<std::string> server_name(std::string_view component) {
  std::string name;
  for (std::size_t i = 0; i < component.size(); ++i) {
    if (component[i] != '%') {
      name += component[i];
      continue;
    }
    const auto high = i + 2 < component.size() ? hex_value(component[i + 1]) : std::nullopt;
    const auto low = i + 2 < component.size() ? hex_value(component[i + 2]) : std::nullopt;
    if (!high || !low) return std::nullopt;
    const auto byte = static_cast<unsigned char>(*high << 4U | *low);
    const auto c = static_cast<char>(byte);
    if (c == '/' || is_never_encoded(c)) return std::nullopt;
    name += c;
    i += 2;
  }
  const bool fits = !name.empty() && name.size() <= name_bytes_max && name != "." && name != "..";
  if (!fits || name.contains('/') || !web::utf8::is_valid(name) || misleads(name) ||
      looks_marked(name))
    return std::nullopt;
  return name;
}

bool is_kept(std::string_view component) {
  return !component.empty() && component.size() <= component_bytes_max &&
         component.find_first_not_of('.') != std::string_view::npos && !component.ends_with('.') &&
         std::all_of(component.begin(), component.end(), is_plain) && !is_reserved(component);
}

// A readable remainder, '~' and 64 bits of the original's digest.
std::string marked(std::string_view readable, std::string_view original) {
  std::string name;
  for (const char c : readable.substr(0, component_bytes_max - 40)) {
    const bool letter = c >= 'A' && c <= 'Z';
    name += is_plain(c) || letter ? c : '_';
  }
  while (name.starts_with('.')) name.erase(0, 1);
  if (name.empty() || is_reserved(name)) name.insert(0, "_");
  return name + '~' + web::sha256_hex(original).substr(0, mark_digits);
}

// Portable: folders with a dot and files without one end in '~', so that no file is a folder's
// namesake.
std::string folder_name(std::string_view component, Naming naming) {
  if (naming == Naming::server)
    return server_name(component).value_or(marked(component, component));
  std::string name = is_kept(component) ? std::string(component) : marked(component, component);
  if (name.find('.') != std::string::npos) name += '~';
  return name;
}

// path_rest: the last component, or more where the path is too deep. query: with its '?', or empty.
std::string leaf_name(std::string_view path_rest, std::string_view query, Naming naming) {
  std::string name;
  if (naming == Naming::server && query.empty() && path_rest != "index.html")
    if (auto own = server_name(path_rest)) return std::move(*own);
  if (path_rest.empty() && query.empty()) {
    name = "index.html";
  } else if (naming == Naming::portable && query.empty() && is_kept(path_rest) &&
             path_rest != "index.html") {
    name = path_rest;
  } else {
    const std::string_view shown = path_rest.substr(path_rest.rfind('/') + 1);
    std::string_view extension = path_rest.empty() ? ".html" : "";
    std::string_view stem = path_rest.empty() ? "index" : shown;
    if (const auto dot = shown.rfind('.'); dot != std::string_view::npos && dot > 0) {
      const std::string_view candidate = shown.substr(dot);
      const bool simple =
          candidate.size() > 1 && candidate.size() <= 11 &&
          std::all_of(candidate.begin() + 1, candidate.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
          });
      if (simple) {
        extension = candidate;
        stem = shown.substr(0, dot);
      }
    }
    std::string readable(stem);
    if (query.size() > 1) readable.append("_").append(query.substr(1));
    std::string original(path_rest);
    name = marked(readable, original.append(query));
    name += extension;
  }
  if (naming == Naming::portable && name.find('.') == std::string::npos) name += '~';
  return name;
}

// Ports are written wherever two schemes could meet: "host" is https on 443, "host+80" is http.
std::string host_folder(std::string_view scheme, std::string_view authority) {
  authority.remove_prefix(authority.find('@') + 1);  // npos + 1 is 0
  std::string_view port;
  const auto colon = authority.rfind(':');
  if (colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos) {
    port = authority.substr(colon + 1);
    authority = authority.substr(0, colon);
  }
  std::string name = is_kept(authority) ? std::string(authority) : marked(authority, authority);
  const bool secure = scheme == "https";
  if (port.empty() && !secure) port = "80";
  if (port.empty()) return name;
  name += '+';
  for (const char c : port.substr(0, 16)) name += is_plain(c) ? c : '_';
  if (secure) name += "+tls";
  return name;
}

// root: what stands behind the host's name.
std::string name_for(std::string_view url, Naming naming, std::string_view root) {
  url = url.substr(0, url.find('#'));
  const auto scheme_end = url.find("://");
  const std::string_view scheme =
      scheme_end == std::string_view::npos ? "" : url.substr(0, scheme_end);
  if (scheme_end != std::string_view::npos) url.remove_prefix(scheme_end + 3);
  const auto authority_end = std::min(url.find_first_of("/?"), url.size());
  std::string name = "files/" + host_folder(scheme, url.substr(0, authority_end));
  name.append(root).append("/");
  std::string_view path = url.substr(authority_end);
  const auto query_start = std::min(path.find('?'), path.size());
  const std::string_view query = path.substr(query_start);
  path = path.substr(0, query_start);
  if (path.starts_with('/')) path.remove_prefix(1);

  for (std::size_t folders = 0; folders < folders_max; ++folders) {
    const auto slash = path.find('/');
    if (slash == std::string_view::npos) break;
    const std::string folder = folder_name(path.substr(0, slash), naming);
    if (name.size() + folder.size() > folders_bytes_max) break;
    name.append(folder).append("/");
    path.remove_prefix(slash + 1);
  }
  return name + leaf_name(path, query, naming);
}

}  // namespace

std::string file_name_for(std::string_view url) {
  return name_for(url, Naming::portable, {});
}

std::string server_file_name_for(std::string_view url) {
  return name_for(url, Naming::server, {});
}

bool has_other_spelling(std::string_view server_name) {
  for (int slashes = 0; slashes < 2; ++slashes)  // of files/HOST/
    server_name.remove_prefix(std::min(server_name.find('/'), server_name.size() - 1) + 1);
  while (!server_name.empty()) {
    const auto component = server_name.substr(0, server_name.find('/'));
    server_name.remove_prefix(std::min(component.size() + 1, server_name.size()));
    const bool spelled = std::ranges::any_of(component, [](char c) {
      return !is_never_encoded(c) && !is_only_encoded(static_cast<unsigned char>(c));
    });
    if (spelled && !looks_marked(component)) return true;
  }
  return false;
}

std::string aside_file_name_for(std::string_view url) {
  return name_for(url, Naming::portable, "~");  // which is at the end of no host's name
}

}  // namespace trawl::storage
