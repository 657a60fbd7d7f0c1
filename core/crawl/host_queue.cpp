// Of the two reasons to wait the later one counts.
#include "core/crawl/host_queue.hpp"

#include <algorithm>

namespace trawl::crawl {

Mono HostQueue::start_allowed() const {
  if (draining) return Mono::min();
  const Mono allowed = std::max({next_allowed, blocked_until, shared_until});
  if (in_flight == 0 || last_start == Mono::min()) return allowed;
  return std::max(allowed, last_start + start_gap);
}

}  // namespace trawl::crawl
