// Without the look at `started` eight fetches at once, all answered 503, would count as eight
// overloads in a row and slow the host down 256 times.
#include "core/crawl/hosts/host_throttle.hpp"

#include <algorithm>

namespace trawl::crawl {

void HostThrottle::on_overload(Millis usual, Millis interval_max, Mono started, Mono now) {
  if (started < doubled_at_) return;
  doubled_at_ = now;
  ++overloads_in_a_row_;
  const Millis base = std::max({interval_, usual, interval_step_min});
  interval_ = std::min(2 * base, std::max(interval_max, usual));
}

void HostThrottle::on_good(Millis usual, Mono started) {
  if (started < doubled_at_) return;
  overloads_in_a_row_ = 0;
  interval_ -= std::max(usual, interval_step_min);
  if (interval_ <= usual) interval_ = Millis{0};
}

}  // namespace trawl::crawl
