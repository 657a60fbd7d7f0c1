#pragma once
// Lanes: URLs of one host and one priority, in the order of admission. A URL's lane is part of its
// sequence number, above 40 bits that rise with each URL of the job; so a store that sorts by
// sequence number has each lane in one piece, and a priority needs no column and no index. Lane 0
// is that of URLs without a priority of their own.

#include <cstdint>

namespace trawl::crawl {

inline constexpr int priority_max = 10;  // goes out first; -priority_max last
inline constexpr int lanes_max = 2 * priority_max + 1;
inline constexpr int lane_shift = 40;

// A bit for each lane.
using LaneSet = std::uint32_t;
static_assert(lanes_max <= 32);

constexpr int lane_of_priority(int priority) {
  if (priority == 0) return 0;
  return priority > 0 ? priority_max + 1 - priority : priority_max - priority;
}
constexpr int priority_of_lane(int lane) {
  if (lane == 0) return 0;
  return lane <= priority_max ? priority_max + 1 - lane : priority_max - lane;
}
// The lane that is the place-th to go out, from 0.
constexpr int lane_at(int place) {
  if (place < priority_max) return place + 1;
  return place == priority_max ? 0 : place;
}

constexpr int lane_of(std::int64_t seq) {
  return static_cast<int>(seq >> lane_shift);
}
constexpr int priority_of(std::int64_t seq) {
  return priority_of_lane(lane_of(seq));
}
// number: from 1, below 2^40.
constexpr std::int64_t sequence_number(int priority, std::int64_t number) {
  return (std::int64_t{lane_of_priority(priority)} << lane_shift) + number;
}
// Whatever a lane holds is behind it.
constexpr std::int64_t before_lane(int lane) {
  return (std::int64_t{lane} << lane_shift) - 1;
}
// The lane of what is behind a sequence number or before_lane().
constexpr int lane_behind(std::int64_t seq) {
  return lane_of(seq + 1);
}

}  // namespace trawl::crawl
