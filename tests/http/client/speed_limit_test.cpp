// The line by itself, at times that the tests choose; pace_test has fetches in it.
#include "core/http/speed_limit.hpp"

#include <gtest/gtest.h>

namespace trawl::http {
namespace {

constexpr Mono start{std::chrono::hours{1}};
constexpr std::uint64_t speed = 1'000'000;

TEST(SpeedLimit, LetsNothingWaitWithoutALimit) {
  SpeedLimit limit;
  EXPECT_EQ(limit.take(1ULL << 40, start), std::nullopt);
}

TEST(SpeedLimit, AByteWaitsForThoseBeforeIt) {
  SpeedLimit limit{speed};
  const auto first = limit.take(500'000, start), second = limit.take(1'500'000, start);
  EXPECT_EQ(limit.wait_for(*first, start), Millis{400});
  EXPECT_EQ(limit.wait_for(*second, start), Millis{1900});
  EXPECT_EQ(limit.wait_for(*first, start + Millis{400}), Millis{0});
  EXPECT_EQ(limit.wait_for(*second, start + Millis{400}), Millis{1500});
  EXPECT_EQ(limit.wait_for(*second, start + Millis{1900}), Millis{0});
}

TEST(SpeedLimit, APauseIsNotMadeUpFor) {
  SpeedLimit limit{speed};
  const auto first = limit.take(1000, start);
  EXPECT_EQ(limit.wait_for(*first, start + std::chrono::hours{1}), Millis{0});
  const auto later = limit.take(1'000'000, start + std::chrono::hours{1});
  EXPECT_EQ(limit.wait_for(*later, start + std::chrono::hours{1}), Millis{900});
}

TEST(SpeedLimit, ManySmallLooksAddUp) {
  SpeedLimit limit{1024};  // a byte a millisecond
  const auto place = limit.take(1024, start);
  for (int i = 0; i < 9'000; ++i)
    EXPECT_GT(limit.wait_for(*place, start + std::chrono::microseconds{100} * i), Millis{0});
  EXPECT_EQ(limit.wait_for(*place, start + Millis{901}), Millis{0});
}

TEST(SpeedLimit, WhatDidNotComeLetsOthersGo) {
  SpeedLimit limit{speed};
  limit.take(400'000, start);
  const auto place = limit.take(100'000, start);
  limit.give_back(300'000);
  EXPECT_EQ(limit.wait_for(*place, start), Millis{100});
  limit.give_back(1ULL << 40);
  EXPECT_EQ(limit.wait_for(*place, start), Millis{0});
  EXPECT_EQ(limit.wait_for(*limit.take(1'000'000, start), start), Millis{900});
}

TEST(SpeedLimit, AnotherLimitHoldsForThoseInLine) {
  SpeedLimit limit{speed};
  const auto place = limit.take(10'000'000, start);
  limit.set(10 * speed);
  EXPECT_EQ(limit.wait_for(*place, start), Millis{990});
  limit.set(std::nullopt);
  EXPECT_EQ(limit.wait_for(*place, start), Millis{0});
  limit.set(speed);
  EXPECT_EQ(limit.wait_for(*place, start), Millis{0});
  EXPECT_EQ(limit.wait_for(*limit.take(1'000'000, start), start), Millis{900});
}

TEST(SpeedLimit, ExtremesAreFinite) {
  SpeedLimit slow{1}, fast{UINT64_MAX};
  EXPECT_GT(slow.wait_for(*slow.take(UINT64_MAX / 2, start), start), std::chrono::hours{24});
  EXPECT_EQ(fast.wait_for(*fast.take(1000, start), start + Millis{1}), Millis{0});
  EXPECT_EQ(fast.wait_for(*fast.take(1000, start), start + std::chrono::hours{100'000}), Millis{0});
}

}  // namespace
}  // namespace trawl::http
