// Why a host that has work is not asked.
#include "core/crawl/hosts/frontier.hpp"
#include "virtual_time.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <variant>

namespace trawl::crawl {
namespace {

void push(Frontier& frontier, std::int64_t host, std::int64_t seq, Mono due = Mono::min()) {
  frontier.push(host, "h" + std::to_string(host) + ".test", queued_url(host, seq), due);
}

// Of the only host that waits.
std::optional<HostWait> only(const Frontier& frontier, int at) {
  const auto waits = frontier.waits(at_ms(at), 10);
  EXPECT_LE(waits.size(), 1U);
  return waits.empty() ? std::nullopt : std::optional{waits.front()};
}

}  // namespace

TEST(FrontierWaits, AreOfHostsThatHaveWorkAlone) {
  Frontier frontier(1);
  frontier.add({.id = 1, .key = "h1.test"}, at_ms(500));
  EXPECT_FALSE(only(frontier, 0));
  push(frontier, 1, 1);
  EXPECT_EQ(only(frontier, 0).value().until, at_ms(500));
  EXPECT_FALSE(only(frontier, 500));
  EXPECT_EQ(leased(frontier.acquire(at_ms(500))), 1);
  push(frontier, 1, 2);
  EXPECT_FALSE(only(frontier, 501)) << "it is being fetched from";
}

TEST(FrontierWaits, SayThePaceARetryOrHealth) {
  Frontier frontier(1);
  push(frontier, 1, 1);
  push(frontier, 1, 2);
  EXPECT_EQ(leased(frontier.acquire(at_ms(0))), 1);
  frontier.release(1, at_ms(1'000));
  EXPECT_EQ(only(frontier, 10).value().what, WaitFor::pace);
  EXPECT_EQ(leased(frontier.acquire(at_ms(1'000))), 2);
  frontier.retry(queued_url(1, 2), at_ms(9'000));
  frontier.release(1, at_ms(2'000));
  EXPECT_EQ(only(frontier, 1'100).value().what, WaitFor::retry);
  EXPECT_EQ(only(frontier, 1'100).value().until, at_ms(9'000));
  frontier.block(1, at_ms(60'000));
  EXPECT_EQ(only(frontier, 1'100).value().what, WaitFor::health);
  EXPECT_TRUE(frontier.is_waiting(1));
  EXPECT_FALSE(frontier.is_ready(1));
}

TEST(FrontierWaits, SayWhatOthersHaveTaken) {
  PolitenessBuckets buckets;
  const BucketLimits limits{.delay = Millis{40'000}};
  Frontier one(1);
  one.share(buckets, limits, [] {});
  push(one, 1, 1);
  EXPECT_EQ(leased(one.acquire(at_ms(0))), 1);
  Frontier other(1);
  other.share(buckets, limits, [] {});
  push(other, 1, 5);
  EXPECT_FALSE(std::holds_alternative<Lease>(other.acquire(at_ms(10))));
  EXPECT_EQ(only(other, 10).value().what, WaitFor::host_places);
  EXPECT_FALSE(only(other, 10).value().until);
  one.release(1, at_ms(40'000));
  EXPECT_FALSE(std::holds_alternative<Lease>(other.acquire(at_ms(20))));
  const auto wait = only(other, 20);
  ASSERT_TRUE(wait);
  EXPECT_EQ(wait->what, WaitFor::others);
  EXPECT_EQ(wait->until, at_ms(40'000));
}

}  // namespace trawl::crawl
