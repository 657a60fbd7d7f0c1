// One scanner for all three date formats: a date is cut into words (letters), numbers and clock
// times, which are put together by their order. What the formats leave open is accepted, what they
// contradict is not.
#include "core/crawl/state/retry_after.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <string>

namespace trawl::crawl {
namespace {

constexpr Millis retry_after_max = std::chrono::hours(24 * 365 * 100);

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr bool is_space(char c) {
  return c == ' ' || c == '\t';
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
  });
}

class DateScanner {
 public:
  explicit DateScanner(std::string_view text) : rest_(trim(text)) {}

  bool at_end() const { return rest_.empty(); }
  bool at_digit() const { return !rest_.empty() && is_digit(rest_.front()); }
  bool at_alpha() const { return !rest_.empty() && is_alpha(rest_.front()); }

  bool accept(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // White space, commas and the hyphens of RFC 850: whatever may stand between two parts.
  void skip_separators() {
    while (!rest_.empty() && (is_space(rest_.front()) || rest_.front() == ',')) {
      rest_.remove_prefix(1);
    }
    if (rest_.size() > 1 && rest_.front() == '-' && (is_digit(rest_[1]) || is_alpha(rest_[1]))) {
      rest_.remove_prefix(1);
    }
  }

  void skip_spaces() {
    while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
  }

  std::string_view word() {
    const auto end = std::ranges::find_if_not(rest_, is_alpha);
    const std::string_view found(rest_.begin(), end);
    rest_.remove_prefix(found.size());
    return found;
  }

  // A number of min to max digits, not followed by another digit.
  std::optional<int> number(std::size_t digits_min, std::size_t digits_max) {
    std::size_t digits = 0;
    int value = 0;
    while (digits < rest_.size() && is_digit(rest_[digits])) {
      if (++digits > digits_max) return std::nullopt;
      value = value * 10 + (rest_[digits - 1] - '0');
    }
    if (digits < digits_min) return std::nullopt;
    last_digits_ = digits;
    rest_.remove_prefix(digits);
    return value;
  }

  std::size_t last_digits() const { return last_digits_; }

 private:
  std::string_view rest_;
  std::size_t last_digits_ = 0;
};

struct DateParts {
  int day = 0, month = 0, year = 0;
  bool two_digit_year = false;
  int hour = 0, minute = 0, second = 0;
  int zone_minutes = 0;  // east of UTC
};

std::optional<int> month_of(std::string_view word) {
  static constexpr std::array<std::string_view, 12> months = {
      "january", "february", "march",     "april",   "may",      "june",
      "july",    "august",   "september", "october", "november", "december"};
  for (std::size_t i = 0; i < months.size(); ++i) {
    if (equals_ignoring_case(word, months[i]) || equals_ignoring_case(word, months[i].substr(0, 3)))
      return static_cast<int>(i) + 1;
  }
  return std::nullopt;
}

bool is_weekday(std::string_view word) {
  static constexpr std::array<std::string_view, 7> days = {
      "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};
  return std::ranges::any_of(days, [word](std::string_view day) {
    return equals_ignoring_case(word, day) || equals_ignoring_case(word, day.substr(0, 3));
  });
}

bool scan_time(DateScanner& in, DateParts& parts) {
  const auto hour = in.number(1, 2);
  if (!hour || !in.accept(':')) return false;
  const auto minute = in.number(1, 2);
  if (!minute || !in.accept(':')) return false;
  const auto second = in.number(1, 2);
  if (!second || *hour > 23 || *minute > 59 || *second > 60) return false;
  parts.hour = *hour;
  parts.minute = *minute;
  parts.second = *second;
  return true;
}

bool scan_year(DateScanner& in, DateParts& parts) {
  const auto year = in.number(2, 4);
  if (!year || in.last_digits() == 3) return false;
  parts.year = *year;
  parts.two_digit_year = in.last_digits() == 2;
  return true;
}

// What may follow the time: nothing, a name for UTC, or an offset.
bool scan_zone(DateScanner& in, DateParts& parts) {
  in.skip_spaces();
  if (in.at_alpha()) {
    const std::string_view zone = in.word();
    return equals_ignoring_case(zone, "gmt") || equals_ignoring_case(zone, "utc") ||
           equals_ignoring_case(zone, "ut") || equals_ignoring_case(zone, "z");
  }
  const bool east = in.accept('+');
  if (!east && !in.accept('-')) return true;
  const auto offset = in.number(4, 4);
  if (!offset || *offset % 100 > 59 || *offset / 100 > 14) return false;
  parts.zone_minutes = (*offset / 100 * 60 + *offset % 100) * (east ? 1 : -1);
  return true;
}

// "06 Nov 1994 08:49:37 GMT", "06-Nov-94 08:49:37 GMT"
bool scan_day_first(DateScanner& in, DateParts& parts) {
  const auto day = in.number(1, 2);
  if (!day) return false;
  parts.day = *day;
  in.skip_separators();
  const auto month = month_of(in.word());
  if (!month) return false;
  parts.month = *month;
  in.skip_separators();
  if (!scan_year(in, parts)) return false;
  in.skip_spaces();
  return scan_time(in, parts) && scan_zone(in, parts);
}

// "Nov  6 08:49:37 1994"; the month has been read.
bool scan_asctime(DateScanner& in, DateParts& parts) {
  in.skip_spaces();
  const auto day = in.number(1, 2);
  if (!day) return false;
  parts.day = *day;
  in.skip_spaces();
  if (!scan_time(in, parts)) return false;
  in.skip_spaces();
  return scan_year(in, parts) && !parts.two_digit_year && scan_zone(in, parts);
}

bool scan_date(DateScanner& in, DateParts& parts) {
  if (in.at_alpha()) {
    std::string_view word = in.word();
    if (is_weekday(word)) {
      in.skip_separators();
      if (in.at_digit()) return scan_day_first(in, parts);
      word = in.word();
    }
    const auto month = month_of(word);
    if (!month) return false;
    parts.month = *month;
    return scan_asctime(in, parts);
  }
  return scan_day_first(in, parts);
}

}  // namespace

std::optional<Wall> parse_http_date(std::string_view text, Wall now) {
  using namespace std::chrono;
  DateScanner in(text);
  DateParts parts;
  if (!scan_date(in, parts)) return std::nullopt;
  in.skip_spaces();
  if (!in.at_end()) return std::nullopt;
  if (parts.two_digit_year) {
    const int this_year{year_month_day(floor<days>(now)).year()};
    parts.year += this_year - this_year % 100;
    if (parts.year > this_year + 50) parts.year -= 100;
  }
  const year_month_day date{year{parts.year}, month{static_cast<unsigned>(parts.month)},
                            day{static_cast<unsigned>(parts.day)}};
  if (!date.ok()) return std::nullopt;
  return sys_days{date} + hours{parts.hour} + minutes{parts.minute - parts.zone_minutes} +
         seconds{parts.second};
}

std::optional<Millis> parse_retry_after(std::string_view value, Wall now) {
  value = trim(value);
  if (!value.empty() && std::ranges::all_of(value, is_digit)) {
    std::int64_t seconds = 0;
    for (const char c : value) {
      seconds = std::min<std::int64_t>(seconds * 10 + (c - '0'), retry_after_max / Millis{1000});
    }
    return Millis{seconds * 1000};
  }
  const auto date = parse_http_date(value, now);
  if (!date) return std::nullopt;
  return std::clamp(*date - now, Millis{0}, retry_after_max);
}

std::optional<Millis> retry_after_of(const http::Headers& headers, Wall now) {
  const auto value = http::find_header(headers, "retry-after");
  if (value.empty()) return std::nullopt;
  const auto date = parse_http_date(http::find_header(headers, "date"), now);
  return parse_retry_after(value, date.value_or(now));
}

}  // namespace trawl::crawl
