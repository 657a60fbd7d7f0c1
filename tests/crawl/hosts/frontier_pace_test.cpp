// A pace that changes while hosts wait, in virtual time.
#include "core/crawl/hosts/frontier.hpp"
#include "virtual_time.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>

namespace trawl::crawl {
namespace {

HostPace paced(Millis delay, int per_host = 1) {
  return {
      .per_host = per_host, .start_gap = delay, .limits = {.delay = delay, .per_host = per_host}};
}

// Two jobs on the hosts of one process.
struct World {
  World() {
    frontier.share(buckets, paced(Millis{60'000}).limits, [] {});
    other.share(buckets, paced(Millis{60'000}).limits, [] {});
    for (int i = 1; i <= 4; ++i) frontier.push(1, "a.test", queued_url(1, i));
    other.push(1, "a.test", queued_url(1, 100));
  }
  // Fetches one URL, which ends after 100 ms.
  void fetch(std::int64_t start_ms, Millis wait, Millis asked = Millis{0}) {
    ASSERT_GT(leased(frontier.acquire(at_ms(start_ms))), 0);
    frontier.release(1, at_ms(start_ms + 100) + wait, wait, asked);
  }

  PolitenessBuckets buckets;
  Frontier frontier{1, 100, Millis{60'000}};
  Frontier other{1, 100, Millis{1'000}};
};

TEST(FrontierPace, AShorterDelayHoldsForAHostThatWaitsAlready) {
  World world;
  world.fetch(0, Millis{60'000});
  EXPECT_EQ(wake_ms(world.frontier.acquire(at_ms(200))), 60'100);
  world.frontier.repace(paced(Millis{2'000}));
  EXPECT_EQ(wake_ms(world.frontier.acquire(at_ms(300))), 2'100);
  EXPECT_EQ(leased(world.frontier.acquire(at_ms(2'100))), 2);
}

TEST(FrontierPace, ALongerDelayHoldsFromTheEndOfTheLastFetch) {
  World world;
  world.frontier.repace(paced(Millis{1'000}));
  world.fetch(0, Millis{1'000});
  world.frontier.repace(paced(Millis{5'000}));
  EXPECT_EQ(wake_ms(world.frontier.acquire(at_ms(3'000))), 5'100);
}

// A Retry-After, a Crawl-delay, a slow server.
TEST(FrontierPace, AWaitThatTheHostAskedForIsNotCutShort) {
  World world;
  world.frontier.repace(paced(Millis{1'000}));
  world.fetch(0, Millis{30'000}, Millis{30'000});
  world.frontier.repace(paced(Millis{10}));
  EXPECT_EQ(wake_ms(world.frontier.acquire(at_ms(200))), 30'100);
  world.frontier.repace(paced(Millis{40'000}));
  EXPECT_EQ(wake_ms(world.frontier.acquire(at_ms(300))), 40'100);
  world.frontier.repace(paced(Millis{0}));
  EXPECT_EQ(wake_ms(world.frontier.acquire(at_ms(400))), 30'100);
}

TEST(FrontierPace, AWaitThatTheHostAskedForHoldsWhereTheDelayWasLonger) {
  World world;
  world.fetch(0, Millis{60'000}, Millis{40'000});
  world.frontier.repace(paced(Millis{0}));
  EXPECT_EQ(wake_ms(world.frontier.acquire(at_ms(200))), 40'100);
  EXPECT_EQ(leased(world.frontier.acquire(at_ms(40'100))), 2);
}

// The last to end is not the one that the host told to wait.
TEST(FrontierPace, TheLongestOfSeveralWaitsIsNotCutShort) {
  World world;
  world.frontier.repace(paced(Millis{1'000}, 2));
  ASSERT_EQ(leased(world.frontier.acquire(at_ms(0))), 1);
  ASSERT_EQ(leased(world.frontier.acquire(at_ms(1'000))), 2);
  world.frontier.release(1, at_ms(31'000), Millis{30'000}, Millis{30'000});
  world.frontier.release(1, at_ms(2'500), Millis{1'000});
  world.frontier.repace(paced(Millis{0}, 2));
  EXPECT_EQ(wake_ms(world.frontier.acquire(at_ms(3'000))), 31'000);
}

TEST(FrontierPace, AWaitOfAnEarlierRunIsNotCutShort) {
  PolitenessBuckets buckets;
  Frontier frontier{1, 100, Millis{1'000}};
  frontier.share(buckets, paced(Millis{1'000}).limits, [] {});
  frontier.add({.id = 1, .key = "a.test"}, at_ms(20'000));
  frontier.push(1, "a.test", queued_url(1, 1));
  frontier.repace(paced(Millis{0}));
  EXPECT_EQ(wake_ms(frontier.acquire(at_ms(0))), 20'000);
}

TEST(FrontierPace, WhatAHostAskedForInAnEarlierRunSpacesStartsFromTheFirst) {
  PolitenessBuckets buckets;
  Frontier frontier{2, 100, Millis{1'000}};
  frontier.share(buckets, paced(Millis{1'000}, 2).limits, [] {});
  frontier.add({.id = 1, .key = "a.test"}, at_ms(2'000), Millis{6'000});
  for (int i = 1; i <= 2; ++i) frontier.push(1, "a.test", queued_url(1, i));
  EXPECT_EQ(leased(frontier.acquire(at_ms(2'000))), 1);
  EXPECT_EQ(wake_ms(frontier.acquire(at_ms(3'000))), 8'000);
}

// Its URLs come one by one, so that it is forgotten between them.
TEST(FrontierPace, WhatAHostAskedForSpacesStartsAlsoWhenItWasForgottenMeanwhile) {
  PolitenessBuckets buckets;
  Frontier frontier{2, 100, Millis{1'000}};
  frontier.share(buckets, paced(Millis{1'000}, 2).limits, [] {});
  frontier.recall_by([](std::int64_t id, std::string_view key) {
    return RememberedHost{.asked = id == 1 && key == "a.test" ? Millis{6'000} : Millis{0}};
  });
  frontier.push(1, "a.test", queued_url(1, 1));
  EXPECT_EQ(leased(frontier.acquire(at_ms(0))), 1);
  frontier.release(1, at_ms(6'100), Millis{6'000}, Millis{6'000});
  EXPECT_TRUE(is_idle(frontier.acquire(at_ms(60'000))));
  EXPECT_TRUE(is_idle(frontier.acquire(at_ms(60'001))));
  EXPECT_EQ(frontier.hosts_awake(), 0U);
  for (int i = 2; i <= 3; ++i) frontier.push(1, "a.test", queued_url(1, i));
  EXPECT_EQ(leased(frontier.acquire(at_ms(70'000))), 2);
  EXPECT_EQ(wake_ms(frontier.acquire(at_ms(70'001))), 76'000);
}

TEST(FrontierPace, OtherJobsKeepTheirOwnDelay) {
  World world;
  world.fetch(0, Millis{60'000});
  world.frontier.repace(paced(Millis{10}));
  EXPECT_EQ(wake_ms(world.other.acquire(at_ms(200))), 60'100);
}

TEST(FrontierPace, MoreAtOnceGoOutAtOnce) {
  World world;
  world.frontier.repace(paced(Millis{0}));
  EXPECT_EQ(leased(world.frontier.acquire(at_ms(0))), 1);
  EXPECT_TRUE(is_idle(world.frontier.acquire(at_ms(1))));
  world.frontier.repace(paced(Millis{0}, 3));
  EXPECT_EQ(leased(world.frontier.acquire(at_ms(2))), 2);
  EXPECT_EQ(leased(world.frontier.acquire(at_ms(2))), 3);
  EXPECT_TRUE(is_idle(world.frontier.acquire(at_ms(3))));
}

TEST(FrontierPace, HostsThatDifferKeepDiffering) {
  PolitenessBuckets buckets;
  Frontier frontier{1, 100, Millis{1'000}};
  frontier.share(buckets, paced(Millis{1'000}).limits, [] {});
  frontier.pace_by([](std::string_view key) {
    return key == "slow.test" ? paced(Millis{9'000}) : paced(Millis{20});
  });
  for (int host = 1; host <= 2; ++host)
    for (int i = 0; i < 3; ++i)
      frontier.push(host, host == 1 ? "slow.test" : "fast.test", queued_url(host, host * 10 + i));
  for (int host = 1; host <= 2; ++host) ASSERT_GT(leased(frontier.acquire(at_ms(0))), 0);
  frontier.release(1, at_ms(9'000), Millis{9'000});
  frontier.release(2, at_ms(20), Millis{20});
  frontier.repace(paced(Millis{20}));
  EXPECT_EQ(leased(frontier.acquire(at_ms(20))), 21);
  frontier.release(2, at_ms(40), Millis{20});
  EXPECT_EQ(leased(frontier.acquire(at_ms(40))), 22);
  EXPECT_EQ(wake_ms(frontier.acquire(at_ms(60))), 9'000);
}

// Two that had the same pace may part, and one may come to have another's.
TEST(FrontierPace, HostsPartAndMeet) {
  PolitenessBuckets buckets;
  Frontier frontier{1, 100, Millis{1'000}};
  std::map<std::string, int, std::less<>> delays{{"1.test", 10}, {"2.test", 10}, {"3.test", 30}};
  frontier.share(buckets, paced(Millis{1'000}).limits, [] {});
  frontier.pace_by([&](std::string_view key) { return paced(Millis{delays.find(key)->second}); });
  std::int64_t seq = 0;
  // In ms after the time; each host once.
  const auto lease_all = [&](std::int64_t at, int until) {
    for (int host = 1; host <= 3; ++host)
      frontier.push(host, fmt::format("{}.test", host), queued_url(host, ++seq));
    std::map<std::string, int, std::less<>> after;
    for (int wait = 0; wait <= until; ++wait)
      for (;;) {
        const auto acquired = frontier.acquire(at_ms(at + wait));
        const auto* lease = std::get_if<Lease>(&acquired);
        if (lease == nullptr) break;
        after[std::string{frontier.host_key(lease->host)}] = wait;
        frontier.release(lease->host, at_ms(at + wait), Millis{0});
      }
    return after;
  };
  for (int round = 0; round < 4; ++round) {
    if (round > 0) frontier.repace(paced(Millis{1'000}));
    const std::int64_t begun = 1'000 * round;
    EXPECT_EQ(lease_all(begun, 0).size(), 3U);
    EXPECT_EQ(lease_all(begun, 50), delays) << round;
    delays = round % 2 == 0 ? decltype(delays){{"1.test", 30}, {"2.test", 20}, {"3.test", 10}}
                            : decltype(delays){{"1.test", 10}, {"2.test", 10}, {"3.test", 30}};
  }
}

// Hosts that were parked for a place of an address ask again by the new limit.
TEST(FrontierPace, AParkedHostComesForthWhenThereAreMorePlaces) {
  PolitenessBuckets buckets;
  Frontier frontier{1};
  BucketLimits limits{.per_host = 1, .per_ip = 1};
  frontier.share(buckets, limits, [] {});
  frontier.push(1, "192.0.2.1:8001", queued_url(1, 1));
  frontier.push(2, "192.0.2.1:8002", queued_url(2, 2));
  EXPECT_EQ(leased(frontier.acquire(at_ms(0))), 1);
  EXPECT_TRUE(is_idle(frontier.acquire(at_ms(1))));
  EXPECT_EQ(frontier.counts().hosts_parked, 1U);
  limits.per_ip = 2;
  frontier.repace({.limits = limits});
  EXPECT_EQ(leased(frontier.acquire(at_ms(2))), 2);
  EXPECT_EQ(frontier.counts().hosts_parked, 0U);
}

}  // namespace
}  // namespace trawl::crawl
