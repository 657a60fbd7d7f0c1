// A failure of what was begun before the breaker opened is no probe's: with per_host > 1 the others
// in flight fail after the one that opened it, and must not use the probes up.
#include "core/crawl/hosts/host_breaker.hpp"

#include "core/base/limits.hpp"

#include <algorithm>

namespace trawl::crawl {

Millis breaker_pause(const BreakerSpec& spec, int doublings) {
  const Millis pause_max = std::max(spec.pause, Millis{limits::breaker_pause_max_ms});
  Millis pause = spec.pause;
  for (int i = 0; i < doublings && pause < pause_max; ++i) pause = std::min(2 * pause, pause_max);
  return pause;
}

HostBreaker::HostBreaker(int failures_in_a_row, int failed_probes, Mono open_until)
    : open_until_(open_until),
      failures_in_a_row_(failures_in_a_row),
      failed_probes_(failed_probes) {}

bool HostBreaker::given_up(Mono now) const {
  return failed_probes_ >= limits::breaker_probes_max && now < open_until_;
}

void HostBreaker::on_success() {
  *this = HostBreaker{};
}

void HostBreaker::on_failure(const BreakerSpec& spec, Mono started, Mono now) {
  if (tripped()) {
    if (started < open_until_) return;
    ++failed_probes_;
  }
  ++failures_in_a_row_;
  if (tripped() || failures_in_a_row_ >= spec.failures)
    open_until_ = now + breaker_pause(spec, failed_probes_);
}

}  // namespace trawl::crawl
