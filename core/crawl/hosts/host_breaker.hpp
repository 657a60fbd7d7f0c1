#pragma once
// HostBreaker: leaves a dead host alone. After so many failures in a row it opens for a time; then
// one fetch probes the host, whose success closes it and whose failure doubles the time. After
// limits::breaker_probes_max failed probes the host is given up for as long as the breaker stays
// open, so that a crawl ends. Pure: blocked times out, verbs in; the frontier keeps to them.

#include "core/base/clock.hpp"
#include "core/crawl/job/job.hpp"

namespace trawl::crawl {

class HostBreaker {
 public:
  HostBreaker() = default;
  // As it was remembered; open_until: Mono::min() when it was closed, now or earlier when a probe
  // is due.
  HostBreaker(int failures_in_a_row, int failed_probes, Mono open_until);

  // Nothing is asked of the host before open_until(), and one thing at a time after it.
  bool tripped() const { return open_until_ != Mono::min(); }
  Mono open_until() const { return open_until_; }
  // What is queued fails without being asked for. For a time only: then a probe is due again.
  bool given_up(Mono now) const;

  int failures_in_a_row() const { return failures_in_a_row_; }
  int failed_probes() const { return failed_probes_; }

  // The end of a fetch that began at `started`: the host was there, or it was not.
  void on_success();
  void on_failure(const BreakerSpec& spec, Mono started, Mono now);

 private:
  Mono open_until_ = Mono::min();
  int failures_in_a_row_ = 0;
  int failed_probes_ = 0;
};

// pause x 2^doublings, at most limits::breaker_pause_max_ms or the pause itself.
Millis breaker_pause(const BreakerSpec& spec, int doublings);

}  // namespace trawl::crawl
