// Dates of other people: each field is bounded before it is used, and the calendar says whether the
// day exists. Years of four digits at most, so that no time overflows.
#include "core/web/timestamp.hpp"

#include "core/web/ascii.hpp"

#include <array>
#include <chrono>
#include <utility>

namespace trawl::web {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class Fields {
 public:
  explicit Fields(std::string_view text) : rest_(ascii::trim(text)) {}

  bool at_end() const { return rest_.empty(); }
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  bool take(char c) {
    const bool there = ascii::lower(peek()) == c && c != '\0';
    if (there) rest_.remove_prefix(1);
    return there;
  }
  void skip_spaces() { rest_ = ascii::trim(rest_); }
  // A number of min to max digits; absent without it.
  std::optional<int> number(std::size_t min, std::size_t max) {
    std::size_t digits = 0;
    int value = 0;
    while (digits < max && digits < rest_.size() && ascii::is_digit(rest_[digits]))
      value = value * 10 + (rest_[digits++] - '0');
    if (digits < min) return std::nullopt;
    rest_.remove_prefix(digits);
    return value;
  }
  // "(UTC)", when it is all that is left.
  void skip_last_comment() {
    if (rest_.starts_with('(') && rest_.ends_with(')')) rest_ = {};
  }
  std::string_view word() {
    std::size_t length = 0;
    while (length < rest_.size() && ascii::is_alpha(rest_[length])) ++length;
    const std::string_view word = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return word;
  }

 private:
  std::string_view rest_;
};

std::optional<Wall> day_of(int year, int month, int day) {
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt;
  return Wall{std::chrono::sys_days{date}.time_since_epoch()};
}

// "16:20", "16:20:30", "16:20:30.25"; a leap second is the next minute's first.
std::optional<Millis> time_of_day(Fields& fields) {
  const auto hour = fields.number(1, 2);
  if (!hour || *hour > 23 || !fields.take(':')) return std::nullopt;
  const auto minute = fields.number(2, 2);
  if (!minute || *minute > 59) return std::nullopt;
  Millis time = std::chrono::hours{*hour} + minutes{*minute};
  if (!fields.take(':')) return time;
  const auto second = fields.number(2, 2);
  if (!second || *second > 60) return std::nullopt;
  time += seconds{*second};
  if (!fields.take('.') && !fields.take(',')) return time;
  int scale = 100;
  for (; ascii::is_digit(fields.peek()); scale /= 10) time += Millis{*fields.number(1, 1) * scale};
  return time;
}

// "+02:00", "-0730", "+02"; the sign has been seen, not taken.
std::optional<minutes> offset(Fields& fields) {
  const int sign = fields.take('-') ? -1 : (fields.take('+'), 1);
  const auto hour = fields.number(2, 2);
  if (!hour || *hour > 23) return std::nullopt;
  fields.take(':');
  const int minute = fields.number(2, 2).value_or(0);
  if (minute > 59) return std::nullopt;
  return sign * minutes{*hour * 60 + minute};
}

bool at_sign(const Fields& fields) {
  return fields.peek() == '+' || fields.peek() == '-';
}

std::optional<int> month_of(std::string_view name) {
  constexpr auto names = std::to_array<std::string_view>(
      {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"});
  for (std::size_t i = 0; i < names.size(); ++i)
    if (ascii::equals(name.substr(0, 3), names[i])) return static_cast<int>(i) + 1;
  return std::nullopt;
}

minutes named_zone(std::string_view name) {
  constexpr auto zones = std::to_array<std::pair<std::string_view, int>>({{"est", -5},
                                                                          {"edt", -4},
                                                                          {"cst", -6},
                                                                          {"cdt", -5},
                                                                          {"mst", -7},
                                                                          {"mdt", -6},
                                                                          {"pst", -8},
                                                                          {"pdt", -7}});
  for (const auto& [zone, hours] : zones)
    if (ascii::equals(name, zone)) return std::chrono::hours{hours};
  return minutes{0};
}

// Of fewer than four digits as RFC 2822, section 4.3, has it.
std::optional<int> mail_year(Fields& fields) {
  if (const auto whole = fields.number(4, 4)) return whole;
  if (const auto three = fields.number(3, 3)) return *three + 1900;
  const auto two = fields.number(2, 2);
  return two ? std::optional{*two + (*two < 50 ? 2000 : 1900)} : std::nullopt;
}

}  // namespace

std::optional<Wall> parse_w3c_datetime(std::string_view text) {
  Fields fields{text};
  const auto year = fields.number(4, 4);
  if (!year) return std::nullopt;
  if (fields.at_end()) return day_of(*year, 1, 1);
  const auto month = fields.take('-') ? fields.number(2, 2) : std::nullopt;
  if (!month) return std::nullopt;
  if (fields.at_end()) return day_of(*year, *month, 1);
  const auto day = fields.take('-') ? fields.number(2, 2) : std::nullopt;
  if (!day) return std::nullopt;
  auto when = day_of(*year, *month, *day);
  if (!when || fields.at_end()) return when;
  if (!fields.take('t') && !fields.take(' ')) return std::nullopt;
  fields.skip_spaces();
  const auto time = time_of_day(fields);
  if (!time) return std::nullopt;
  *when += *time;
  fields.skip_spaces();
  if (at_sign(fields)) {
    const auto zone = offset(fields);
    if (!zone) return std::nullopt;
    *when -= *zone;
  } else {
    fields.take('z');
  }
  return fields.at_end() ? when : std::nullopt;
}

std::optional<Wall> parse_rfc822_date(std::string_view text) {
  Fields fields{text};
  if (!fields.word().empty()) fields.take(',');
  fields.skip_spaces();
  const auto day = fields.number(1, 2);
  fields.skip_spaces();
  const auto month = month_of(fields.word());
  fields.skip_spaces();
  const auto year = mail_year(fields);
  fields.skip_spaces();
  if (!day || !month || !year) return std::nullopt;
  auto when = day_of(*year, *month, *day);
  if (!when || fields.at_end()) return when;
  const auto time = time_of_day(fields);
  if (!time) return std::nullopt;
  fields.skip_spaces();
  const auto zone = at_sign(fields) ? offset(fields) : std::optional{named_zone(fields.word())};
  fields.skip_spaces();
  fields.skip_last_comment();
  if (!zone || !fields.at_end()) return std::nullopt;
  return *when + *time - *zone;
}

}  // namespace trawl::web
