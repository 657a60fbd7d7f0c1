// libstdc++ 12 has no std::format for chrono; fmt's chrono formatting reads the locale, and its
// padded numbers cost a crawl more than all else in the head of a record. So the civil date is
// taken apart and put together by hand.
#include "core/base/clock.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

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

void put(std::string& out, std::int64_t number, std::size_t digits_min) {
  if (number < 0) {  // a year
    out += '-';
    number = -number;
    --digits_min;
  }
  const fmt::format_int text(number);
  if (text.size() < digits_min) out.append(digits_min - text.size(), '0');
  out.append(text.data(), text.size());
}

std::string date_and_time(const Civil& c, std::string_view in_date, std::string_view between,
                          std::string_view in_time) {
  std::string out;
  put(out, c.year, 4);
  put(out.append(in_date), c.month, 2);
  put(out.append(in_date), c.day, 2);
  put(out.append(between), c.time.hours().count(), 2);
  put(out.append(in_time), c.time.minutes().count(), 2);
  put(out.append(in_time), c.time.seconds().count(), 2);
  return out;
}

}  // namespace

Clock& system_clock() {
  static SystemClock clock;
  return clock;
}

std::string format_rfc3339(Wall time) {
  const Civil c = civil(time);
  std::string out = date_and_time(c, "-", "T", ":");
  out += '.';
  put(out, c.time.subseconds().count(), 3);
  return out += 'Z';
}

std::string format_seconds(Wall time) {
  return date_and_time(civil(time), "-", "T", ":") += 'Z';
}

std::string format_compact(Wall time) {
  return date_and_time(civil(time), "", "", "");
}

}  // namespace trawl
