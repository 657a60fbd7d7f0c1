// A change of the pace while hosts wait. What a wait came of is noted with it: of the pace, or of a
// slow answer, of robots.txt or of a server that asked to be left alone, which is no business of
// who changes the pace. So however often that changes, up and down, the rest of the wait stays.
#include "core/crawl/hosts/frontier.hpp"

#include <algorithm>
#include <vector>

namespace trawl::crawl {

// Paces keep their numbers, which others than these hosts may have noted: those that hosts have are
// overwritten, so that however many changes there are, there are no more paces than kinds of hosts.
void Frontier::repace(const HostPace& pace) {
  paces_.front() = pace;
  paces_.front().per_host = std::max(pace.per_host, 1);
  paces_.front().limits.per_host = paces_.front().per_host;
  std::vector<bool> renewed(paces_.size());
  renewed.front() = true;
  for (auto& [id, host] : hosts_) {
    const HostPace now = pace_ && !host->key.empty() ? pace_(host->key) : paces_.front();
    if (!renewed[host->pace]) paces_[host->pace] = now;
    if (paces_[host->pace] != now) set_pace(*host, now);
    renewed.resize(paces_.size());
    renewed[host->pace] = true;
    host->start_gap = std::max(host->asked_gap, now.start_gap);
    change_wait(*host, now.start_gap);
    // It asks the buckets again, by its new limits.
    host->shared_until = Mono::min();
    host->parked_in = 0;
    schedule(*host);
  }
  parked_.clear();
  parked_hosts_ = 0;
}

void Frontier::change_wait(HostQueue& host, Millis delay) {
  if (host.last_end == Mono::min()) return;
  const Mono from = host.next_allowed;
  host.next_allowed = std::max(host.asked_until, host.last_end + delay);
  if (buckets_ != nullptr && host.next_allowed != from)
    buckets_->move_wait(*member_, host.buckets, from, host.next_allowed);
}

}  // namespace trawl::crawl
