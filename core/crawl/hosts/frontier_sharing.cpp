// What keeps a host back besides its own queue: other frontiers, its health, and time during which
// the process did not run.
//
// A parked host has no place in the heaps, so a thousand hosts behind one address cost nothing
// while they wait; each release wakes one of them, and each lease the next, until one is refused.
#include "core/crawl/hosts/frontier.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace trawl::crawl {

void Frontier::share(PolitenessBuckets& buckets, const BucketLimits& limits,
                     std::function<void()> wake) {
  buckets_ = &buckets;
  paces_.front().limits = limits;
  paces_.front().limits.per_host = paces_.front().per_host;
  member_.emplace(buckets, std::move(wake));
}

HostAccess Frontier::access_to(HostQueue& host) const {
  if (host.draining) return HostAccess::given_up;
  const bool waits_long = host.start_allowed() > now_ + mirrors_after;
  const bool for_mirrors =
      waits_long && !host.lanes.empty() && host.lanes.next(now_).goes_to_mirrors();
  return for_mirrors ? HostAccess::waits : HostAccess::turn;
}

bool Frontier::may_start(HostQueue& host, HostAccess access) {
  if (host.draining && now_ >= host.blocked_until) {
    host.draining = false;
    schedule(host);
    return false;
  }
  if (access == HostAccess::turn && host.start_allowed() > now_) {  // it was for its mirrors
    schedule(host);
    return false;
  }
  if (buckets_ == nullptr) return true;
  if (access != HostAccess::turn) {
    buckets_->enter(host.buckets);
    return true;
  }
  BucketLimits limits = pace_of(host).limits;
  limits.start_gap = host.start_gap;
  const auto refusal = buckets_->acquire(*member_, host.buckets, limits, now_);
  if (!refusal) {
    host.shared_until = Mono::min();
    host.woken_for = 0;
    unpark(host.buckets.domain);
    unpark(host.buckets.address);
    return true;
  }
  const bool for_this_bucket = host.woken_for == refusal->bucket;
  const std::uint64_t given_up = for_this_bucket ? 0 : std::exchange(host.woken_for, 0);
  if (refusal->until == PolitenessBuckets::when_freed) {
    park(host, refusal->bucket);
  } else {
    host.shared_until = refusal->until;
  }
  schedule(host);
  if (given_up != 0) unpark(given_up);
  return false;
}

// A host that was woken for a place and does not go now after all lets the next one ask for it; or
// else the place would lie free and nobody would come for it.
void Frontier::pass_turn(HostQueue& host) {
  if (const std::uint64_t bucket = std::exchange(host.woken_for, 0)) unpark(bucket);
}

// One that was just first in the line and came in vain is first in it again.
void Frontier::park(HostQueue& host, std::uint64_t bucket) {
  auto& waiting = parked_[bucket];
  std::exchange(host.woken_for, 0) != 0 ? waiting.push_front(host.id) : waiting.push_back(host.id);
  host.parked_in = bucket;
  ++parked_hosts_;
}

// The host that has waited longest for the bucket asks again; hosts that may not go now anyway wait
// for their own times instead of for it.
void Frontier::unpark(std::uint64_t bucket) {
  const auto found = parked_.find(bucket);
  if (found == parked_.end()) return;
  auto& waiting = found->second;
  bool asks = false;
  while (!asks && !waiting.empty()) {
    const auto at = hosts_.find(waiting.front());
    waiting.pop_front();
    if (at == hosts_.end() || at->second->parked_in != bucket) continue;
    HostQueue& host = *at->second;
    host.parked_in = 0;
    host.woken_for = bucket;
    --parked_hosts_;
    schedule(host);
    asks = turns_.contains(host) && host.turn.at <= now_;
  }
  if (waiting.empty()) parked_.erase(bucket);
}

void Frontier::unpark_freed() {
  if (!member_) return;
  for (const std::uint64_t bucket : member_->take_freed()) unpark(bucket);
}

void Frontier::block(std::int64_t id, Mono until) {
  HostQueue& host = host_at(id);
  host.blocked_until = std::max(until, Mono::min() + Millis{1});
  host.draining = false;
  schedule(host);
  pass_turn(host);
}

void Frontier::drain(std::int64_t id, Mono until) {
  HostQueue& host = host_at(id);
  host.blocked_until = until;
  host.draining = true;
  if (host.parked_in != 0) --parked_hosts_;
  host.parked_in = 0;
  schedule(host);
  pass_turn(host);
}

void Frontier::unblock(std::int64_t id) {
  HostQueue& host = host_at(id);
  host.blocked_until = Mono::min();
  host.draining = false;
  schedule(host);
}

void Frontier::set_address(std::int64_t id, std::string_view ip, Mono now) {
  if (buckets_ == nullptr) return;
  HostQueue& host = host_at(id);
  const std::uint64_t address = address_bucket(ip);
  const std::uint64_t before = std::exchange(host.buckets.address, address);
  if (before != address) buckets_->move_address(before, address, host.in_flight, now);
}

void Frontier::abandon(Mono now) {
  if (buckets_ == nullptr) return;
  for (auto& [id, host] : hosts_)
    for (; host->in_flight > 0; --host->in_flight)
      buckets_->release(host->buckets, pace_of(*host).limits, now, now + host->start_gap,
                        host->asked_gap, &*member_);
}

Frontier::~Frontier() {
  abandon(now_);
}

// As if the time had not passed since the last acquire(): hosts keep their distance from each other
// and from their last fetch, and none waits for longer than a whole wait of its own from now on.
void Frontier::restart_waits(Mono now) {
  const auto promised = std::exchange(promised_, std::nullopt);
  if (!promised || now < *promised + stall_min) return;
  const auto stopped = now - std::exchange(now_, now);
  const Mono seen = now - stopped;
  for (auto& [id, host] : hosts_) {
    if (host->next_allowed <= seen) continue;
    const Mono shifted = std::min(host->next_allowed + stopped, now + host->start_gap);
    const auto by = std::max(shifted, host->next_allowed) - host->next_allowed;
    for (Mono* time : {&host->next_allowed, &host->asked_until, &host->last_end})
      if (*time != Mono::min()) *time += by;
    schedule(*host);
  }
}

}  // namespace trawl::crawl
