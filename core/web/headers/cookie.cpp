// Servers write cookies in every way that some browser has ever taken, so the standard's algorithm
// is followed step by step, for dates too: it reads what no date format describes.
#include "core/web/headers/cookie.hpp"

#include "core/base/limits.hpp"
#include "core/web/ascii.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace trawl::web {
namespace {

constexpr std::chrono::days lifetime_max{400};  // RFC 6265bis, 5.5

constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7F;
  });
}

// Takes the text up to the next separator, and the separator.
std::string_view take_until(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

// RFC 6265bis, 5.6.2; absent when it is no number of seconds.
std::optional<Wall> expiry_of_max_age(std::string_view value, Wall now) {
  const bool negative = value.starts_with('-');
  if (negative) value.remove_prefix(1);
  if (value.empty() || !std::ranges::all_of(value, ascii::is_digit)) return std::nullopt;
  std::int64_t seconds = 0;
  constexpr std::int64_t seconds_max = std::chrono::seconds{lifetime_max}.count();
  for (const char c : value) seconds = std::min(seconds * 10 + (c - '0'), seconds_max);
  return negative || seconds == 0 ? Wall::min() : now + std::chrono::seconds{seconds};
}

struct Lifetime {
  std::optional<Wall> max_age, expires;
};

void read_attribute(std::string_view name, std::string_view value, SetCookie& cookie,
                    Lifetime& lifetime, Wall now) {
  if (value.size() > limits::cookie_attribute_bytes_max) return;
  if (ascii::equals(name, "expires")) {
    if (const auto date = parse_cookie_date(value))
      lifetime.expires = std::min(*date, now + lifetime_max);
  } else if (ascii::equals(name, "max-age")) {
    if (const auto expiry = expiry_of_max_age(value, now)) lifetime.max_age = expiry;
  } else if (ascii::equals(name, "domain")) {
    if (value.starts_with('.')) value.remove_prefix(1);
    cookie.domain = ascii::lowered(value);
  } else if (ascii::equals(name, "path")) {
    cookie.path = value.starts_with('/') ? value : std::string_view{};
  } else if (ascii::equals(name, "secure")) {
    cookie.secure = true;
  } else if (ascii::equals(name, "httponly")) {
    cookie.http_only = true;
  }
}

// RFC 6265bis, 5.1.1: what separates the tokens of a date.
bool is_date_delimiter(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == 0x09 || (byte >= 0x20 && byte <= 0x2F) || (byte >= 0x3B && byte <= 0x40) ||
         (byte >= 0x5B && byte <= 0x60) || (byte >= 0x7B && byte <= 0x7E);
}

// The number of digits_min to digits_max digits that a token begins with; no other digit may
// follow.
std::optional<int> leading_number(std::string_view token, std::size_t digits_min,
                                  std::size_t digits_max) {
  std::size_t digits = 0;
  int value = 0;
  for (; digits < token.size() && ascii::is_digit(token[digits]); ++digits) {
    if (digits == digits_max) return std::nullopt;
    value = value * 10 + (token[digits] - '0');
  }
  return digits >= digits_min ? std::optional{value} : std::nullopt;
}

struct TimeOfDay {
  int hour = 0, minute = 0, second = 0;
};

std::optional<TimeOfDay> time_of(std::string_view token) {
  const auto field = [&token](char end) -> std::optional<int> {
    const auto value = leading_number(token, 1, 2);
    token.remove_prefix(std::min(token.find_first_not_of("0123456789"), token.size()));
    if (!value || (end != '\0' && !token.starts_with(end))) return std::nullopt;
    if (end != '\0') token.remove_prefix(1);
    return value;
  };
  const auto hour = field(':');
  const auto minute = hour ? field(':') : std::nullopt;
  const auto second = minute ? field('\0') : std::nullopt;
  if (!second) return std::nullopt;
  return TimeOfDay{*hour, *minute, *second};
}

std::optional<unsigned> month_of(std::string_view token) {
  constexpr auto months = std::to_array<std::string_view>(
      {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"});
  for (std::size_t i = 0; i < months.size(); ++i)
    if (ascii::starts_with(token, months[i])) return static_cast<unsigned>(i + 1);
  return std::nullopt;
}

}  // namespace

std::optional<Wall> parse_cookie_date(std::string_view text) {
  using namespace std::chrono;
  std::optional<TimeOfDay> time;
  std::optional<int> day_of_month, year_number;
  std::optional<unsigned> month_number;
  while (!text.empty()) {
    const auto* const end = std::ranges::find_if(text, is_date_delimiter);
    const std::string_view token{text.begin(), end};
    text.remove_prefix(std::min(token.size() + 1, text.size()));
    if (token.empty()) continue;
    // The first token of each kind counts; each is asked for in this order.
    if (!time && (time = time_of(token))) continue;
    if (!day_of_month && (day_of_month = leading_number(token, 1, 2))) continue;
    if (!month_number && (month_number = month_of(token))) continue;
    if (!year_number) year_number = leading_number(token, 2, 4);
  }
  if (!time || !day_of_month || !month_number || !year_number) return std::nullopt;
  if (*year_number >= 70 && *year_number <= 99) *year_number += 1900;
  if (*year_number < 70) *year_number += 2000;
  const year_month_day date{year{*year_number}, month{*month_number},
                            day{static_cast<unsigned>(*day_of_month)}};
  if (*year_number < 1601 || !date.ok() || time->hour > 23 || time->minute > 59 ||
      time->second > 59)
    return std::nullopt;
  return sys_days{date} + hours{time->hour} + minutes{time->minute} + seconds{time->second};
}

std::optional<SetCookie> parse_set_cookie(std::string_view line, Wall now) {
  if (has_control(line)) return std::nullopt;
  std::string_view rest = line;
  std::string_view pair = take_until(rest, ';');
  if (!pair.contains('=')) return std::nullopt;
  SetCookie cookie;
  cookie.name = trim_blanks(take_until(pair, '='));
  cookie.value = trim_blanks(pair);
  if (cookie.name.empty() || cookie.name.size() + cookie.value.size() > limits::cookie_bytes_max)
    return std::nullopt;
  Lifetime lifetime;
  while (!rest.empty()) {
    std::string_view attribute = take_until(rest, ';');
    const std::string_view name = trim_blanks(take_until(attribute, '='));
    read_attribute(name, trim_blanks(attribute), cookie, lifetime, now);
  }
  cookie.expires = lifetime.max_age ? lifetime.max_age : lifetime.expires;
  return cookie;
}

}  // namespace trawl::web
