// Doubling and halving finds an interval in which a page changes about every second time, whatever
// its rate, in a few fetches; and it follows when the rate changes. A page that is gone is still
// asked for, since many come back, but ever more rarely.
#include "core/crawl/pages/recrawl.hpp"

#include "core/crawl/state/retry_after.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace trawl::crawl {
namespace {

constexpr int change_factor = 2;
constexpr int gone_factor_max = 8;  // of the longest interval
constexpr int age_part_first = 10;  // RFC 9111, 4.2.2: a page of ten days may well last one
constexpr std::int64_t age_s_max = INT64_C(100) * 365 * 86'400;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// "max-age=60" and "max-age=\"60\"".
std::optional<Millis> max_age(std::string_view value) {
  if (value.size() > 1 && value.front() == '"' && value.back() == '"')
    value = value.substr(1, value.size() - 2);
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (value.empty() || end != value.data() + value.size() || seconds < 0) return std::nullopt;
  if (error == std::errc::result_out_of_range) seconds = age_s_max;
  return std::chrono::seconds{std::min(seconds, age_s_max)};
}

struct CacheControl {
  bool never = false;  // no-cache, no-store
  std::optional<Millis> max_age;
};

CacheControl cache_control(const http::Headers& headers) {
  CacheControl found;
  for (const auto& [name, value] : headers) {
    if (!http::same_name(name, "cache-control")) continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      const auto comma = rest.find(',');
      const std::string_view directive = trimmed(rest.substr(0, comma));
      rest.remove_prefix(comma == rest.npos ? rest.size() : comma + 1);
      const auto equals = directive.find('=');
      const std::string_view word = trimmed(directive.substr(0, equals));
      if (http::same_name(word, "no-cache") || http::same_name(word, "no-store"))
        found.never = true;
      if (http::same_name(word, "max-age") && equals != directive.npos)
        found.max_age = max_age(trimmed(directive.substr(equals + 1)));
    }
  }
  return found;
}

}  // namespace

std::optional<Millis> freshness_of(const http::Headers& headers, Wall now) {
  const CacheControl control = cache_control(headers);
  if (control.never) return std::nullopt;
  if (control.max_age) return control.max_age;
  const auto expires = parse_http_date(http::find_header(headers, "expires"), now);
  if (!expires) return std::nullopt;
  const Wall from = parse_http_date(http::find_header(headers, "date"), now).value_or(now);
  return std::max(Millis{0}, std::chrono::duration_cast<Millis>(*expires - from));
}

std::optional<Millis> changefreq_interval(std::string_view word) {
  using std::chrono::days;
  using std::chrono::hours;
  constexpr std::array<std::pair<std::string_view, Millis>, 7> words{{{"always", Millis{0}},
                                                                      {"hourly", hours{1}},
                                                                      {"daily", days{1}},
                                                                      {"weekly", days{7}},
                                                                      {"monthly", days{30}},
                                                                      {"yearly", days{365}},
                                                                      {"never", days{36'500}}}};
  const auto known = std::ranges::find(words, word, [](const auto& entry) { return entry.first; });
  return known == words.end() ? std::nullopt : std::optional{known->second};
}

Millis Recrawl::within(Millis interval) const {
  return interval_ ? std::clamp(interval, interval_->min, interval_->max) : Millis{0};
}

PageHistory Recrawl::after(const std::optional<PageHistory>& before, const Check& check) const {
  PageHistory page = before.value_or(PageHistory{});
  const bool first = page.fetches == 0;
  page.last_checked = check.at;
  if (check.found != Check::Found::nothing) {
    ++page.fetches;
    if (first) page.first_seen = check.at;
  }
  judge(page, check, first);
  if (!page.gone_since) page.interval = within(page.interval);
  page.next_due.reset();
  if (!interval_) return page;
  const Millis fresh = std::min(check.fresh_for.value_or(Millis{0}), interval_->max);
  page.next_due = check.at + std::max(page.interval, fresh);
  return page;
}

void Recrawl::judge(PageHistory& page, const Check& check, bool first) const {
  const Millis longest = interval_ ? interval_->max : Millis{0};
  switch (check.found) {
    case Check::Found::page:
      page.unchanged_in_a_row = 0;
      page.last_changed = check.at;
      if (!first) ++page.changes;
      if (first)
        page.interval = check.modified && *check.modified < check.at
                            ? (check.at - *check.modified) / age_part_first
                            : check.changes_every.value_or(Millis{0});
      else
        page.interval = page.gone_since ? Millis{0} : page.interval / change_factor;
      page.gone_since.reset();
      break;
    case Check::Found::unchanged:
      ++page.unchanged_in_a_row;
      page.interval = within(page.interval) * change_factor;
      break;
    case Check::Found::gone:
      if (!page.gone_since) {
        page.gone_since = page.last_changed = check.at;
        page.unchanged_in_a_row = 0;
        ++page.changes;
        page.interval = longest;
      } else {
        ++page.unchanged_in_a_row;
      }
      page.interval = std::min(page.interval * change_factor, longest * gone_factor_max);
      break;
    case Check::Found::nothing:
      break;
  }
}

}  // namespace trawl::crawl
