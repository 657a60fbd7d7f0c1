#pragma once
// Cron expressions as crontab(5) has them: which minutes of which days. Pure; docs/schedules.md has
// the grammar.

#include "core/base/result.hpp"

#include <bitset>
#include <chrono>
#include <string_view>

namespace trawl {

class Cron {
 public:
  // Five fields, "minute hour day-of-month month day-of-week", or @hourly, @daily, @midnight,
  // @weekly, @monthly, @yearly, @annually. Errors: Errc::config, also for what never comes
  // ("0 0 30 2 *").
  static Result<Cron> parse(std::string_view text);

  bool matches_day(std::chrono::year_month_day day) const;
  bool matches_minute(int hour, int minute) const { return hours_[hour] && minutes_[minute]; }
  // Its hour field begins with "*": where clocks are set back, both of the equal hours are meant.
  bool every_hour() const { return every_hour_; }

  bool operator==(const Cron&) const = default;

 private:
  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;
  std::bitset<13> months_;
  std::bitset<7> weekdays_;  // 0: Sunday
  bool any_day_ = false;     // the field begins with "*": a day must match both fields
  bool any_weekday_ = false;
  bool every_hour_ = false;
};

}  // namespace trawl
