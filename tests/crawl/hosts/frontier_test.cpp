// Leases and their order, one rule at a time; the refills are in frontier_refill_test.cpp.
#include "core/crawl/hosts/frontier.hpp"

#include "virtual_time.hpp"

#include <gtest/gtest.h>

namespace trawl::crawl {
namespace {

void push(Frontier& frontier, std::int64_t host, std::int64_t seq, Mono due = Mono::min()) {
  frontier.push(host, "h" + std::to_string(host) + ".test", queued_url(host, seq), due);
}

}  // namespace

TEST(Frontier, IsIdleWithoutUrls) {
  Frontier frontier(1);
  EXPECT_TRUE(is_idle(frontier.acquire(at_ms(0))));
  frontier.add({.id = 1, .key = "h1.test"}, at_ms(500));
  EXPECT_TRUE(is_idle(frontier.acquire(at_ms(0))));
}

TEST(Frontier, LeasesAHostsUrlsInSequenceOrder) {
  Frontier frontier(1);
  for (const std::int64_t seq : {1, 4, 9}) push(frontier, 1, seq);
  for (const std::int64_t seq : {1, 4, 9}) {
    EXPECT_EQ(leased(frontier.acquire(at_ms(seq))), seq);
    frontier.release(1, at_ms(seq));
  }
  EXPECT_TRUE(is_idle(frontier.acquire(at_ms(10))));
}

// Two shards hand over what one commit gave them, and the later one is quicker.
TEST(Frontier, AUrlThatWasOvertakenOnItsWayIsNotLost) {
  Frontier frontier(1);
  push(frontier, 1, 6);
  push(frontier, 1, 5);
  for (const std::int64_t seq : {5, 6}) {
    EXPECT_EQ(leased(frontier.acquire(at_ms(seq))), seq);
    frontier.release(1, at_ms(seq));
  }
  EXPECT_TRUE(is_idle(frontier.acquire(at_ms(10))));
}

TEST(Frontier, HostIsNotLeasedAgainBeforeItsDelay) {
  Frontier frontier(1);
  push(frontier, 1, 1);
  push(frontier, 1, 2);
  EXPECT_EQ(leased(frontier.acquire(at_ms(0))), 1);
  frontier.release(1, at_ms(1000));
  EXPECT_EQ(wake_ms(frontier.acquire(at_ms(10))), 1000);
  EXPECT_EQ(wake_ms(frontier.acquire(at_ms(999))), 1000);
  EXPECT_EQ(leased(frontier.acquire(at_ms(1000))), 2);
}

TEST(Frontier, HostIsNotLeasedTwiceAtOnce) {
  Frontier frontier(1);
  push(frontier, 1, 1);
  push(frontier, 1, 2);
  EXPECT_EQ(leased(frontier.acquire(at_ms(0))), 1);
  EXPECT_TRUE(is_idle(frontier.acquire(at_ms(0))));
  EXPECT_TRUE(is_idle(frontier.acquire(at_ms(1'000'000))));
}

TEST(Frontier, PerHostBoundsWhatIsInFlight) {
  Frontier frontier(3);
  for (std::int64_t seq = 1; seq <= 5; ++seq) push(frontier, 1, seq);
  for (const std::int64_t seq : {1, 2, 3}) EXPECT_EQ(leased(frontier.acquire(at_ms(0))), seq);
  EXPECT_EQ(leased(frontier.acquire(at_ms(0))), -2);
  frontier.release(1, at_ms(0));
  EXPECT_EQ(leased(frontier.acquire(at_ms(1))), 4);
  EXPECT_EQ(leased(frontier.acquire(at_ms(1))), -2);
}

TEST(Frontier, StartsOnOneHostAreSpacedWhileOthersAreInFlight) {
  Frontier frontier(3, 64, Millis{100});
  for (std::int64_t seq = 1; seq <= 6; ++seq) push(frontier, 1, seq);
  EXPECT_EQ(leased(frontier.acquire(at_ms(0))), 1);
  EXPECT_EQ(wake_ms(frontier.acquire(at_ms(0))), 100);
  EXPECT_EQ(leased(frontier.acquire(at_ms(100))), 2);
  // An end asks for its own wait, whatever else is in flight.
  frontier.release(1, at_ms(450), Millis{300});
  EXPECT_EQ(wake_ms(frontier.acquire(at_ms(120))), 450);
  EXPECT_EQ(leased(frontier.acquire(at_ms(450))), 3);
  EXPECT_EQ(wake_ms(frontier.acquire(at_ms(450))), 750);
}

TEST(Frontier, ALeaseWithoutARequestCostsNoDelay) {
  Frontier frontier(1, 64, Millis{1000});
  for (std::int64_t seq = 1; seq <= 3; ++seq) push(frontier, 1, seq);
  EXPECT_EQ(leased(frontier.acquire(at_ms(0))), 1);
  frontier.release(1, Mono::min());
  EXPECT_EQ(leased(frontier.acquire(at_ms(0))), 2);
  frontier.release(1, at_ms(1000));
  EXPECT_EQ(wake_ms(frontier.acquire(at_ms(0))), 1000);
}

TEST(Frontier, ALaterReleaseDoesNotShortenAnEarlierWait) {
  Frontier frontier(2);
  for (std::int64_t seq = 1; seq <= 3; ++seq) push(frontier, 1, seq);
  EXPECT_EQ(leased(frontier.acquire(at_ms(0))), 1);
  EXPECT_EQ(leased(frontier.acquire(at_ms(0))), 2);
  frontier.release(1, at_ms(60'000));  // Retry-After
  frontier.release(1, at_ms(1000));
  EXPECT_EQ(wake_ms(frontier.acquire(at_ms(10))), 60'000);
}

TEST(Frontier, HostsGoByTheirAllowedTimes) {
  Frontier frontier(1);
  for (const auto& [host, ms] : {std::pair{1, 30}, {2, 10}, {3, 20}}) {
    frontier.add({.id = host, .key = "h"}, at_ms(ms));
    push(frontier, host, host);
  }
  EXPECT_EQ(wake_ms(frontier.acquire(at_ms(0))), 10);
  for (const std::int64_t host : {2, 3, 1}) EXPECT_EQ(leased(frontier.acquire(at_ms(100))), host);
}

TEST(Frontier, HostsChangePlacesWhenTheirTimesChange) {
  Frontier frontier(1);
  for (std::int64_t host = 1; host <= 4; ++host) {
    frontier.add({.id = host, .key = "h"}, at_ms(10 * host));
    push(frontier, host, host, at_ms(10 * host));
  }
  push(frontier, 5, 5, at_ms(500));
  frontier.add({.id = 1, .key = "h"}, at_ms(100));  // told to wait longer
  push(frontier, 5, 6);                             // has something at once now
  for (const std::int64_t seq : {6, 2, 3, 4, 1}) {
    EXPECT_EQ(leased(frontier.acquire(at_ms(seq == 6 ? 0 : 200))), seq);
  }
}

TEST(Frontier, HostsThatAreEquallyEarlyTakeTurns) {
  Frontier frontier(1);
  for (std::int64_t seq = 0; seq < 9; ++seq) push(frontier, 1 + seq / 3, seq);
  std::vector<std::int64_t> order;
  for (int i = 0; i < 9; ++i) {
    const auto acquired = frontier.acquire(at_ms(i));
    order.push_back(leased(acquired));
    frontier.release(std::get<Lease>(acquired).host, at_ms(i));
  }
  EXPECT_EQ(order, (std::vector<std::int64_t>{0, 3, 6, 1, 4, 7, 2, 5, 8}));
}

TEST(Frontier, ANewHostDoesNotOvertakeThoseThatWaitTheirTurn) {
  Frontier frontier(1);
  push(frontier, 1, 1);
  push(frontier, 2, 2);
  EXPECT_EQ(leased(frontier.acquire(at_ms(50))), 1);
  push(frontier, 3, 3);
  EXPECT_EQ(leased(frontier.acquire(at_ms(60))), 2);
  EXPECT_EQ(leased(frontier.acquire(at_ms(60))), 3);
}

TEST(Frontier, ARetryWaitsForItsTimeWhileOthersGoOn) {
  Frontier frontier(1);
  for (std::int64_t seq = 1; seq <= 3; ++seq) push(frontier, 1, seq);
  auto first = std::get<Lease>(frontier.acquire(at_ms(0)));
  frontier.retry(std::move(first.url), at_ms(500));
  frontier.release(1, at_ms(10));
  EXPECT_EQ(leased(frontier.acquire(at_ms(10))), 2);
  frontier.release(1, at_ms(20));
  EXPECT_EQ(leased(frontier.acquire(at_ms(600))), 1);  // due now, and the lower number
  frontier.release(1, at_ms(610));
  EXPECT_EQ(leased(frontier.acquire(at_ms(610))), 3);
}

TEST(Frontier, SleepsUntilARetryIsDue) {
  Frontier frontier(1);
  push(frontier, 1, 1);
  auto lease = std::get<Lease>(frontier.acquire(at_ms(0)));
  frontier.retry(std::move(lease.url), at_ms(5000));
  frontier.release(1, at_ms(100));
  EXPECT_EQ(wake_ms(frontier.acquire(at_ms(200))), 5000);
  EXPECT_EQ(leased(frontier.acquire(at_ms(5000))), 1);
}

TEST(Frontier, APushedUrlMayBeDueLater) {
  Frontier frontier(1);
  push(frontier, 1, 1, at_ms(300));
  EXPECT_EQ(wake_ms(frontier.acquire(at_ms(0))), 300);
  push(frontier, 1, 2);
  EXPECT_EQ(leased(frontier.acquire(at_ms(0))), 2);
}

TEST(Frontier, ForgetsAHostThatHasNothingLeftOnceItsWaitIsOver) {
  Frontier frontier(1);
  push(frontier, 1, 1);
  EXPECT_EQ(leased(frontier.acquire(at_ms(0))), 1);
  EXPECT_EQ(frontier.host_key(1), "h1.test");
  frontier.release(1, at_ms(1000));
  EXPECT_TRUE(is_idle(frontier.acquire(at_ms(999))));
  EXPECT_EQ(frontier.counts().hosts, 1U);
  push(frontier, 1, 2);  // still remembers the delay
  EXPECT_EQ(wake_ms(frontier.acquire(at_ms(999))), 1000);
  EXPECT_EQ(leased(frontier.acquire(at_ms(1000))), 2);
  frontier.release(1, at_ms(2000));
  EXPECT_TRUE(is_idle(frontier.acquire(at_ms(2000))));
  EXPECT_EQ(frontier.counts().hosts, 0U);
  EXPECT_EQ(frontier.host_key(1), "");
}

TEST(Frontier, CountsWhatTheProgressLineShows) {
  Frontier frontier(1);
  for (std::int64_t seq = 0; seq < 6; ++seq) push(frontier, 1 + seq % 3, seq);
  frontier.add({.id = 3, .key = "h3.test"}, at_ms(70));
  EXPECT_EQ(leased(frontier.acquire(at_ms(0))), 0);
  const FrontierCounts counts = frontier.counts();
  EXPECT_EQ(counts.hosts, 3U);
  EXPECT_EQ(counts.hosts_ready, 1U);
  EXPECT_EQ(counts.hosts_waiting, 1U);
  EXPECT_EQ(counts.in_flight, 1U);
  EXPECT_EQ(counts.urls_in_memory, 5U);
  EXPECT_EQ(counts.hosts_spilled, 0U);
}

TEST(DueTime, TranslatesWallClockTimes) {
  const ClockReading now{at_ms(5000), Wall{Millis{1'000'000}}};
  EXPECT_EQ(due_time(0, now, Millis{1000}), Mono::min());
  EXPECT_EQ(due_time(1'000'000, now, Millis{1000}), Mono::min());
  EXPECT_EQ(due_time(1'000'400, now, Millis{1000}), at_ms(5400));
  EXPECT_EQ(due_time(9'000'000'000'000, now, Millis{1000}), at_ms(6000));
}

}  // namespace trawl::crawl
