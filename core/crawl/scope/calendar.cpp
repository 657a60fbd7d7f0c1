// Four digits are a year only where the URL says that it speaks of dates: in the spelling
// (2031-05), in a parameter's name (year=2031), or behind a folder of that name (/events/2031/05/).
// So an article's number stays one.
#include "core/crawl/scope/calendar.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace trawl::crawl {
namespace {

constexpr int oldest_year = 1900;

constexpr auto calendar_words = std::to_array<std::string_view>(
    {"agenda", "cal", "calendar", "calendars", "calender", "event", "events", "kalender"});
constexpr auto date_words = std::to_array<std::string_view>(
    {"archive", "archives", "by-date", "date", "day", "month", "schedule", "week", "year"});
constexpr auto date_keys =
    std::to_array<std::string_view>({"cal", "caldate", "date", "datum", "day", "eventdate", "month",
                                     "startdate", "view_date", "week", "year", "yr"});
// Lists count by these, too: start=250010 is a page.
constexpr auto range_keys = std::to_array<std::string_view>({"end", "from", "start", "to"});
constexpr auto year_keys = std::to_array<std::string_view>({"cal_year", "jahr", "year", "yr"});
// Of a tile, y is a row; beside a month it is a year.
constexpr auto short_year_keys = std::to_array<std::string_view>({"y"});
constexpr auto month_keys = std::to_array<std::string_view>({"m", "mo", "month"});

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_one_of(std::string_view text, const auto& words) {
  if (text.size() > 16) return false;
  std::string lower{text};
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return std::ranges::find(words, lower) != words.end();
}

std::optional<int> number(std::string_view text) {
  if (text.empty() || text.size() > 9 || !std::ranges::all_of(text, is_digit)) return std::nullopt;
  int value = 0;
  for (const char c : text) value = value * 10 + (c - '0');
  return value;
}

bool is_month(std::optional<int> value) {
  return value && *value >= 1 && *value <= 12;
}

struct Date {
  int year = 0;
  bool to_the_day = false;  // and written with dashes, as nothing but a date is
  bool is_number = false;   // of six digits, as others are that are no date
};

// "2031-05", "2031-05-06", "2031-05-06T10:00", "203105", "20310506".
std::optional<Date> date_in(std::string_view text) {
  if (text.size() < 6) return std::nullopt;
  const bool dashed = text[4] == '-';
  const auto year = number(text.substr(0, 4));
  const std::string_view month = text.substr(dashed ? 5 : 4, 2);
  if (!year || month.size() != 2 || !is_month(number(month))) return std::nullopt;
  const std::string_view rest = text.substr(dashed ? 7 : 6);
  if (rest.empty()) return Date{.year = *year, .is_number = !dashed};
  const auto day = number(rest.substr(dashed ? 1 : 0, 2));
  if (!day || *day < 1 || *day > 31 || (dashed && rest[0] != '-')) return std::nullopt;
  if (!dashed && rest.size() != 2) return std::nullopt;
  return Date{.year = *year,
              .to_the_day = dashed && (rest.size() <= 3 || rest[3] == 'T' || rest[3] == '%')};
}

struct Years {
  int this_year;
  int years_max;

  bool far_ahead(int year) const { return year > this_year + years_max; }
  bool far(int year, bool on_calendar) const {
    return far_ahead(year) || (on_calendar && year < oldest_year);
  }
};

bool in_path(std::string_view path, const Years& years) {
  bool on_calendar = false;
  bool about_dates = false;
  while (!path.empty()) {
    const auto end = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (segment.empty()) continue;
    const auto date = date_in(segment);
    if (date && (date->to_the_day || on_calendar || about_dates) &&
        years.far(date->year, on_calendar))
      return true;
    const auto year = segment.size() == 4 ? number(segment) : std::nullopt;
    if (year && (on_calendar || about_dates) && years.far(*year, on_calendar)) return true;
    on_calendar = on_calendar || is_one_of(segment, calendar_words);
    about_dates = about_dates || is_one_of(segment, date_words);
  }
  return false;
}

// Each parameter that has a value: key, value. Until visit() says true.
bool any_parameter(std::string_view query, const auto& visit) {
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const std::string_view parameter = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const auto equals = parameter.find('=');
    if (equals != std::string_view::npos &&
        visit(parameter.substr(0, equals), parameter.substr(equals + 1)))
      return true;
  }
  return false;
}

bool in_query(std::string_view query, const Years& years) {
  const auto has_month = [query] {
    return any_parameter(query, [](auto key, auto value) {
      return is_one_of(key, month_keys) && is_month(number(value));
    });
  };
  return any_parameter(query, [&](std::string_view key, std::string_view value) {
    const bool in_range = is_one_of(key, range_keys);
    if (in_range || is_one_of(key, date_keys))
      if (const auto date = date_in(value); date && !(in_range && date->is_number))
        if (years.far(date->year, false)) return true;
    const auto year = value.size() == 4 ? number(value) : std::nullopt;
    if (!year || !years.far(*year, false)) return false;
    return is_one_of(key, year_keys) || (is_one_of(key, short_year_keys) && has_month());
  });
}

}  // namespace

bool names_far_date(const web::Url& url, int this_year, int years_max) {
  const Years years{this_year, years_max};
  if (in_path(url.pathname(), years)) return true;
  const std::string_view query = url.search();
  return !query.empty() && in_query(query.substr(1), years);
}

}  // namespace trawl::crawl
