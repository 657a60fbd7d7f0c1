// Units live in the values, so that a job file reads without a manual.
#include "core/base/units.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace trawl {
namespace {

struct Quantity {
  double number;
  std::string_view unit;
};

Result<Quantity> split(std::string_view text) {
  double number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || !std::isfinite(number) || number < 0)
    return fail(Errc::config, fmt::format("'{}' does not begin with a number", text));
  std::string_view unit{rest, static_cast<std::size_t>(text.data() + text.size() - rest)};
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  return Quantity{number, unit};
}

constexpr auto time_units = std::to_array<std::pair<std::string_view, std::int64_t>>(
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}});

constexpr auto size_units =
    std::to_array<std::pair<std::string_view, std::uint64_t>>({{"TiB", 1ULL << 40},
                                                               {"GiB", 1ULL << 30},
                                                               {"MiB", 1ULL << 20},
                                                               {"KiB", 1ULL << 10},
                                                               {"TB", 1'000'000'000'000ULL},
                                                               {"GB", 1'000'000'000ULL},
                                                               {"MB", 1'000'000ULL},
                                                               {"KB", 1'000ULL},
                                                               {"kB", 1'000ULL},
                                                               {"T", 1ULL << 40},
                                                               {"G", 1ULL << 30},
                                                               {"M", 1ULL << 20},
                                                               {"K", 1ULL << 10},
                                                               {"k", 1ULL << 10},
                                                               {"B", 1ULL}});

}  // namespace

Result<Millis> parse_duration(std::string_view text) {
  const auto quantity = split(text);
  if (!quantity) return std::unexpected(quantity.error());
  if (quantity->unit.empty() && quantity->number == 0) return Millis{0};
  for (const auto& [unit, factor] : time_units) {
    if (unit != quantity->unit) continue;
    const double value = quantity->number * static_cast<double>(factor);
    if (value > 3.2e12) return fail(Errc::config, fmt::format("'{}' is over 100 years", text));
    return Millis{std::llround(value)};
  }
  return fail(Errc::config, fmt::format("'{}' needs a unit: ms, s, m, h or d", text));
}

Result<std::uint64_t> parse_bytes(std::string_view text) {
  const auto quantity = split(text);
  if (!quantity) return std::unexpected(quantity.error());
  if (quantity->unit.empty() && quantity->number == 0) return std::uint64_t{0};
  for (const auto& [unit, factor] : size_units) {
    if (unit != quantity->unit) continue;
    const double value = quantity->number * static_cast<double>(factor);
    if (value > 9e18) return fail(Errc::config, fmt::format("'{}' is too large", text));
    return static_cast<std::uint64_t>(value);
  }
  return fail(Errc::config, fmt::format("'{}' needs a unit: B, KiB, MiB, GiB, KB, MB or GB", text));
}

std::string format_duration(Millis duration) {
  const std::int64_t ms = duration.count();
  if (ms == 0) return "0s";
  for (const auto& [unit, factor] : time_units)
    if (ms % factor == 0) return fmt::format("{}{}", ms / factor, unit);
  return fmt::format("{}ms", ms);
}

std::string format_bytes(std::uint64_t bytes) {
  if (bytes == 0) return "0B";
  for (const auto& [unit, factor] : size_units)
    if (unit.find('i') != std::string_view::npos && bytes % factor == 0)
      return fmt::format("{}{}", bytes / factor, unit);
  return fmt::format("{}B", bytes);
}

std::string human_bytes(std::uint64_t bytes) {
  constexpr std::array units{"B", "kB", "MB", "GB", "TB", "PB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1000 && unit + 1 < units.size()) {
    value /= 1000;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, units[unit]);
}

std::string human_duration(Millis duration) {
  const std::int64_t ms = duration.count();
  if (ms < 1000) return fmt::format("{} ms", ms);
  const std::int64_t s = ms / 1000;
  if (s < 60) return fmt::format("{:.1f} s", static_cast<double>(ms) / 1000.0);
  if (s < 3600) return fmt::format("{} m {:02} s", s / 60, s % 60);
  return fmt::format("{} h {:02} m", s / 3600, s / 60 % 60);
}

}  // namespace trawl
