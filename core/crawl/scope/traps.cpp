// Ordinary sites repeat segments too: dates (/2024/04/04/), tiles (/1/1/1.png), archives that file
// 11112 under /1/1/1/1/. So a repetition must be consecutive, or massive, and one-character
// segments are given twice the room.
#include "core/crawl/scope/traps.hpp"

#include "core/crawl/scope/calendar.hpp"

#include <boost/container/small_vector.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string_view>

namespace trawl::crawl {
namespace {

constexpr std::size_t group_segments_max = 16;
constexpr std::size_t inline_parts = 48;
using Parts = boost::container::small_vector<std::string_view, inline_parts>;

Parts split(std::string_view text, char separator) {
  Parts parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// "a/b/a/b/a/b" repeats the group of two three times: each part equals the one two places on.
bool repeats_group(const Parts& parts, std::size_t group, std::size_t repeats_max) {
  std::size_t equal_run = 0;
  std::size_t short_run = 0;
  for (std::size_t i = 0; i + group < parts.size(); ++i) {
    if (parts[i] != parts[i + group]) {
      equal_run = short_run = 0;
      continue;
    }
    ++equal_run;
    short_run = parts[i].size() <= 1 ? short_run + 1 : 0;
    const bool all_short = short_run == equal_run;
    const std::size_t allowed = all_short ? 2 * repeats_max : repeats_max;
    if (equal_run / group + 1 > allowed) return true;
  }
  return false;
}

// Whether one part occurs far more often than a site would name a folder, anywhere in the path.
bool repeats_anywhere(const Parts& parts, std::size_t repeats_max) {
  if (parts.size() <= 2 * repeats_max) return false;
  Parts sorted = parts;
  std::ranges::sort(sorted);
  std::size_t run = 0;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    run = i > 0 && sorted[i] == sorted[i - 1] ? run + 1 : 1;
    if (run > (sorted[i].size() <= 1 ? 4 : 2) * repeats_max) return true;
  }
  return false;
}

bool path_repeats(std::string_view path, std::size_t repeats_max) {
  if (path.starts_with('/')) path.remove_prefix(1);
  if (path.ends_with('/')) path.remove_suffix(1);
  // A path of n segments can't repeat anything more than n times.
  if (static_cast<std::size_t>(std::ranges::count(path, '/')) < repeats_max) return false;
  const Parts parts = split(path, '/');
  for (std::size_t group = 1;
       group <= group_segments_max && group * (repeats_max + 1) <= parts.size(); ++group) {
    if (repeats_group(parts, group, repeats_max)) return true;
  }
  return repeats_anywhere(parts, repeats_max);
}

// "?page=2&page=2&page=2&page=2": the very same parameter over and over.
bool query_repeats(std::string_view query, std::size_t repeats_max) {
  if (query.starts_with('?')) query.remove_prefix(1);
  if (static_cast<std::size_t>(std::ranges::count(query, '&')) < repeats_max) return false;
  Parts parameters = split(query, '&');
  std::ranges::sort(parameters);
  for (std::size_t i = repeats_max; i < parameters.size(); ++i) {
    if (!parameters[i].empty() && parameters[i] == parameters[i - repeats_max]) return true;
  }
  return false;
}

}  // namespace

std::optional<std::string> trap_rule(const web::Url& url, const UrlSpec& spec, Wall now) {
  if (url.without_fragment().size() > spec.max_length) return "url_length";
  if (spec.max_segment_repeats && *spec.max_segment_repeats >= 1) {
    const auto repeats_max = static_cast<std::size_t>(*spec.max_segment_repeats);
    if (path_repeats(url.pathname(), repeats_max)) return "segment_repeats";
    if (query_repeats(url.search(), repeats_max)) return "query_repeats";
  }
  if (!spec.calendar_years) return std::nullopt;
  const std::chrono::year_month_day today{std::chrono::floor<std::chrono::days>(now)};
  if (names_far_date(url, static_cast<int>(today.year()), *spec.calendar_years)) return "calendar";
  return std::nullopt;
}

}  // namespace trawl::crawl
