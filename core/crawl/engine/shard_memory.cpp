// What a shard does about limits.memory: it reports, shrinks when memory is tight, and begins no
// fetch whose body might not fit. What one fetch more needs is reserved with its lease, so the
// limit is kept before the bytes arrive, not after.
#include "core/base/log.hpp"
#include "core/crawl/engine/shard.hpp"

#include <algorithm>
#include <chrono>

namespace trawl::crawl {
namespace {

constexpr std::size_t links_bytes_each = 20;  // of a set that has just doubled
constexpr std::size_t host_facts_bytes = 64;
constexpr std::size_t tight_parts = 4;
constexpr std::chrono::seconds tight_told_after{10};

}  // namespace

void Shard::report_memory() {
  windows_share_.set(frontier_.memory_bytes() + hosts_.size() * host_facts_bytes);
  caches_share_.set(recent_links_.bucket_count() * links_bytes_each / 2 + robots_.memory_bytes());
  const bool tight = context_.memory.is_tight();
  if (tight == memory_is_tight_) return;
  memory_is_tight_ = tight;
  tight_since_ = context_.clock.now();
  frontier_.set_memory_urls(tight ? window_urls_max_ / tight_parts : window_urls_max_);
  constexpr std::size_t awake = Frontier::hosts_awake_max;
  frontier_.set_hosts_awake(tight ? awake / (tight_parts * tight_parts) : awake);
  recent_links_max_ = recent_links_most_ / (tight ? tight_parts : 1);
  robots_.set_cache_bytes(robots_bytes_most_ / (tight ? tight_parts : 1));
  if (tight && recent_links_.size() > recent_links_max_) recent_links_ = {};
}

bool Shard::has_memory() {
  report_memory();
  waits_for_memory_ = !context_.memory.may_fetch(gauges_.in_flight);
  if (waits_for_memory_ && memory_is_tight_) tell_of_memory();
  return !waits_for_memory_;
}

// Slow for want of memory looks like a slow network.
void Shard::tell_of_memory() {
  const bool few = gauges_.in_flight * context_.shards * tight_parts <
                   static_cast<std::size_t>(context_.job.fetch.concurrency);
  if (!few || context_.clock.now() - tight_since_ < tight_told_after) return;
  if (!context_.memory.tell_once()) return;
  log("crawl")->warn(
      "limits.memory leaves room for {} fetches at once; what is known of hosts and URLs takes the "
      "rest: a higher limit makes it faster",
      std::max<std::size_t>(gauges_.in_flight * context_.shards, 1));
}

void Shard::end_in_flight() {
  --gauges_.in_flight;
  end_leaving();
  if (waits_for_memory_) wake_.set();
}

}  // namespace trawl::crawl
