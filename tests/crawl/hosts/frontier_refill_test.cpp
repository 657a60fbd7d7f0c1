// What stays in the store and how it comes back.
#include "core/crawl/hosts/frontier.hpp"
#include "virtual_time.hpp"

#include <gtest/gtest.h>

namespace trawl::crawl {
namespace {

constexpr ClockReading start{at_ms(0), Wall{Millis{1'000'000}}};

void push(Frontier& frontier, std::int64_t host, std::int64_t seq) {
  frontier.push(host, "h" + std::to_string(host) + ".test", queued_url(host, seq));
}

std::vector<QueuedUrl> queued_urls(std::int64_t host, std::int64_t first, std::int64_t last) {
  std::vector<QueuedUrl> urls;
  for (std::int64_t seq = first; seq <= last; ++seq) urls.push_back(queued_url(host, seq));
  return urls;
}

}  // namespace

TEST(FrontierRefill, AFullWindowLeavesTheRestToTheStore) {
  Frontier frontier(1, 4);
  for (std::int64_t seq = 1; seq <= 10; ++seq) push(frontier, 1, seq);
  EXPECT_EQ(frontier.counts().urls_in_memory, 4U);
  EXPECT_EQ(frontier.counts().hosts_spilled, 1U);
  EXPECT_FALSE(frontier.next_refill());  // more than half full
  for (std::int64_t seq = 1; seq <= 2; ++seq) {
    EXPECT_EQ(leased(frontier.acquire(at_ms(seq))), seq);
    frontier.release(1, at_ms(seq));
  }
  const auto request = frontier.next_refill();
  ASSERT_TRUE(request);
  EXPECT_EQ(request->host, 1);
  EXPECT_EQ(request->after_seq, 4);
  EXPECT_EQ(request->max_urls, 2U);
  EXPECT_FALSE(frontier.next_refill());  // one at a time
  frontier.refilled(1, queued_urls(1, 5, 6), true, start);
  EXPECT_EQ(leased(frontier.acquire(at_ms(10))), 3);
}

// The clock was days ahead when it was stored.
TEST(FrontierRefill, ARetryWaitsNoLongerThanARetryMay) {
  Frontier frontier(1);
  frontier.bound_retries(Millis{60'000});
  frontier.mark_spilled(1);
  EXPECT_TRUE(is_idle(frontier.acquire(at_ms(0))));
  ASSERT_TRUE(frontier.next_refill());
  const std::int64_t days = 5 * 86'400'000;
  const std::int64_t now = start.wall.time_since_epoch().count();
  frontier.refilled(1, {queued_url(1, 1, now + days), queued_url(1, 2, now + 20'000)}, false,
                    start);
  EXPECT_EQ(wake_ms(frontier.acquire(at_ms(1))), 20'000);
  EXPECT_EQ(leased(frontier.acquire(at_ms(20'000))), 2);
  frontier.release(1, Mono::min());
  EXPECT_EQ(leased(frontier.acquire(at_ms(60'000))), 1);
}

TEST(FrontierRefill, ASpilledHostTakesNoNewUrlsBeforeItsOldOnes) {
  Frontier frontier(1, 2);
  for (std::int64_t seq = 1; seq <= 3; ++seq) push(frontier, 1, seq);
  for (std::int64_t seq = 1; seq <= 2; ++seq) {
    EXPECT_EQ(leased(frontier.acquire(at_ms(0))), seq);
    frontier.release(1, Mono::min());
  }
  push(frontier, 1, 4);  // 3 is only in the store
  EXPECT_TRUE(is_idle(frontier.acquire(at_ms(0))));
  EXPECT_EQ(frontier.next_refill()->after_seq, 2);
  frontier.refilled(1, queued_urls(1, 3, 4), false, start);
  EXPECT_EQ(frontier.counts().hosts_spilled, 0U);
  push(frontier, 1, 4);  // its commit was seen by the refill first
  push(frontier, 1, 5);
  for (std::int64_t seq = 3; seq <= 4; ++seq) {
    EXPECT_EQ(leased(frontier.acquire(at_ms(0))), seq);
    frontier.release(1, Mono::min());
  }
  EXPECT_EQ(frontier.next_refill()->after_seq, 4);
}

TEST(FrontierRefill, AUrlPushedWhileTheAnswerWasUnderWayIsNotLost) {
  Frontier frontier(1, 2);
  for (std::int64_t seq = 1; seq <= 3; ++seq) push(frontier, 1, seq);
  EXPECT_EQ(leased(frontier.acquire(at_ms(0))), 1);
  EXPECT_EQ(frontier.next_refill()->after_seq, 2);
  push(frontier, 1, 4);
  frontier.refilled(1, queued_urls(1, 3, 3), false, start);  // read before 4 was committed
  EXPECT_EQ(frontier.counts().hosts_spilled, 1U);
  frontier.release(1, Mono::min());
  EXPECT_EQ(leased(frontier.acquire(at_ms(0))), 2);
  EXPECT_EQ(frontier.next_refill()->after_seq, 3);
}

TEST(FrontierRefill, ALatePushOfARefilledUrlIsIgnoredEvenWhenTheHostWasForgotten) {
  Frontier frontier(1, 4);
  frontier.add({.id = 1, .key = "h1.test"});
  frontier.mark_spilled(1);
  ASSERT_TRUE(frontier.next_refill());
  frontier.refilled(1, queued_urls(1, 7, 7), false, start);
  EXPECT_EQ(leased(frontier.acquire(at_ms(0))), 7);
  frontier.release(1, at_ms(10));
  EXPECT_TRUE(is_idle(frontier.acquire(at_ms(20))));
  EXPECT_EQ(frontier.counts().hosts, 0U);
  push(frontier, 1, 7);
  EXPECT_TRUE(is_idle(frontier.acquire(at_ms(20))));
  push(frontier, 1, 8);
  EXPECT_EQ(leased(frontier.acquire(at_ms(20))), 8);
}

TEST(FrontierRefill, AUrlThatIsBroughtBackGoesOutAgainAndOnce) {
  Frontier frontier(1, 4);
  frontier.add({.id = 1, .key = "h1.test"});
  frontier.mark_spilled(1);
  ASSERT_TRUE(frontier.next_refill());
  frontier.refilled(1, queued_urls(1, 7, 7), false, start);
  EXPECT_EQ(leased(frontier.acquire(at_ms(0))), 7);
  frontier.release(1, at_ms(10));
  // While its host is known, and when it was forgotten.
  for (const std::int64_t now : {10, 20}) {
    EXPECT_EQ(frontier.counts().hosts, now == 10 ? 1U : 0U);
    frontier.bring_back(1, "h1.test", queued_url(1, 7));
    EXPECT_EQ(leased(frontier.acquire(at_ms(now))), 7);
    frontier.release(1, at_ms(now));
    EXPECT_TRUE(is_idle(frontier.acquire(at_ms(now + 10))));
  }
}

// Of a host that was forgotten altogether the store may have more, and this one among it.
TEST(FrontierRefill, AUrlThatIsBroughtBackIsLeftToTheRefillThatWillReadIt) {
  Frontier frontier(1, 4);
  frontier.add({.id = 1, .key = "h1.test"});
  frontier.mark_spilled(1);
  frontier.bring_back(1, "h1.test", queued_url(1, 7));
  EXPECT_EQ(frontier.urls_in_memory(), 0U);
  ASSERT_TRUE(frontier.next_refill());
  frontier.refilled(1, queued_urls(1, 6, 7), false, start);
  for (const std::int64_t seq : {6, 7}) {
    EXPECT_EQ(leased(frontier.acquire(at_ms(seq))), seq);
    frontier.release(1, at_ms(seq));
  }
  EXPECT_TRUE(is_idle(frontier.acquire(at_ms(10))));
}

// Its last URL is read and committed long after its host was released; until then the store has it
// as queued, and a refill that began at the first would bring it again.
TEST(FrontierRefill, AHostIsNotForgottenBeforeItsVisitsHaveEnded) {
  Frontier frontier(1, 4);
  push(frontier, 1, 5);
  EXPECT_EQ(leased(frontier.acquire(at_ms(0))), 5);
  frontier.begin_visit(1);
  frontier.release(1, at_ms(10));
  EXPECT_TRUE(is_idle(frontier.acquire(at_ms(20))));
  EXPECT_EQ(frontier.counts().hosts, 1U);
  frontier.mark_spilled(1);
  EXPECT_EQ(frontier.next_refill()->after_seq, 5);
  frontier.refilled(1, {}, false, start);
  frontier.end_visit(1);
  EXPECT_TRUE(is_idle(frontier.acquire(at_ms(30))));
  EXPECT_EQ(frontier.counts().hosts, 0U);
}

TEST(FrontierRefill, AUrlOvertakenByOthersAfterARefillIsNotLost) {
  Frontier frontier(1, 4);
  frontier.add({.id = 1, .key = "h1.test"});
  frontier.mark_spilled(1);
  ASSERT_TRUE(frontier.next_refill());
  frontier.refilled(1, queued_urls(1, 7, 8), false, start);
  push(frontier, 1, 12);  // of another shard than 10, and faster
  push(frontier, 1, 10);
  push(frontier, 1, 8);  // which the refill has brought
  std::vector<std::int64_t> order;
  for (int i = 0; i < 5; ++i) {
    const auto acquired = frontier.acquire(at_ms(0));
    if (leased(acquired) < 0) break;
    order.push_back(leased(acquired));
    frontier.release(1, Mono::min());
  }
  EXPECT_EQ(order, (std::vector<std::int64_t>{7, 8, 10, 12}));
  push(frontier, 1, 11);
  EXPECT_EQ(leased(frontier.acquire(at_ms(0))), 11);
}

TEST(FrontierRefill, AUrlOvertakenBeforeARefillOfWhatLiesBehindItIsNotLost) {
  Frontier frontier(1, 2);
  push(frontier, 1, 5);
  push(frontier, 1, 6);
  push(frontier, 1, 7);  // stays in the store
  for (std::int64_t seq = 5; seq <= 6; ++seq) {
    EXPECT_EQ(leased(frontier.acquire(at_ms(0))), seq);
    frontier.release(1, Mono::min());
  }
  EXPECT_EQ(frontier.next_refill()->after_seq, 6);
  frontier.refilled(1, queued_urls(1, 7, 7), false, start);
  push(frontier, 1, 4);  // the refill has not looked there
  EXPECT_EQ(leased(frontier.acquire(at_ms(0))), 4);
}

TEST(FrontierRefill, RefillsComeTogetherWhenMemoryIsScarce) {
  Frontier frontier(1, 64, Millis{0}, 640);
  for (std::int64_t host = 1; host <= 20; ++host)
    for (std::int64_t i = 0; i < 64; ++i) push(frontier, host, host * 100 + i);
  // Of the hosts that have nothing in memory each refill brings a good part of a window.
  std::size_t refills = 0, urls = 0;
  for (int i = 0; i < 320; ++i) {
    const std::int64_t seq = leased(frontier.acquire(at_ms(0)));
    ASSERT_GT(seq, 0);
    frontier.release(seq / 100, Mono::min());
    while (const auto request = frontier.next_refill()) {
      ++refills;
      urls += request->max_urls;
      frontier.refilled(request->host, {}, false, start);
    }
  }
  ASSERT_GT(refills, 0U);
  EXPECT_GE(urls, refills * 30);
}

TEST(FrontierRefill, AnEmptyAnswerEndsTheAsking) {
  Frontier frontier(1, 4);
  frontier.add({.id = 1, .key = "h1.test"});
  frontier.mark_spilled(1);
  EXPECT_TRUE(is_idle(frontier.acquire(at_ms(0))));
  const auto request = frontier.next_refill();
  ASSERT_TRUE(request);
  EXPECT_LT(request->after_seq, 0);
  EXPECT_EQ(request->max_urls, 4U);
  frontier.refilled(1, {}, true, start);
  EXPECT_FALSE(frontier.next_refill());
  EXPECT_TRUE(is_idle(frontier.acquire(at_ms(1))));
  EXPECT_EQ(frontier.counts().hosts, 0U);
}

TEST(FrontierRefill, StoredDueTimesAreKept) {
  Frontier frontier(1, 4);
  frontier.add({.id = 1, .key = "h1.test"}, at_ms(50));
  frontier.mark_spilled(1);
  ASSERT_TRUE(frontier.next_refill());
  frontier.refilled(1, {queued_url(1, 1, 1'000'700), queued_url(1, 2, 1'000'300)}, false, start);
  EXPECT_EQ(wake_ms(frontier.acquire(at_ms(100))), 300);
  EXPECT_EQ(leased(frontier.acquire(at_ms(300))), 2);
  frontier.release(1, at_ms(310));
  EXPECT_EQ(wake_ms(frontier.acquire(at_ms(310))), 700);
}

TEST(FrontierRefill, DelayedUrlsTakeUpRoomSoThatADeadHostIsNotReadInto) {
  Frontier frontier(1, 4);
  for (std::int64_t seq = 1; seq <= 9; ++seq) push(frontier, 1, seq);
  for (int i = 0; i < 4; ++i) {
    auto lease = std::get<Lease>(frontier.acquire(at_ms(i)));
    frontier.retry(std::move(lease.url), at_ms(60'000));
    frontier.release(1, at_ms(i));
  }
  EXPECT_FALSE(frontier.next_refill());
  EXPECT_EQ(wake_ms(frontier.acquire(at_ms(10))), 60'000);
}

TEST(FrontierRefill, MemoryIsBoundedOverAllHosts) {
  Frontier frontier(1, 64, Millis{0}, 10);
  for (std::int64_t host = 1; host <= 20; ++host) push(frontier, host, host);
  EXPECT_EQ(frontier.counts().urls_in_memory, 10U);
  EXPECT_EQ(frontier.counts().hosts_spilled, 10U);
  EXPECT_FALSE(frontier.next_refill());
  for (std::int64_t host = 1; host <= 3; ++host)
    EXPECT_EQ(leased(frontier.acquire(at_ms(0))), host);
  // Three places are free: the hosts that have waited longest share them.
  const auto request = frontier.next_refill();
  ASSERT_TRUE(request);
  EXPECT_EQ(request->host, 11);
  EXPECT_EQ(request->max_urls, 3U);
  EXPECT_FALSE(frontier.next_refill());
  frontier.refilled(11, {queued_url(11, 11)}, false, start);
  EXPECT_EQ(frontier.next_refill()->host, 12);
}

TEST(FrontierRefill, AHostThatCouldBeFetchedIsServedThoughMemoryIsFullOfWaitingUrls) {
  Frontier frontier(1, 64, Millis{0}, 2);
  for (const std::int64_t host : {1, 2}) {
    frontier.add({.id = host, .key = "h"}, at_ms(60'000));
    push(frontier, host, host);
  }
  push(frontier, 3, 3);
  push(frontier, 3, 4);
  frontier.add({.id = 4, .key = "h"}, at_ms(500));
  push(frontier, 4, 5);
  EXPECT_EQ(wake_ms(frontier.acquire(at_ms(0))), 60'000);
  const auto request = frontier.next_refill();
  ASSERT_TRUE(request);
  EXPECT_EQ(request->host, 3);
  EXPECT_EQ(request->max_urls, 1U);
  EXPECT_FALSE(frontier.next_refill());
  frontier.refilled(3, {queued_url(3, 3)}, true, start);
  EXPECT_EQ(leased(frontier.acquire(at_ms(1))), 3);
  EXPECT_EQ(wake_ms(frontier.acquire(at_ms(2))), 500);  // then host 4 may be asked for
  EXPECT_FALSE(frontier.next_refill());
  EXPECT_EQ(wake_ms(frontier.acquire(at_ms(500))), 60'000);
  EXPECT_EQ(frontier.next_refill()->host, 4);
}

TEST(FrontierRefill, RequestsInAdvanceDoNotHoldUpTheHungry) {
  Frontier frontier(1, 4);
  for (std::int64_t seq = 1; seq <= 9; ++seq) push(frontier, 1, seq);
  for (int i = 0; i < 2; ++i) {
    EXPECT_GE(leased(frontier.acquire(at_ms(i))), 1);
    frontier.release(1, at_ms(i));
  }
  frontier.add({.id = 2, .key = "h2.test"});
  frontier.mark_spilled(2);
  EXPECT_EQ(frontier.next_refill()->host, 2);  // has nothing; host 1 has two left
  EXPECT_EQ(frontier.next_refill()->host, 1);
}

TEST(FrontierRefill, BringsUrlsOfAHighPriorityFirst) {
  Frontier frontier(1, 4);
  const auto seq = [](int priority, std::int64_t number) {
    return sequence_number(priority, number);
  };
  for (std::int64_t number = 1; number <= 8; ++number) push(frontier, 1, seq(0, number));
  for (std::int64_t number = 9; number <= 16; ++number) push(frontier, 1, seq(3, number));
  for (const std::int64_t number : {9, 10}) {
    EXPECT_EQ(leased(frontier.acquire(at_ms(0))), seq(3, number));
    frontier.release(1, Mono::min());
  }
  const auto request = frontier.next_refill();
  ASSERT_TRUE(request);
  EXPECT_EQ(request->after_seq, seq(3, 12));
  EXPECT_EQ(request->max_urls, 2U);
  push(frontier, 1, seq(10, 17));  // the most urgent of all, while the request is out
  frontier.refilled(1, {queued_url(1, seq(3, 13)), queued_url(1, seq(3, 14))}, true, start);
  EXPECT_EQ(leased(frontier.acquire(at_ms(0))), seq(10, 17));
  frontier.release(1, Mono::min());
  for (const std::int64_t number : {11, 12, 13}) {
    EXPECT_EQ(leased(frontier.acquire(at_ms(0))), seq(3, number));
    frontier.release(1, Mono::min());
  }
}

TEST(FrontierRefill, AStartReadsEachLaneThatTheStoreHas) {
  Frontier frontier(1, 4);
  frontier.add({.id = 1, .key = "h1.test"});
  frontier.mark_spilled(1, LaneSet{1} << lane_of_priority(5) | LaneSet{1} << lane_of_priority(-5));
  const std::int64_t urgent = sequence_number(5, 9), late = sequence_number(-5, 1);
  ASSERT_EQ(frontier.next_refill()->after_seq, before_lane(lane_of_priority(5)));
  push(frontier, 1, sequence_number(-5, 20));  // its lane is still to be read
  frontier.refilled(1, {queued_url(1, urgent)}, false, start);
  EXPECT_EQ(leased(frontier.acquire(at_ms(0))), urgent);
  frontier.release(1, Mono::min());
  ASSERT_EQ(frontier.next_refill()->after_seq, before_lane(0));
  frontier.refilled(1, {queued_url(1, 3)}, false, start);
  ASSERT_EQ(frontier.next_refill()->after_seq, before_lane(lane_of_priority(-5)));
  frontier.refilled(1, {queued_url(1, late), queued_url(1, sequence_number(-5, 20))}, false, start);
  for (const std::int64_t seq : {INT64_C(3), late, sequence_number(-5, 20)}) {
    EXPECT_EQ(leased(frontier.acquire(at_ms(0))), seq);
    frontier.release(1, Mono::min());
  }
  EXPECT_TRUE(is_idle(frontier.acquire(at_ms(0))));
  EXPECT_EQ(frontier.counts().hosts_spilled, 0U);
}

}  // namespace trawl::crawl
