// A value can hold several lists ("googlebot: nofollow, otherbot: noindex"), and dates in it have
// colons and commas of their own. So it is read item by item, and an item opens a list only when
// what stands before its colon is a product token that is no directive's name.

#include "core/web/robots/robots_tag.hpp"

#include "core/web/ascii.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

namespace trawl::web {
namespace {

constexpr std::array valued_directives = std::to_array<std::string_view>(
    {"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"});

// Takes the text before the next comma.
std::string_view next_item(std::string_view& rest) {
  const std::size_t comma = std::min(rest.find(','), rest.size());
  const std::string_view item = ascii::trim(rest.substr(0, comma));
  rest.remove_prefix(std::min(comma + 1, rest.size()));
  return item;
}

RobotsDirectives parse_directive(std::string_view text) {
  const bool none = ascii::equals(text, "none");
  return {.noindex = none || ascii::equals(text, "noindex"),
          .nofollow = none || ascii::equals(text, "nofollow")};
}

bool is_robot_name(std::string_view text) {
  if (text == "*") return true;
  const bool token = !text.empty() && std::ranges::all_of(text, [](char c) {
    return ascii::is_alnum(c) || c == '-' || c == '_' || c == '.' || c == '/';
  });
  // "2030-06-25T15:00:00Z" after a comma is the rest of a date.
  if (!token || ascii::is_digit(text.front())) return false;
  return std::ranges::none_of(valued_directives,
                              [text](auto name) { return ascii::equals(text, name); });
}

// The robot that an item names; the item is then what follows.
std::optional<std::string_view> take_robot_name(std::string_view& item) {
  const std::size_t colon = item.find(':');
  if (colon == std::string_view::npos) return {};
  const std::string_view name = ascii::trim(item.substr(0, colon));
  if (!is_robot_name(name)) return {};
  item = ascii::trim(item.substr(colon + 1));
  return name;
}

}  // namespace

std::string_view to_string(RobotsDirectives directives) {
  if (directives.noindex) return directives.nofollow ? "noindex,nofollow" : "noindex";
  return directives.nofollow ? "nofollow" : "";
}

RobotsDirectives parse_robots_meta(std::string_view content) {
  RobotsDirectives result;
  while (!content.empty()) result |= parse_directive(next_item(content));
  return result;
}

RobotsDirectives parse_robots_tag(std::string_view value, std::string_view robots_token) {
  RobotsDirectives result;
  bool ours = true;
  while (!value.empty()) {
    std::string_view item = next_item(value);
    while (const auto name = take_robot_name(item)) {
      ours = *name == "*" || (!robots_token.empty() && ascii::equals(*name, robots_token));
    }
    if (ours) result |= parse_directive(item);
  }
  return result;
}

}  // namespace trawl::web
