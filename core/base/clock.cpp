// libstdc++ 12 has no std::format for chrono; fmt's chrono formatting reads the locale, so the
// civil date is taken apart by hand.
#include "core/base/clock.hpp"

#include <fmt/format.h>

namespace trawl {
namespace {

class SystemClock final : public Clock {
 public:
  Mono now() const override { return std::chrono::steady_clock::now(); }
  Wall wall() const override {
    return std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now());
  }
};

struct Civil {
  int year;
  unsigned month, day;
  std::chrono::hh_mm_ss<Millis> time;
};

Civil civil(Wall time) {
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{days};
  return {int(date.year()), unsigned(date.month()), unsigned(date.day()),
          std::chrono::hh_mm_ss<Millis>{time - days}};
}

}  // namespace

Clock& system_clock() {
  static SystemClock clock;
  return clock;
}

std::string format_rfc3339(Wall time) {
  const Civil c = civil(time);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", c.year, c.month, c.day,
                     c.time.hours().count(), c.time.minutes().count(), c.time.seconds().count(),
                     c.time.subseconds().count());
}

std::string format_seconds(Wall time) {
  const Civil c = civil(time);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", c.year, c.month, c.day,
                     c.time.hours().count(), c.time.minutes().count(), c.time.seconds().count());
}

std::string format_compact(Wall time) {
  const Civil c = civil(time);
  return fmt::format("{:04}{:02}{:02}{:02}{:02}{:02}", c.year, c.month, c.day,
                     c.time.hours().count(), c.time.minutes().count(), c.time.seconds().count());
}

}  // namespace trawl
