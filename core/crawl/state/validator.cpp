// A value of another form is not one that servers have to understand: RFC 9110 has them ignore an
// If-Modified-Since that is no date, while what they do with half an entity tag is anybody's guess,
// a 400 or a 304 for a page that changed.
#include "core/crawl/state/validator.hpp"

#include "core/crawl/state/retry_after.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ctime>

namespace trawl::crawl {

bool is_strong_entity_tag(std::string_view text) {
  if (text.size() < 2 || !text.starts_with('"') || !text.ends_with('"')) return false;
  return std::ranges::all_of(text.substr(1, text.size() - 2), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte != 0x7F && c != '"';
  });
}

bool is_entity_tag(std::string_view text) {
  return is_strong_entity_tag(text.starts_with("W/") ? text.substr(2) : text);
}

bool is_tag_of_a_server(std::string_view text) {
  if (is_entity_tag(text)) return true;
  return !text.empty() && text != "*" && std::ranges::all_of(text, [](char c) {
    return c > 0x20 && c < 0x7F && c != '"' && c != ',';
  });
}

bool is_fixdate(std::string_view text) {
  constexpr std::string_view form = "Aaa, 00 Aaa 0000 00:00:00 GMT";
  return std::ranges::equal(text, form, [](char c, char kind) {
    if (kind == '0') return c >= '0' && c <= '9';
    if (kind == 'a') return c >= 'a' && c <= 'z';
    if (kind == 'A') return c >= 'A' && c <= 'Z';
    return c == kind;
  });
}

std::string to_fixdate(std::string_view text, Wall seen) {
  const auto date = parse_http_date(text, seen);
  if (!date) return {};
  if (is_fixdate(text)) return std::string{text};
  // As a time_t: formatted as a time point, years beyond 2262 would overflow.
  const std::time_t time =
      std::chrono::floor<std::chrono::seconds>(*date).time_since_epoch().count();
  std::string fixdate = fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(time));
  if (!is_fixdate(fixdate)) return {};  // a zone has led into the year 10000
  return fixdate;
}

}  // namespace trawl::crawl
