// What the frontier has in memory, and how it stays within its bounds. Hosts whose URLs are all in
// the store are little more than a number and a time: of those beyond the bound no more is kept,
// and what else a HostQueue has comes back with the first refill.
#include "core/crawl/hosts/frontier.hpp"

#include <algorithm>
#include <utility>

namespace trawl::crawl {
namespace {

constexpr std::size_t url_bytes = 2 * sizeof(QueuedUrl) + 96;  // with its text; windows have spare
constexpr std::size_t host_bytes = sizeof(HostQueue) + 64 + 3 * sizeof(void*);  // name, heaps, map
constexpr std::size_t sleeping_bytes = sizeof(SleepingHost) + 40;
constexpr std::size_t forgotten_bytes = sizeof(QuietLanes) + 16;
constexpr std::size_t lane_bytes = sizeof(Lane) + 16;

}  // namespace

std::size_t Frontier::room() const {
  return memory_urls_ - std::min(urls_ + refill_urls_, memory_urls_);
}

// While others wait for a refill an eighth of the memory is theirs, or else hosts that come up
// would take every place before them.
bool Frontier::takes_new() const {
  return room() > (!next_hungry() ? 0 : memory_urls_ / 8);
}

std::size_t Frontier::memory_bytes() const {
  return urls_ * url_bytes + hosts_.size() * host_bytes + sleeping_.size() * sleeping_bytes +
         forgotten_.size() * forgotten_bytes + other_lanes_ * lane_bytes;
}

std::size_t Frontier::urls_within(std::size_t bytes) {
  return std::clamp<std::size_t>(bytes / url_bytes, 1000, urls_in_memory_max);
}

void ForgottenHosts::keep(std::int64_t id, QuietLanes lanes) {
  if (young_.size() >= half_max) old_ = std::exchange(young_, {});
  young_.insert_or_assign(id, std::move(lanes));
}

std::optional<QuietLanes> ForgottenHosts::take(std::int64_t id) {
  for (auto* hosts : {&young_, &old_}) {
    const auto at = hosts->find(id);
    if (at == hosts->end()) continue;
    QuietLanes lanes = std::move(at->second);
    hosts->erase(at);
    return lanes;
  }
  return std::nullopt;
}

// When the next host wants a refill; Mono::max() for one that has some left.
std::optional<Mono> Frontier::next_hungry() const {
  std::optional<Mono> at;
  if (!hungry_.empty()) at = hungry_.top().refill_turn.at;
  if (!sleepers_.empty()) at = std::min(at.value_or(Mono::max()), sleepers_.top().wakes_at);
  return at;
}

void Frontier::put_to_sleep() {
  while (hosts_.size() > hosts_awake_max_ && !sleepy_.empty()) {
    const auto at = hosts_.find(sleepy_.front());
    sleepy_.pop_front();
    if (at == hosts_.end()) continue;
    HostQueue& host = *at->second;
    host.is_sleepy = false;
    if (!host.may_sleep()) continue;
    auto sleeping = std::make_unique<SleepingHost>();
    sleeping->id = host.id;
    sleeping->next_allowed = std::max(host.next_allowed, host.shared_until);
    sleeping->lanes = host.lanes.quiet();
    sleeping->counted_lanes = host.counted_lanes;
    sleeping->address = host.buckets.address;
    sleeping->wakes_at = host.refill_turn.at;
    sleeping->pace = host.pace;
    hungry_.erase(host);
    hosts_.erase(at);
    sleepers_.update(*sleeping);
    sleeping_.emplace(sleeping->id, std::move(sleeping));
  }
}

// It is still spilled, and hungry; its name follows with a URL.
void Frontier::wake(SleepingHost& sleeping) {
  sleepers_.erase(sleeping);
  auto host = std::make_unique<HostQueue>();
  host->id = sleeping.id;
  host->lanes.resume(std::move(sleeping.lanes));
  host->counted_lanes = sleeping.counted_lanes;
  host->buckets.address = sleeping.address;
  host->pace = sleeping.pace;
  host->start_gap = pace_of(*host).start_gap;
  host->wait_until(sleeping.next_allowed, host->start_gap);
  host->counted_spilled = true;
  host->refill_turn = {sleeping.wakes_at, 0};  // before those that have waited as long
  sleeping_.erase(host->id);
  hungry_.update(*host);
  hosts_.emplace(host->id, std::move(host));
}

}  // namespace trawl::crawl
