// The line by itself, at times that the tests choose; pace_test has fetches in it.
#include "core/http/client/speed_limit.hpp"

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

TEST(SpeedLimit, AnotherFetchBeginsWhenTheLineIsShort) {
  SpeedLimit limit{speed};
  limit.take(162'500, start);  // of which 100,000 are free and 62,500 are a short line
  EXPECT_EQ(limit.until_begin(start), Millis{0});
  limit.take(50'000, start);
  EXPECT_EQ(limit.until_begin(start), Millis{50});
  limit.take(5'000'000, start);
  EXPECT_EQ(limit.until_begin(start), Millis{100});  // it is looked at again then
  EXPECT_EQ(limit.until_begin(start + Millis{5050}), Millis{0});
}

TEST(SpeedLimit, OneLargeBodyAloneKeepsNobodyWaiting) {
  SpeedLimit slow{2048};
  slow.take(16 * 1024, start);
  EXPECT_EQ(slow.until_begin(start), Millis{0});
  slow.take(16 * 1024, start);
  EXPECT_GT(slow.until_begin(start), Millis{0});
}

// Many fetches of small answers are under way at once, however long those take.
TEST(SpeedLimit, WhatFetchesHadOfLateIsTakenForTheNext) {
  SpeedLimit limit{speed};
  for (int i = 0; i < 100; ++i) limit.end(500, limit.begin(start));
  EXPECT_NEAR(static_cast<double>(limit.begin(start)), 500.0, 2.0);
  for (int i = 0; i < 100; ++i) limit.end({}, 0);  // nothing was asked for
  EXPECT_NEAR(static_cast<double>(limit.begin(start)), 500.0, 2.0);
  for (int i = 0; i < 100; ++i) limit.end(0, 0);
  EXPECT_EQ(limit.begin(start), 0U);
  for (int i = 0; i < 100; ++i) limit.end(1 << 30, 0);
  EXPECT_NEAR(static_cast<double>(limit.begin(start)), 16'384.0, 2.0);
}

TEST(SpeedLimit, WhatDidNotComeLetsOthersGo) {
  SpeedLimit limit{speed};
  limit.take(400'000, start);
  const auto place = limit.take(100'000, start);
  limit.end(0, 300'000);
  EXPECT_EQ(limit.wait_for(*place, start), Millis{100});
  limit.end(0, 1ULL << 40);
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
