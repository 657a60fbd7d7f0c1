#pragma once
// Schedule: when a job runs again. Pure: times in, times out; docs/schedules.md has the rules.

#include "core/base/clock.hpp"
#include "core/base/cron.hpp"
#include "core/base/result.hpp"
#include "core/base/time_zone.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace trawl {

class Schedule {
 public:
  // Never.
  Schedule() = default;

  // "off"; "every 6h"; a cron expression, with "CRON_TZ=Europe/Berlin " before it or in the zone
  // that is given. Errors: Errc::config, a clause about the text.
  static Result<Schedule> parse(std::string_view text, const std::string& zone = "UTC");

  bool is_off() const { return std::holds_alternative<std::monostate>(when_); }
  // Of "every 6h".
  std::optional<Millis> interval() const {
    const auto* interval = std::get_if<Millis>(&when_);
    return interval != nullptr ? std::optional{*interval} : std::nullopt;
  }

  // The first time after `after`; for "every" one interval after it. Nothing when it is off, or
  // none comes within a few decades.
  // A local time that clocks skip comes at the moment of the skip, one that they show twice comes
  // once; with every hour meant ("*/15 * * * *"), clocks don't matter.
  std::optional<Wall> next(Wall after) const;

 private:
  struct Timed {
    Cron cron;
    TimeZone zone;
  };
  static std::optional<Wall> next_of(const Timed& timed, Wall after);

  std::variant<std::monostate, Millis, Timed> when_;
};

}  // namespace trawl
