// A text names a span of time, as long as the smallest unit that it has.
#include "service/text/time_text.hpp"

#include "core/base/units.hpp"
#include "core/web/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>

namespace trawl::service {
namespace {

using std::chrono::days;
using std::chrono::minutes;
using std::chrono::seconds;

struct Span {
  Wall first;
  Millis length{1};
};

// Reads digits and fixed characters from the front of a text.
class TimeText {
 public:
  explicit TimeText(std::string_view text) : rest_(text) {}

  // Exactly `digits` digits.
  std::optional<int> number(std::size_t digits) {
    if (rest_.size() < digits) return std::nullopt;
    int value = 0;
    for (const char c : rest_.substr(0, digits)) {
      if (!web::ascii::is_digit(c)) return std::nullopt;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(digits);
    return value;
  }
  // One of these characters.
  bool take(std::string_view any_of) {
    if (rest_.empty() || !any_of.contains(rest_.front())) return false;
    taken_ = rest_.front();
    rest_.remove_prefix(1);
    return true;
  }
  char taken() const { return taken_; }
  bool at_end() const { return rest_.empty(); }

  // The digits after a decimal point, in milliseconds; further ones are dropped.
  std::optional<int> fraction_ms() {
    int value = 0, scale = 100, digits = 0;
    for (; !rest_.empty() && web::ascii::is_digit(rest_.front()); ++digits) {
      value += (rest_.front() - '0') * scale;
      scale /= 10;
      rest_.remove_prefix(1);
    }
    return digits > 0 ? std::optional{value} : std::nullopt;
  }

 private:
  std::string_view rest_;
  char taken_ = '\0';
};

// separator: between the numbers; none for digits alone.
std::optional<Wall> read_day(TimeText& text, std::string_view separator) {
  const auto separated = [&] { return separator.empty() || text.take(separator); };
  const auto year = text.number(4);
  const bool dash_1 = separated();
  const auto month = text.number(2);
  const bool dash_2 = separated();
  const auto day = text.number(2);
  if (!year || !dash_1 || !month || !dash_2 || !day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  return Wall{std::chrono::sys_days{date}};
}

// "23:59", as a time of day or as an offset.
std::optional<minutes> read_clock(TimeText& text, std::string_view separator = ":") {
  const auto hours = text.number(2);
  const bool colon = separator.empty() || text.take(separator);
  const auto rest = text.number(2);
  if (!hours || !colon || !rest || *hours > 23 || *rest > 59) return std::nullopt;
  return std::chrono::hours{*hours} + minutes{*rest};
}

std::optional<seconds> read_seconds(TimeText& text) {
  const auto number = text.number(2);
  if (!number || *number > 60) return std::nullopt;  // 60: a leap second
  return seconds{*number};
}

// RFC 3339, section 5.6, whose seconds and offset may be missing.
std::optional<Span> read_rfc3339(std::string_view written) {
  TimeText text{written};
  const auto day = read_day(text, "-");
  if (!day) return std::nullopt;
  if (text.at_end()) return Span{*day, days{1}};
  if (!text.take("Tt ")) return std::nullopt;
  const auto clock = read_clock(text);
  if (!clock) return std::nullopt;
  Span span{*day + *clock, minutes{1}};
  if (text.take(":")) {
    const auto second = read_seconds(text);
    if (!second) return std::nullopt;
    span = {span.first + *second, seconds{1}};
    if (text.take(".")) {
      const auto fraction = text.fraction_ms();
      if (!fraction) return std::nullopt;
      span = {span.first + Millis{*fraction}, Millis{1}};
    }
  }
  if (text.take("+-")) {
    const bool ahead = text.taken() == '+';
    const auto offset = read_clock(text);
    if (!offset) return std::nullopt;
    span.first += ahead ? -*offset : *offset;
  } else if (!text.take("Zz") && !text.at_end()) {
    return std::nullopt;
  }
  if (!text.at_end()) return std::nullopt;
  return span;
}

// "20260131235959", as in CDX files and in the URLs of web archives.
std::optional<Span> read_digits(std::string_view written) {
  TimeText text{written};
  const auto day = read_day(text, "");
  const auto clock = day ? read_clock(text, "") : std::nullopt;
  const auto second = clock ? read_seconds(text) : std::nullopt;
  if (!second || !text.at_end()) return std::nullopt;
  return Span{*day + *clock + *second, seconds{1}};
}

Result<Span> read_span(std::string_view text, Wall now) {
  if (const auto span = read_rfc3339(text)) return *span;
  if (const auto span = read_digits(text)) return *span;
  if (const auto duration = parse_duration(text)) return Span{now - *duration};
  return fail(Errc::usage, fmt::format("\"{}\" is no time; write 2026-01-31T23:59:59Z, 2026-01-31, "
                                       "or how long ago: 30m, 2h, 7d",
                                       text));
}

}  // namespace

Result<Wall> read_since(std::string_view text, Wall now) {
  const auto span = read_span(text, now);
  if (!span) return std::unexpected(span.error());
  return span->first;
}

Result<Wall> read_until(std::string_view text, Wall now) {
  const auto span = read_span(text, now);
  if (!span) return std::unexpected(span.error());
  return span->first + span->length - Millis{1};
}

}  // namespace trawl::service
