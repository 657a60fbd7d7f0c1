#pragma once
// HostThrottle: how much slower than usual a host is asked because it said that it has too much to
// do. Additive increase, multiplicative decrease, on the rate: an overload (429, 503, a timeout)
// doubles the interval, a good answer takes one usual wait back off it. Pure.

#include "core/base/clock.hpp"

namespace trawl::crawl {

class HostThrottle {
 public:
  static constexpr Millis interval_step_min{1'000};

  HostThrottle() = default;
  // As it was remembered.
  HostThrottle(Millis interval, int overloads_in_a_row)
      : interval_(interval), overloads_in_a_row_(overloads_in_a_row) {}

  // At least so long from the end of a fetch to the next start; 0 when the host is as usual.
  Millis interval() const { return interval_; }
  // 429, 503 and timeouts since the last good answer.
  int overloads_in_a_row() const { return overloads_in_a_row_; }

  // usual: the wait without it; interval_max: it never gets longer, but for a longer usual.
  // What was begun before the last doubling tells nothing of the slower pace and changes nothing.
  void on_overload(Millis usual, Millis interval_max, Mono started, Mono now);
  void on_good(Millis usual, Mono started);

 private:
  Millis interval_{0};
  int overloads_in_a_row_ = 0;
  Mono doubled_at_ = Mono::min();
};

}  // namespace trawl::crawl
