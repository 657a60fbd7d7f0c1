#pragma once
// HostQueue: what the frontier knows about one host: the window of its queued URLs that is in
// memory, when it may be fetched from next, and how far the window has got in the store.
// Small when empty (no allocation but the name), because a shard has hundreds of thousands of them.

#include "core/base/clock.hpp"
#include "core/crawl/politeness_buckets.hpp"
#include "core/crawl/store.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace trawl::crawl {

// The URLs of a host that are in memory: those that may go out now, in sequence order, and those
// that wait for their time. Amortised O(1) at both ends, O(n) for a retry in between (n <= window).
class UrlWindow {
 public:
  bool empty() const { return size() == 0; }
  std::size_t size() const { return due_.size() - head_ + delayed_.size(); }

  // due: not before; Mono::min() for at once.
  void insert(QueuedUrl url, Mono due, Mono now);
  // The lowest sequence number among the URLs that are due. Precondition: next_due() <= now.
  QueuedUrl take(Mono now);
  // When the next URL is due: Mono::min() for at once. Precondition: not empty.
  Mono next_due() const;

 private:
  struct Delayed {
    Mono due;
    QueuedUrl url;
  };
  static bool later(const Delayed& a, const Delayed& b);
  void insert_due(QueuedUrl url);

  std::vector<QueuedUrl> due_;  // sorted by seq from head_ on
  std::size_t head_ = 0;
  std::vector<Delayed> delayed_;  // heap, earliest due first
};

// Order among hosts: the earlier time first, first come first served among equals.
struct Turn {
  Mono at{};
  std::uint64_t ticket = 0;
  auto operator<=>(const Turn&) const = default;
};

inline constexpr std::int64_t no_seq = -1;

// Which of a host's sequence numbers its refills have read. A URL that is pushed may be one that a
// refill has brought already, when it saw the commit first; one that was overtaken by others on its
// way to the frontier is none of those.
class RefilledRanges {
 public:
  bool any() const { return to_ != no_seq; }
  // All with after_seq < seq <= last_seq have been read.
  void add(std::int64_t after_seq, std::int64_t last_seq);
  bool contains(std::int64_t seq) const;

 private:
  // Older gaps are closed: what fell into them arrived long ago.
  static constexpr std::size_t gaps_max = 16;
  struct Gap {
    std::int64_t after;
    std::int64_t last;
  };
  std::int64_t to_ = no_seq;
  std::unique_ptr<std::vector<Gap>> gaps_;  // below to_, in order; most hosts have none
};

struct HostQueue {
  // Constant after construction.
  std::int64_t id = 0;
  std::string key;

  // Politeness.
  Mono next_allowed = Mono::min();  // no start before it; from the ends of fetches, never lowered
  Mono last_start = Mono::min();    // with start_gap: spaces starts while others are in flight
  Millis start_gap{0};
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

  // Queue. The store holds queued URLs with seq > last_seq exactly if spilled().
  UrlWindow window;
  std::int64_t last_seq = no_seq;     // highest ever held in memory
  std::int64_t spilled_seq = no_seq;  // highest pushed that was left to the store
  bool more_in_store = false;         // the last refill, or the start-up, said so
  std::int64_t spilled_seq_at_request = no_seq;
  RefilledRanges refilled;
  std::uint32_t refill_urls = 0;  // asked for and not answered yet; 0: no request is out
  bool counted_spilled = false;   // in the frontier's count of spilled hosts
  bool draining = false;          // until blocked_until
  bool is_sleepy = false;         // noted as one that may sleep

  // Places in the frontier's heaps.
  Turn turn;
  Turn refill_turn;
  std::uint32_t turn_slot = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t idle_slot = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t refill_slot = std::numeric_limits<std::uint32_t>::max();

  std::uint32_t visits = 0;  // begun and not ended: the store has their URLs as queued still

  bool spilled() const { return more_in_store || spilled_seq > last_seq; }
  bool blocked() const { return blocked_until != Mono::min(); }
  bool idle() const {
    return in_flight == 0 && visits == 0 && window.empty() && !spilled() && refill_urls == 0;
  }
  // All that it has is in the store, and nothing is under way.
  bool may_sleep() const {
    return in_flight == 0 && visits == 0 && window.empty() && spilled() && refill_urls == 0 &&
           !blocked() && parked_in == 0;
  }
  // When the next start is allowed, apart from per_host.
  Mono start_allowed() const;
  // The answer to the outstanding refill came: URLs in order, and whether the store has more.
  // What was spilled before the request is in the answer or no longer queued.
  void close_refill(const std::vector<QueuedUrl>& urls, bool more);
};

// What is left of a HostQueue in memory when all of its URLs are in the store and there are very
// many of such hosts. About 100 bytes with its places in a map and a heap.
struct SleepingHost {
  std::int64_t id = 0;
  Mono next_allowed = Mono::min();
  std::int64_t last_seq = no_seq;
  RefilledRanges refilled;
  std::uint64_t address = 0;  // its bucket
  Mono wakes_at{};            // in the order of refills
  std::uint32_t pace = 0;
  std::uint32_t slot = std::numeric_limits<std::uint32_t>::max();
};

}  // namespace trawl::crawl
