#pragma once
// HostQueue: what the frontier knows about one host: its queued URLs that are in memory, and when
// it may be fetched from next. Small when empty (no allocation but the name), because a shard has
// hundreds of thousands of them.

#include "core/base/clock.hpp"
#include "core/crawl/hosts/host_lanes.hpp"
#include "core/crawl/hosts/politeness_buckets.hpp"

#include <cstdint>
#include <limits>
#include <string>

namespace trawl::crawl {

// Order among hosts: the earlier time first, first come first served among equals.
struct Turn {
  Mono at{};
  std::uint64_t ticket = 0;
  auto operator<=>(const Turn&) const = default;
};

struct HostQueue {
  // Constant after construction.
  std::int64_t id = 0;
  std::string key;

  // Politeness.
  // No start before it: the longest wait from the ends of fetches, shortened by a new pace alone.
  Mono next_allowed = Mono::min();
  Mono asked_until = Mono::min();  // of these what no pace shortens: what the host asked for
  Mono last_end = Mono::min();
  Mono last_start = Mono::min();  // with start_gap: spaces starts while others are in flight
  Millis start_gap{0};
  Millis asked_gap{0};  // of these what no pace shortens
  int in_flight = 0;
  std::uint32_t pace = 0;  // among those that the frontier knows; 0: the job's

  // Health: a blocked host is left alone until the time, and then asked one thing at a time; one
  // that is drained is not asked at all until then, so its URLs may go out at once.
  Mono blocked_until = Mono::min();  // Mono::min(): it is not

  // What is shared with other frontiers.
  BucketKeys buckets;
  Mono shared_until = Mono::min();  // refused before it
  std::uint64_t parked_in = 0;      // the bucket that has to give a place back first; 0: none
  std::uint64_t woken_for = 0;      // it was first of those that are parked there, and asks again

  // Queue.
  HostLanes lanes;
  std::uint16_t refill_urls = 0;   // asked for and not answered yet; 0: no request is out
  std::uint8_t refill_lane = 0;    // for which
  std::uint8_t counted_lanes = 0;  // in the frontier's count of lanes other than 0
  bool counted_spilled = false;    // in its count of spilled hosts
  bool draining = false;           // until blocked_until
  bool is_sleepy = false;          // noted as one that may sleep

  // Places in the frontier's heaps.
  Turn turn;
  Turn refill_turn;
  std::uint32_t turn_slot = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t idle_slot = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t refill_slot = std::numeric_limits<std::uint32_t>::max();

  std::uint32_t visits = 0;  // begun and not ended: the store has their URLs as queued still

  bool spilled() const { return lanes.spilled(); }
  bool blocked() const { return blocked_until != Mono::min(); }
  bool idle() const {
    return in_flight == 0 && visits == 0 && lanes.empty() && !spilled() && refill_urls == 0;
  }
  // All that it has is in the store, and nothing is under way.
  bool may_sleep() const {
    return in_flight == 0 && visits == 0 && lanes.empty() && spilled() && refill_urls == 0 &&
           !blocked() && parked_in == 0;
  }
  // When the next start is allowed, apart from per_host.
  Mono start_allowed() const;
  // A wait of which it isn't known what it came of: no pace shortens it. delay: the pace's.
  void wait_until(Mono time, Millis delay);
};

// What is left of a HostQueue in memory when all of its URLs are in the store and there are very
// many of such hosts. About 100 bytes with its places in a map and a heap.
struct SleepingHost {
  std::int64_t id = 0;
  Mono next_allowed = Mono::min();
  QuietLanes lanes;
  std::uint64_t address = 0;  // its bucket
  Mono wakes_at{};            // in the order of refills
  std::uint32_t pace = 0;
  std::uint8_t counted_lanes = 0;
  std::uint32_t slot = std::numeric_limits<std::uint32_t>::max();
};

}  // namespace trawl::crawl
