// Days are walked one by one, and of the days that match only the minutes around the time that is
// asked for; so a look-up costs a few microseconds, and a rare day some milliseconds.
#include "core/base/schedule.hpp"

#include "core/base/units.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trawl {
namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::minutes;

constexpr Millis interval_min{1000};
constexpr Millis interval_max{std::chrono::days{366}};
constexpr int days_ahead_max = 366 * 45;  // a 29 February that "*/2" days of the week allow
constexpr std::int64_t year_max = 9000;
constexpr minutes clock_change_max{180};  // further back than clocks are set

constexpr std::string_view zone_mark = "CRON_TZ=";

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

Result<Schedule> Schedule::parse(std::string_view text, const std::string& zone) {
  Schedule schedule;
  text = trimmed(text);
  if (text == "off") return schedule;
  constexpr std::string_view every = "every ";
  if (text.starts_with(every)) {
    const auto interval = parse_duration(trimmed(text.substr(every.size())));
    if (!interval) return std::unexpected(interval.error());
    if (*interval < interval_min || *interval > interval_max)
      return fail(Errc::config, "is no interval from 1s to 366d");
    schedule.when_ = *interval;
    return schedule;
  }
  std::string zone_name = zone;
  if (text.starts_with(zone_mark)) {
    text.remove_prefix(zone_mark.size());
    const auto end = std::min(text.find_first_of(" \t"), text.size());
    zone_name = text.substr(0, end);
    text = trimmed(text.substr(end));
  }
  auto found = TimeZone::find(zone_name);
  if (!found) return std::unexpected(found.error());
  auto cron = Cron::parse(text);
  if (!cron) return std::unexpected(cron.error());
  schedule.when_ = Timed{*cron, std::move(*found)};
  return schedule;
}

std::optional<Wall> Schedule::next(Wall after) const {
  if (after.time_since_epoch() > std::chrono::years{year_max - 1970}) return std::nullopt;
  if (const auto* interval = std::get_if<Millis>(&when_)) return after + *interval;
  if (const auto* timed = std::get_if<Timed>(&when_)) return next_of(*timed, after);
  return std::nullopt;
}

std::optional<Wall> Schedule::next_of(const Timed& timed, Wall after) {
  const auto now = std::chrono::floor<minutes>(timed.zone.local(after));
  const LocalMinutes from = now - clock_change_max;
  const local_days start = std::chrono::floor<days>(from);
  std::optional<Wall> best;
  std::optional<LocalMinutes> best_local;
  const auto consider = [&](Wall time, LocalMinutes local) {
    if (time <= after || (best && *best <= time)) return;
    best = time;
    if (!best_local) best_local = local;
  };
  for (int day = 0; day < days_ahead_max; ++day) {
    const local_days date = start + days{day};
    if (best_local && date - *best_local > clock_change_max) break;
    if (!timed.cron.matches_day(std::chrono::year_month_day{date})) continue;
    for (int minute = 0; minute < 24 * 60; ++minute) {
      const LocalMinutes local = date + minutes{minute};
      if (local < from || !timed.cron.matches_minute(minute / 60, minute % 60)) continue;
      if (best_local && local - *best_local > clock_change_max) break;
      const auto instants = timed.zone.instants(local);
      if (instants.skipped && timed.cron.every_hour()) continue;
      consider(instants.first, local);
      if (instants.second && timed.cron.every_hour()) consider(*instants.second, local);
    }
  }
  return best;
}

}  // namespace trawl
