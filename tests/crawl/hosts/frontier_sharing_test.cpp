// What keeps a host back besides its own queue, in virtual time: other frontiers, its breaker, and
// time during which the process did not run.
#include "core/crawl/hosts/frontier.hpp"
#include "tests/support/manual_clock.hpp"
#include "virtual_time.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>

namespace trawl::crawl {
namespace {

constexpr std::chrono::hours ten_years{24 * 3652};

// A frontier that counts how often it was woken.
struct Sharer {
  Sharer(PolitenessBuckets& buckets, const BucketLimits& limits) {
    frontier.share(buckets, limits, [this] { ++woken; });
  }
  void push(std::int64_t host, std::string_view key, int urls) {
    for (int i = 0; i < urls; ++i) frontier.push(host, key, queued_url(host, ++seq));
  }

  Frontier frontier{1};
  int woken = 0;
  std::int64_t seq = 0;
};

void push_urls(Frontier& frontier, std::int64_t host, int urls) {
  for (int i = 1; i <= urls; ++i) frontier.push(host, "h", queued_url(host, host * 100 + i));
}

}  // namespace

TEST(FrontierSharing, ABlockedHostIsLeftAloneAndThenAskedOneThingAtATime) {
  Frontier frontier(3);
  push_urls(frontier, 1, 5);
  EXPECT_EQ(leased(frontier.acquire(at_ms(0))), 101);
  frontier.block(1, at_ms(10'000));
  frontier.release(1, at_ms(50));
  EXPECT_EQ(wake_ms(frontier.acquire(at_ms(60))), 10'000);
  EXPECT_EQ(leased(frontier.acquire(at_ms(10'000))), 102);
  EXPECT_TRUE(is_idle(frontier.acquire(at_ms(10'001))));  // the probe is out
  frontier.unblock(1);
  EXPECT_EQ(leased(frontier.acquire(at_ms(10'002))), 103);
  EXPECT_EQ(leased(frontier.acquire(at_ms(10'002))), 104);
}

TEST(FrontierSharing, ABlockedHostIsRememberedWhenItHasNothingLeft) {
  Frontier frontier(3);
  push_urls(frontier, 1, 1);
  EXPECT_EQ(leased(frontier.acquire(at_ms(0))), 101);
  frontier.block(1, at_ms(1'000));
  frontier.release(1, at_ms(50));
  EXPECT_TRUE(is_idle(frontier.acquire(at_ms(60))));
  push_urls(frontier, 1, 3);
  EXPECT_EQ(wake_ms(frontier.acquire(at_ms(70))), 1'000);
}

TEST(FrontierSharing, ADrainedHostGivesAllItsUrlsAtOnce) {
  PolitenessBuckets buckets;
  Sharer job{buckets, {.delay = Millis{1000}}};
  job.push(1, "a.test", 4);
  EXPECT_EQ(leased(job.frontier.acquire(at_ms(0))), 1);
  job.frontier.drain(1, at_ms(5'000));
  job.frontier.release(1, at_ms(60'000), Millis{60'000});
  for (std::int64_t seq = 2; seq <= 4; ++seq) {
    const auto acquired = job.frontier.acquire(at_ms(1));
    ASSERT_EQ(leased(acquired), seq);
    EXPECT_EQ(std::get<Lease>(acquired).access, HostAccess::given_up);
    job.frontier.release(1, Mono::min());
  }
  // Its time is over: one URL goes out to try it, when politeness allows.
  job.push(1, "a.test", 2);
  EXPECT_EQ(wake_ms(job.frontier.acquire(at_ms(5'000))), 60'000);
  const auto probe = job.frontier.acquire(at_ms(60'000));
  ASSERT_EQ(leased(probe), 5);
  EXPECT_EQ(std::get<Lease>(probe).access, HostAccess::turn);
}

TEST(FrontierSharing, TwoJobsKeepTheDelayOnOneHostTogetherAndTakeTurns) {
  PolitenessBuckets buckets;
  Sharer one{buckets, {.delay = Millis{1000}}}, other{buckets, {.delay = Millis{1000}}};
  one.push(7, "a.test", 20);
  other.push(3, "a.test", 20);
  std::map<Sharer*, int> leases;
  Mono now = at_ms(0);
  for (int i = 0; i < 20; ++i) {
    Sharer* leader = nullptr;
    for (Sharer* job : {&one, &other}) {
      const auto acquired = job->frontier.acquire(now);
      if (std::holds_alternative<Lease>(acquired)) {
        ASSERT_EQ(leader, nullptr) << "both at once";
        leader = job;
      }
    }
    ASSERT_NE(leader, nullptr) << i;
    ++leases[leader];
    now += Millis{100};
    leader->frontier.release(leader == &one ? 7 : 3, now + Millis{1000}, Millis{1000});
    EXPECT_GT(leader == &one ? other.woken : one.woken, 0);
    // Nobody before the time.
    for (Sharer* job : {&one, &other})
      EXPECT_EQ(leased(job->frontier.acquire(now + Millis{999})), -1);
    now += Millis{1000};
  }
  EXPECT_EQ(leases[&one], 10);
  EXPECT_EQ(leases[&other], 10);
}

TEST(FrontierSharing, HostsOfAnAddressWaitForItsPlaceAndAreWokenOneByOne) {
  PolitenessBuckets buckets;
  const BucketLimits limits{.per_ip = 1};
  Sharer one{buckets, limits}, other{buckets, limits};
  one.push(1, "127.0.0.1:81", 1);
  for (std::int64_t host = 1; host <= 50; ++host)
    other.push(host, fmt::format("127.0.0.1:{}", 1000 + host), 1);
  EXPECT_EQ(leased(one.frontier.acquire(at_ms(0))), 1);
  EXPECT_TRUE(is_idle(other.frontier.acquire(at_ms(0))));
  EXPECT_EQ(other.frontier.counts().hosts_parked, 50U);
  EXPECT_EQ(other.frontier.counts().hosts_waiting, 50U);
  one.frontier.release(1, at_ms(10), Millis{0});
  EXPECT_EQ(other.woken, 1);
  for (std::int64_t host = 1; host <= 50; ++host) {
    const auto acquired = other.frontier.acquire(at_ms(10 + host));
    ASSERT_TRUE(std::holds_alternative<Lease>(acquired)) << host;
    EXPECT_EQ(std::get<Lease>(acquired).host, host);  // in the order in which they came
    EXPECT_TRUE(is_idle(other.frontier.acquire(at_ms(10 + host))));
    other.frontier.release(host, at_ms(10 + host), Millis{0});
  }
  EXPECT_EQ(other.frontier.counts().hosts_parked, 0U);
}

TEST(FrontierSharing, AHostThatWasWokenForAPlaceAndIsLeftAlonePassesItToTheNext) {
  PolitenessBuckets buckets;
  Sharer job{buckets, {.per_ip = 1}};
  for (std::int64_t host = 1; host <= 3; ++host) {
    job.push(host, fmt::format("h{}.test", host), 1);
    job.frontier.set_address(host, "192.0.2.1", at_ms(0));
  }
  ASSERT_EQ(leased(job.frontier.acquire(at_ms(0))), 1);
  EXPECT_TRUE(is_idle(job.frontier.acquire(at_ms(1))));
  EXPECT_EQ(job.frontier.counts().hosts_parked, 2U);
  // The second host is woken, but one of another address goes first; then its breaker opens.
  job.push(4, "h4.test", 1);
  job.frontier.release(1, at_ms(2), Millis{1});
  ASSERT_EQ(leased(job.frontier.acquire(at_ms(2))), 4);
  job.frontier.block(2, at_ms(3'600'000));
  EXPECT_EQ(leased(job.frontier.acquire(at_ms(3))), 3);
}

// A page may lead to one more URL of each of very many hosts of one machine.
TEST(FrontierSharing, AForgottenHostIsStillWhereItWas) {
  PolitenessBuckets buckets;
  Sharer job{buckets, {.per_ip = 1}};
  job.frontier.recall_by([](std::int64_t, std::string_view) {
    return RememberedHost{.address = address_bucket("192.0.2.1")};
  });
  for (std::int64_t host = 1; host <= 2; ++host) job.push(host, fmt::format("h{}.test", host), 1);
  ASSERT_EQ(leased(job.frontier.acquire(at_ms(0))), 1);
  EXPECT_TRUE(is_idle(job.frontier.acquire(at_ms(1))));
  EXPECT_EQ(job.frontier.counts().hosts_parked, 1U);
  job.frontier.release(1, at_ms(10));
  EXPECT_EQ(leased(job.frontier.acquire(at_ms(10))), 2);
}

TEST(FrontierSharing, WhatAJobHadInFlightIsGivenBackWhenItEnds) {
  PolitenessBuckets buckets;
  const BucketLimits limits{.delay = Millis{500}};
  Sharer stays{buckets, limits};
  stays.push(1, "a.test", 1);
  {
    Sharer ends{buckets, limits};
    ends.push(1, "a.test", 1);
    EXPECT_EQ(leased(ends.frontier.acquire(at_ms(0))), 1);
    EXPECT_TRUE(is_idle(stays.frontier.acquire(at_ms(10))));
    ends.frontier.abandon(at_ms(20));
  }
  EXPECT_GT(stays.woken, 0);
  EXPECT_EQ(wake_ms(stays.frontier.acquire(at_ms(20))), 520);
  EXPECT_EQ(leased(stays.frontier.acquire(at_ms(520))), 1);
}

TEST(FrontierSharing, TimeInWhichTheProcessWasStoppedIsNoWait) {
  Frontier frontier(1);
  // A hundred hosts, one due every 10 ms.
  for (std::int64_t host = 1; host <= 100; ++host) push_urls(frontier, host, 3);
  for (std::int64_t host = 1; host <= 100; ++host) {
    ASSERT_EQ(leased(frontier.acquire(at_ms(10 * host))), host * 100 + 1);
    frontier.release(host, at_ms(10 * host + 1000), Millis{1000});
  }
  EXPECT_EQ(wake_ms(frontier.acquire(at_ms(1000))), 1010);
  // Stopped for an hour; then not all at once, but as they would have come.
  const std::int64_t hour = 3'600'000;
  std::map<std::int64_t, std::int64_t> started;
  for (std::int64_t now = 1005 + hour; started.size() < 100; ++now) {
    int at_once = 0;
    for (auto acquired = frontier.acquire(at_ms(now)); std::holds_alternative<Lease>(acquired);
         acquired = frontier.acquire(at_ms(now))) {
      started[std::get<Lease>(acquired).host] = now;
      ++at_once;
    }
    ASSERT_LE(at_once, 2);
    ASSERT_LT(now, 1005 + hour + 2000) << started.size();
  }
  for (const auto& [host, at] : started) {
    EXPECT_GE(at - hour, 10 * host + 1000) << host;
    EXPECT_LE(at - hour, 10 * host + 1000 + 1005) << host;
  }
}

// Paused, or without memory for another fetch: the time that passes then is time like any other.
TEST(FrontierSharing, TimeInWhichTheShardStoodStillIsAWait) {
  Frontier frontier(1);
  push_urls(frontier, 1, 2);
  ASSERT_EQ(leased(frontier.acquire(at_ms(0))), 101);
  frontier.release(1, at_ms(1000), Millis{1000});
  EXPECT_EQ(wake_ms(frontier.acquire(at_ms(10))), 1000);
  frontier.stand_still();
  EXPECT_EQ(leased(frontier.acquire(at_ms(3000))), 102);
}

TEST(FrontierSharing, WaitsRestartFromNowOnAndAreNeverLongerThanAWholeOne) {
  Frontier frontier(1);
  push_urls(frontier, 1, 2);
  EXPECT_EQ(leased(frontier.acquire(at_ms(0))), 101);
  frontier.release(1, at_ms(60'000), Millis{60'000});
  EXPECT_EQ(wake_ms(frontier.acquire(at_ms(0))), 60'000);
  EXPECT_EQ(wake_ms(frontier.acquire(at_ms(100'000'000))), 100'060'000);
  EXPECT_EQ(leased(frontier.acquire(at_ms(100'060'000))), 102);
}

TEST(FrontierSharing, ALittleLateIsNoStop) {
  Frontier frontier(1);
  push_urls(frontier, 1, 2);
  EXPECT_EQ(leased(frontier.acquire(at_ms(0))), 101);
  frontier.release(1, at_ms(1000), Millis{1000});
  EXPECT_EQ(wake_ms(frontier.acquire(at_ms(0))), 1000);
  EXPECT_EQ(leased(frontier.acquire(at_ms(1900))), 102);
}

// A clock that was set wrongly is in what was stored, or in what it is compared with.
TEST(FrontierSharing, StoredTimesAreBoundedWhicheverWayTheWallClockJumped) {
  support::ManualClock clock;
  const std::int64_t due_ms = (clock.wall() + Millis{2000}).time_since_epoch().count();
  const Millis wait_max{60'000};
  const auto due = [&] { return due_time(due_ms, {clock.now(), clock.wall()}, wait_max); };
  EXPECT_EQ(due(), clock.now() + Millis{2000});
  const Wall right = clock.wall();
  clock.set_wall(right - ten_years);
  EXPECT_EQ(due(), clock.now() + wait_max);
  clock.set_wall(right + ten_years);
  EXPECT_EQ(due(), Mono::min());
}

// The leases of 100 good hosts in 60 s of virtual time, beside a host that never answers.
int good_leases(bool with_bad_host) {
  Frontier frontier(1);
  std::multimap<Mono, std::int64_t> ends;
  for (std::int64_t host = 1; host <= 100; ++host) push_urls(frontier, host, 64);
  if (with_bad_host) push_urls(frontier, 1000, 64);
  int good = 0;
  std::size_t in_flight = 0;
  for (Mono now = at_ms(0); now < at_ms(60'000);) {
    Mono next = at_ms(60'000);
    while (in_flight < 16) {  // places in the shard
      const auto acquired = frontier.acquire(now);
      if (const auto* wake = std::get_if<Mono>(&acquired)) next = std::min(next, *wake);
      const auto* lease = std::get_if<Lease>(&acquired);
      if (lease == nullptr) break;
      ++in_flight;
      good += lease->host <= 100 ? 1 : 0;
      ends.emplace(now + Millis{lease->host <= 100 ? 20 : 30'000}, lease->host);
    }
    if (!ends.empty()) next = std::min(next, ends.begin()->first);
    now = next;
    while (!ends.empty() && ends.begin()->first <= now) {
      frontier.release(ends.begin()->second, now + Millis{1000}, Millis{1000});
      ends.erase(ends.begin());
      --in_flight;
    }
  }
  return good;
}

TEST(FrontierSharing, AHostThatNeverAnswersTakesNothingFromAHundredGoodOnes) {
  const int alone = good_leases(false);
  EXPECT_GT(alone, 5000);
  EXPECT_GE(good_leases(true), alone * 95 / 100);
}

}  // namespace trawl::crawl
