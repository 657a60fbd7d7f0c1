#pragma once
// HostLanes: a host's queue in the frontier, a lane for each priority that it has: the window of
// the lane's URLs that is in memory, and how far the window has got in the store.

#include "core/base/clock.hpp"
#include "core/crawl/hosts/url_window.hpp"
#include "core/crawl/state/lane.hpp"
#include "core/crawl/state/store.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace trawl::crawl {

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

// The store holds queued URLs of the lane with seq > last_seq exactly if spilled().
struct Lane {
  explicit Lane(int of) : number(static_cast<std::int8_t>(of)), last_seq(before_lane(of)) {}

  [[no_unique_address]] UrlWindow window;  // so that the next two need no room of their own
  std::int8_t number;
  bool more_in_store = false;         // the last refill, or the start-up, said so
  std::int64_t last_seq;              // highest ever held in memory
  std::int64_t spilled_seq = no_seq;  // highest pushed that was left to the store
  std::int64_t spilled_seq_at_request = no_seq;
  RefilledRanges refilled;

  int priority() const { return priority_of_lane(number); }
  bool spilled() const { return more_in_store || spilled_seq > last_seq; }
  // The answer to the outstanding refill came: URLs in order, and whether the store has more.
  // What was spilled before the request is in the answer or no longer queued.
  void close_refill(const std::vector<QueuedUrl>& urls, bool more);
};

// Those that are not lane 0.
struct OtherLanes {
  LaneSet unread = 0;       // may be in the store, and have no Lane yet
  std::vector<Lane> lanes;  // the highest priority first
};

// What is kept of a host's lanes while no URL of them is in memory.
struct QuietLanes {
  std::int64_t last_seq = no_seq;  // of lane 0, as the next
  RefilledRanges refilled;
  std::unique_ptr<OtherLanes> others;
  bool more_in_store = false;
};

class HostLanes {
 public:
  // Is made when there is none.
  Lane& at(int number);
  // The store may have queued URLs in these, and in lane 0.
  void expect(LaneSet lanes);

  bool empty() const;  // of URLs in memory
  std::size_t urls() const;
  bool spilled() const;
  // When the next URL is due: Mono::min() for at once. Precondition: not empty.
  Mono next_due() const;
  // What take() gives now, or else the first that will be due. Precondition: not empty.
  const QueuedUrl& next(Mono now);
  // Of those that are due the one of the highest priority, and of these the first that was
  // admitted. Precondition: next_due() <= now.
  QueuedUrl take(Mono now);
  // The lane whose refill matters most: of those that are spilled, with at most half a window in
  // memory.
  std::optional<int> hungry(std::size_t window_urls) const;

  // How many lanes there are besides lane 0.
  std::size_t others() const { return others_ ? others_->lanes.size() : 0; }
  // Something is remembered that a host without URLs must not lose.
  bool has_memory() const { return normal_.refilled.any() || others_; }
  // Precondition: empty().
  QuietLanes quiet();
  void resume(QuietLanes quiet);

 private:
  // The first that is wanted, in the order in which they go out.
  template <class Wanted>
  const Lane* first(const Wanted& wanted) const {
    if (!others_) return wanted(normal_) ? &normal_ : nullptr;
    for (const Lane& lane : others_->lanes)
      if (lane.priority() > 0 && wanted(lane)) return &lane;
    if (wanted(normal_)) return &normal_;
    for (const Lane& lane : others_->lanes)
      if (lane.priority() < 0 && wanted(lane)) return &lane;
    return nullptr;
  }

  Lane normal_{0};
  std::unique_ptr<OtherLanes> others_;
};

}  // namespace trawl::crawl
