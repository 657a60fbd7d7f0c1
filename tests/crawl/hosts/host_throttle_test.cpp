#include "core/crawl/hosts/host_throttle.hpp"

#include "virtual_time.hpp"

#include <gtest/gtest.h>

namespace trawl::crawl {
namespace {

constexpr Millis second{1'000};
constexpr Millis longest{60'000};

// The interval after each of so many overloads in a row.
std::vector<std::int64_t> overloads(HostThrottle& throttle, int count, Millis usual) {
  std::vector<std::int64_t> intervals;
  for (int i = 1; i <= count; ++i) {
    throttle.on_overload(usual, longest, at_ms(i * 100'000), at_ms(i * 100'000 + 1));
    intervals.push_back(throttle.interval().count());
  }
  return intervals;
}

}  // namespace

TEST(HostThrottle, DoublesWithEachOverloadUpToTheMaximum) {
  HostThrottle throttle;
  EXPECT_EQ(overloads(throttle, 7, second),
            (std::vector<std::int64_t>{2000, 4000, 8000, 16'000, 32'000, 60'000, 60'000}));
  EXPECT_EQ(throttle.overloads_in_a_row(), 7);
  HostThrottle unhurried;
  EXPECT_EQ(overloads(unhurried, 2, Millis{10'000}), (std::vector<std::int64_t>{20'000, 40'000}));
  HostThrottle eager;  // a job without a delay too
  EXPECT_EQ(overloads(eager, 1, Millis{0}), (std::vector<std::int64_t>{2000}));
}

TEST(HostThrottle, AUsualWaitBeyondTheMaximumStays) {
  HostThrottle throttle;
  EXPECT_EQ(overloads(throttle, 2, Millis{300'000}), (std::vector<std::int64_t>{300'000, 300'000}));
}

TEST(HostThrottle, EachGoodAnswerTakesOneUsualWaitBackOff) {
  HostThrottle throttle;
  overloads(throttle, 3, second);
  std::vector<std::int64_t> intervals;
  for (int i = 0; throttle.interval() > Millis{0}; ++i) {
    throttle.on_good(second, at_ms(1'000'000 + i));
    intervals.push_back(throttle.interval().count());
  }
  EXPECT_EQ(intervals, (std::vector<std::int64_t>{7000, 6000, 5000, 4000, 3000, 2000, 0}));
  EXPECT_EQ(throttle.overloads_in_a_row(), 0);
  throttle.on_good(second, at_ms(2'000'000));
  EXPECT_EQ(throttle.interval(), Millis{0});
}

TEST(HostThrottle, WhatWasUnderwayWhenItDoubledCountsOnce) {
  HostThrottle throttle;
  for (int i = 0; i < 8; ++i) throttle.on_overload(second, longest, at_ms(0), at_ms(100 + i));
  EXPECT_EQ(throttle.interval(), Millis{2000});
  EXPECT_EQ(throttle.overloads_in_a_row(), 1);
  throttle.on_good(second, at_ms(99));  // a late answer of the old pace
  EXPECT_EQ(throttle.interval(), Millis{2000});
  throttle.on_overload(second, longest, at_ms(200), at_ms(300));
  EXPECT_EQ(throttle.interval(), Millis{4000});
}

}  // namespace trawl::crawl
