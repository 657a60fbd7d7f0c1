// What the frontier knows of a host that has work and may not be asked yet.
#include "core/crawl/hosts/frontier.hpp"

#include <algorithm>

namespace trawl::crawl {
namespace {

WaitFor place_of(const BucketKeys& keys, std::uint64_t bucket) {
  if (bucket == keys.host) return WaitFor::host_places;
  return bucket == keys.domain ? WaitFor::domain_places : WaitFor::ip_places;
}

}  // namespace

std::optional<HostWait> Frontier::wait_of(const HostQueue& host, Mono now) const {
  const bool has_work = !host.lanes.empty() || host.spilled();
  if (!has_work || host.in_flight >= pace_of(host).per_host || host.draining) return std::nullopt;
  if (host.parked_in != 0)
    return HostWait{host.id, place_of(host.buckets, host.parked_in), std::nullopt};
  const Mono due = host.lanes.empty() ? Mono::min() : host.lanes.next_due();
  const Mono until = std::max(host.start_allowed(), due);
  if (until <= now) return std::nullopt;
  WaitFor what = WaitFor::pace;
  if (until == due) what = WaitFor::retry;
  if (until == host.shared_until) what = WaitFor::others;
  if (until == host.blocked_until) what = WaitFor::health;
  return HostWait{host.id, what, until};
}

std::vector<HostWait> Frontier::waits(Mono now, std::size_t hosts_max) const {
  constexpr std::size_t looks_per_host = 10;  // most of very many may have nothing to do
  std::vector<HostWait> waits;
  std::size_t looks = hosts_max * looks_per_host;
  for (auto host = hosts_.begin(); host != hosts_.end() && waits.size() < hosts_max && looks > 0;
       ++host, --looks)
    if (const auto wait = wait_of(*host->second, now)) waits.push_back(*wait);
  return waits;
}

bool Frontier::is_ready(std::int64_t id) const {
  const auto found = hosts_.find(id);
  return found != hosts_.end() && turns_.contains(*found->second) && found->second->turn.at <= now_;
}

bool Frontier::is_waiting(std::int64_t id) const {
  const auto found = hosts_.find(id);
  if (found == hosts_.end()) return false;
  const HostQueue& host = *found->second;
  return host.parked_in != 0 || (turns_.contains(host) && host.turn.at > now_);
}

}  // namespace trawl::crawl
