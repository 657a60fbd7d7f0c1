// Of the two reasons to wait the later one counts.
#include "core/crawl/hosts/host_queue.hpp"

#include <algorithm>

namespace trawl::crawl {

Mono HostQueue::start_allowed() const {
  if (draining) return Mono::min();
  const Mono allowed = std::max({next_allowed, blocked_until, shared_until});
  if (in_flight == 0 || last_start == Mono::min()) return allowed;
  return std::max(allowed, last_start + start_gap);
}

void HostQueue::wait_until(Mono time, Millis delay) {
  asked_until = std::max(asked_until, time);
  if (time <= next_allowed) return;
  next_allowed = time;
  last_end = time - delay;
}

}  // namespace trawl::crawl
