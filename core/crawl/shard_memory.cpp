// What a shard does about limits.memory: it reports, shrinks when memory is tight, and begins no
// fetch whose body might not fit. What one fetch more needs is reserved with its lease, so the
// limit is kept before the bytes arrive, not after.
#include "core/crawl/shard.hpp"

#include <algorithm>

namespace trawl::crawl {
namespace {

constexpr std::size_t links_bytes_each = 20;  // of a set that has just doubled
constexpr std::size_t host_facts_bytes = 64;
constexpr std::size_t tight_parts = 4;

}  // namespace

void Shard::report_memory() {
  windows_share_.set(frontier_.memory_bytes() + hosts_.size() * host_facts_bytes);
  caches_share_.set(recent_links_.bucket_count() * links_bytes_each / 2 + robots_.memory_bytes());
  const bool tight = context_.memory.is_tight();
  if (tight == memory_is_tight_) return;
  memory_is_tight_ = tight;
  frontier_.set_memory_urls(tight ? window_urls_max_ / tight_parts : window_urls_max_);
  recent_links_max_ = recent_links_most_ / (tight ? tight_parts : 1);
  robots_.set_cache_bytes(robots_bytes_most_ / (tight ? tight_parts : 1));
  if (tight && recent_links_.size() > recent_links_max_) recent_links_ = {};
}

bool Shard::has_memory() {
  report_memory();
  waits_for_memory_ = !context_.memory.may_fetch(gauges_.in_flight);
  return !waits_for_memory_;
}

void Shard::end_in_flight() {
  --gauges_.in_flight;
  if (waits_for_memory_) wake_.set();
}

}  // namespace trawl::crawl
