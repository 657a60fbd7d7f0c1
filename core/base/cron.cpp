// Vixie's cron is the grammar that people know, its odd rule about days included: when both day
// fields are given, a day needs to match only one of them.
#include "core/base/cron.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace trawl {
namespace {

constexpr std::size_t text_bytes_max = 512;
constexpr int leap_cycle_years = 8;  // 29 February may be so far away

using Names = std::span<const std::string_view>;

constexpr auto month_names = std::to_array<std::string_view>(
    {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"});
constexpr auto weekday_names =
    std::to_array<std::string_view>({"sun", "mon", "tue", "wed", "thu", "fri", "sat"});

struct Field {
  std::string_view name;
  int min;
  int max;
  Names names;  // the first one is min
};

constexpr auto fields = std::to_array<Field>({{"minute", 0, 59, {}},
                                              {"hour", 0, 23, {}},
                                              {"day of month", 1, 31, {}},
                                              {"month", 1, 12, month_names},
                                              {"day of week", 0, 7, weekday_names}});

constexpr auto words = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"@hourly", "0 * * * *"},
    {"@daily", "0 0 * * *"},
    {"@midnight", "0 0 * * *"},
    {"@weekly", "0 0 * * 0"},
    {"@monthly", "0 0 1 * *"},
    {"@yearly", "0 0 1 1 *"},
    {"@annually", "0 0 1 1 *"},
});

bool equal_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

std::optional<int> number_of(std::string_view text) {
  int value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || rest != text.data() + text.size() || text.front() == '-')
    return std::nullopt;
  return value;
}

std::optional<int> value_of(std::string_view text, const Field& field) {
  if (text.empty()) return std::nullopt;
  for (std::size_t i = 0; i < field.names.size(); ++i)
    if (equal_ignoring_case(text, field.names[i])) return field.min + static_cast<int>(i);
  const auto value = number_of(text);
  if (!value || *value < field.min || *value > field.max) return std::nullopt;
  return value;
}

struct Range {
  int first;
  int last;
  int step;
};

// "*", "5", "1-5", "*/10", "1-30/2"; "5/10" is "5-max/10".
std::optional<Range> range_of(std::string_view part, const Field& field) {
  const auto slash = part.find('/');
  Range range{field.min, field.max, 1};
  if (slash != part.npos) {
    const auto step_text = part.substr(slash + 1);
    const auto step = step_text.empty() ? std::nullopt : number_of(step_text);
    if (!step || *step < 1 || *step > field.max) return std::nullopt;
    range.step = *step;
    part = part.substr(0, slash);
  }
  if (part == "*") return range;
  const auto dash = part.find('-');
  const auto first = value_of(part.substr(0, dash), field);
  if (!first) return std::nullopt;
  range.first = *first;
  if (dash == part.npos) {
    if (slash == part.npos) range.last = *first;
    return range;
  }
  const auto last = value_of(part.substr(dash + 1), field);
  if (!last || *last < *first) return std::nullopt;
  range.last = *last;
  return range;
}

std::optional<std::bitset<64>> bits_of(std::string_view text, const Field& field) {
  std::bitset<64> bits;
  for (;;) {
    const auto comma = text.find(',');
    const auto range = range_of(text.substr(0, comma), field);
    if (!range) return std::nullopt;
    for (int value = range->first; value <= range->last; value += range->step)
      bits.set(static_cast<std::size_t>(value));
    if (comma == text.npos) return bits;
    text.remove_prefix(comma + 1);
  }
}

std::string_view next_word(std::string_view& text) {
  constexpr std::string_view blanks = " \t";
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  const auto word = text.substr(0, text.find_first_of(blanks));
  text.remove_prefix(word.size());
  return word;
}

template <std::size_t N>
std::bitset<N> low(const std::bitset<64>& bits) {
  std::bitset<N> part;
  for (std::size_t i = 0; i < N; ++i) part[i] = bits[i];
  return part;
}

}  // namespace

Result<Cron> Cron::parse(std::string_view text) {
  if (text.size() > text_bytes_max) return fail(Errc::config, "is too long for a cron expression");
  for (const auto& [word, expression] : words)
    if (equal_ignoring_case(text, word)) text = expression;
  std::array<std::string_view, 5> parts;
  std::array<std::bitset<64>, 5> bits;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    parts[i] = next_word(text);
    const auto& field = fields[i];
    if (parts[i].empty())
      return fail(Errc::config,
                  fmt::format("has {} of the 5 fields of a cron expression (minute, hour, day of "
                              "month, month, day of week)",
                              i));
    const auto set = bits_of(parts[i], field);
    if (!set)
      return fail(Errc::config, fmt::format("\"{}\" is no {} from {} to {}", parts[i].substr(0, 40),
                                            field.name, field.min, field.max));
    bits[i] = *set;
  }
  if (!next_word(text).empty())
    return fail(Errc::config, "has more than the 5 fields of a cron expression");
  Cron cron;
  cron.minutes_ = low<60>(bits[0]);
  cron.hours_ = low<24>(bits[1]);
  cron.days_ = low<32>(bits[2]);
  cron.months_ = low<13>(bits[3]);
  cron.weekdays_ = low<7>(bits[4]);
  if (bits[4][7]) cron.weekdays_.set(0);
  cron.every_hour_ = parts[1].front() == '*';
  cron.any_day_ = parts[2].front() == '*';
  cron.any_weekday_ = parts[4].front() == '*';
  const std::chrono::sys_days start{std::chrono::January / 1 / 2024};
  for (int day = 0; day < leap_cycle_years * 366; ++day)
    if (cron.matches_day(std::chrono::year_month_day{start + std::chrono::days{day}})) return cron;
  return fail(Errc::config, "names a day that never comes");
}

bool Cron::matches_day(std::chrono::year_month_day day) const {
  if (!months_[static_cast<unsigned>(day.month())]) return false;
  const bool by_day = days_[static_cast<unsigned>(day.day())];
  const std::chrono::weekday weekday{std::chrono::sys_days{day}};
  const bool by_weekday = weekdays_[weekday.c_encoding()];
  return any_day_ || any_weekday_ ? by_day && by_weekday : by_day || by_weekday;
}

}  // namespace trawl
