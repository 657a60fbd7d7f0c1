#include "core/crawl/hosts/host_queue.hpp"

#include "virtual_time.hpp"

#include <gtest/gtest.h>

namespace trawl::crawl {

TEST(UrlWindow, GivesUrlsInSequenceOrder) {
  UrlWindow window;
  for (const std::int64_t seq : {5, 1, 9, 7, 3}) {
    window.insert(queued_url(1, seq), Mono::min(), at_ms(0));
  }
  for (const std::int64_t seq : {1, 3, 5, 7, 9}) EXPECT_EQ(window.take(at_ms(0)).id.seq, seq);
  EXPECT_TRUE(window.empty());
}

TEST(UrlWindow, KeepsADelayedUrlUntilItIsDueAndThenInItsPlace) {
  UrlWindow window;
  window.insert(queued_url(1, 2), at_ms(100), at_ms(0));
  EXPECT_EQ(window.next_due(), at_ms(100));
  for (const std::int64_t seq : {1, 3, 4}) {
    window.insert(queued_url(1, seq), Mono::min(), at_ms(0));
  }
  EXPECT_EQ(window.next_due(), Mono::min());
  EXPECT_EQ(window.size(), 4U);
  EXPECT_EQ(window.take(at_ms(99)).id.seq, 1);
  EXPECT_EQ(window.take(at_ms(99)).id.seq, 3);
  EXPECT_EQ(window.take(at_ms(100)).id.seq, 2);
  EXPECT_EQ(window.take(at_ms(100)).id.seq, 4);
}

TEST(UrlWindow, StaysSmallWhileItIsUsedAsAQueue) {
  UrlWindow window;
  std::int64_t in = 0;
  std::int64_t out = 0;
  for (int i = 0; i < 8; ++i) window.insert(queued_url(1, in++), Mono::min(), at_ms(0));
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(window.take(at_ms(0)).id.seq, out++);
    window.insert(queued_url(1, in++), Mono::min(), at_ms(0));
    EXPECT_EQ(window.size(), 8U);
  }
}

TEST(HostQueue, IsSmall) {
  EXPECT_LE(sizeof(HostQueue), 312U);
}

TEST(Lane, StaysSpilledForWhatCameAfterTheRequest) {
  Lane lane{0};
  lane.last_seq = 10;
  lane.spilled_seq = 12;
  lane.spilled_seq_at_request = 12;
  EXPECT_TRUE(lane.spilled());
  lane.spilled_seq = 15;  // pushed while the request was out, not in its answer
  lane.close_refill({queued_url(1, 12)}, false);
  EXPECT_TRUE(lane.spilled());
  lane.spilled_seq_at_request = 15;
  lane.close_refill({}, false);  // 15 is no longer queued
  EXPECT_FALSE(lane.spilled());
}

TEST(Lane, EachPriorityHasOneThatItsSequenceNumbersName) {
  int before = priority_max + 1;
  for (int place = 0; place < lanes_max; ++place) {
    const int priority = priority_of_lane(lane_at(place));
    EXPECT_EQ(priority, before - 1);
    EXPECT_EQ(lane_of_priority(priority), lane_at(place));
    EXPECT_EQ(priority_of(sequence_number(priority, 1)), priority);
    EXPECT_EQ(priority_of(sequence_number(priority, (INT64_C(1) << lane_shift) - 1)), priority);
    EXPECT_EQ(lane_behind(before_lane(lane_at(place))), lane_at(place));
    EXPECT_EQ(lane_behind(sequence_number(priority, 7)), lane_at(place));
    before = priority;
  }
  EXPECT_EQ(sequence_number(0, 7), 7);
}

TEST(HostLanes, GiveTheHighestPriorityThatIsDue) {
  HostLanes lanes;
  const auto insert = [&lanes](int priority, std::int64_t number, Mono due) {
    const std::int64_t seq = sequence_number(priority, number);
    lanes.at(lane_of(seq)).window.insert(queued_url(1, seq), due, at_ms(0));
  };
  EXPECT_TRUE(lanes.empty());
  insert(-3, 1, Mono::min());
  insert(0, 2, Mono::min());
  insert(10, 3, at_ms(50));
  insert(1, 4, Mono::min());
  insert(0, 5, Mono::min());
  EXPECT_EQ(lanes.urls(), 5U);
  EXPECT_EQ(lanes.others(), 3U);
  const auto number = [](const QueuedUrl& url) {
    return url.id.seq - before_lane(lane_of(url.id.seq)) - 1;
  };
  EXPECT_EQ(number(lanes.take(at_ms(49))), 4);
  EXPECT_EQ(number(lanes.take(at_ms(49))), 2);
  EXPECT_EQ(number(lanes.take(at_ms(50))), 3);
  EXPECT_EQ(number(lanes.take(at_ms(50))), 5);
  EXPECT_EQ(number(lanes.take(at_ms(50))), 1);
  EXPECT_TRUE(lanes.empty());
}

TEST(HostLanes, AreReadFromTheStoreByPriorityAndKnowWhichAreThrough) {
  HostLanes lanes;
  EXPECT_FALSE(lanes.hungry(4));
  lanes.expect(LaneSet{1} << lane_of_priority(2) | LaneSet{1} << lane_of_priority(-2) | 1);
  for (const int priority : {2, 0, -2}) {
    EXPECT_TRUE(lanes.spilled());
    const auto number = lanes.hungry(4);
    ASSERT_EQ(number, lane_of_priority(priority));
    EXPECT_EQ(lanes.at(*number).last_seq, before_lane(*number));
    lanes.at(*number).close_refill({}, false);
  }
  EXPECT_FALSE(lanes.hungry(4));
  EXPECT_FALSE(lanes.spilled());
}

}  // namespace trawl::crawl
