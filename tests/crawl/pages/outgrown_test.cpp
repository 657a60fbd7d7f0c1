#include "core/crawl/pages/outgrown.hpp"

#include <gtest/gtest.h>

namespace trawl::crawl {
namespace {

const LimitSpec limits{.bytes = 1'000'001, .duration = Millis{60'000}};

TEST(Outgrown, IsALimitOfWhichOneFetchHadHalf) {
  EXPECT_EQ(outgrown(limits, "limits.bytes = 1000001B", {.bytes = 500'001}),
            "limits.bytes = 1000001B broke it off after 500.0 kB");
  EXPECT_EQ(outgrown(limits, "limits.bytes = 1000001B", {.bytes = 500'000}), std::nullopt);
  EXPECT_EQ(outgrown(limits, "limits.duration = 1m", {.time = Millis{30'000}}),
            "limits.duration = 1m broke it off after 30.0 s");
  EXPECT_EQ(outgrown(limits, "limits.duration = 1m", {.time = Millis{29'999}}), std::nullopt);
}

TEST(Outgrown, IsOnlyTheLimitThatStoppedTheRun) {
  const FetchShare all{.bytes = 1'000'001, .time = Millis{60'000}};
  EXPECT_EQ(outgrown(limits, "limits.pages = 3", all), std::nullopt);
  EXPECT_EQ(outgrown(limits, "limits.bytes = 1000001B", {.time = all.time}), std::nullopt);
  EXPECT_EQ(outgrown({}, "limits.bytes = 1000001B", all), std::nullopt);  // lifted meanwhile
}

}  // namespace
}  // namespace trawl::crawl
