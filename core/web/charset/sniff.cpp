// Servers say nothing of a page, or say it twice. Browsers show it all the same, and so do people
// link to it.
#include "core/web/ascii.hpp"
#include "core/web/charset/content.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace trawl::web {
namespace {

// Those of the table's tags that are followed by a space or '>'.
constexpr std::array html_tags = std::to_array<std::string_view>(
    {"<!DOCTYPE HTML", "<HTML", "<HEAD", "<SCRIPT", "<IFRAME", "<H1", "<DIV", "<FONT", "<TABLE",
     "<A", "<STYLE", "<TITLE", "<B", "<BODY", "<BR", "<P", "<!--"});

bool begins_with_tag(std::string_view text, std::string_view tag) {
  return text.size() > tag.size() && ascii::equals(text.substr(0, tag.size()), tag) &&
         (text[tag.size()] == ' ' || text[tag.size()] == '>');
}

// Up to a comma outside of quotation marks; takes it off the rest.
std::string_view take_value(std::string_view& rest) {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < rest.size() && (quoted || rest[end] != ','); ++end) {
    if (rest[end] == '"') quoted = !quoted;
    if (rest[end] == '\\' && quoted && end + 1 < rest.size()) ++end;
  }
  const auto value = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return value;
}

}  // namespace

MediaType declared_media_type(std::span<const std::pair<std::string, std::string>> fields) {
  MediaType declared;
  for (const auto& [name, values] : fields) {
    if (!ascii::equals(name, "content-type")) continue;
    for (std::string_view rest = values; !rest.empty();) {
      MediaType type = parse_media_type(take_value(rest));
      if (type.essence.empty() || type.essence == "*/*") continue;
      if (type.charset.empty() && type.essence == declared.essence)
        type.charset = std::move(declared.charset);
      declared = std::move(type);
    }
  }
  return declared;
}

MediaType sniffed_media_type(std::string_view begin) {
  begin = begin.substr(0, sniffed_bytes_max);
  const auto text = begin.substr(std::min(begin.find_first_not_of("\t\n\f\r "), begin.size()));
  if (std::ranges::any_of(html_tags, [&](auto tag) { return begins_with_tag(text, tag); }))
    return {"text/html", {}};
  if (text.starts_with("<?xml")) return {"text/xml", {}};
  return {};
}

}  // namespace trawl::web
