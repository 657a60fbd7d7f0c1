#include "core/crawl/hosts/politeness.hpp"

#include <gtest/gtest.h>

namespace trawl::crawl {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

Politeness polite(Millis delay, std::optional<double> adaptive = 2.0) {
  PolitenessSpec spec;
  spec.delay = delay;
  spec.adaptive = adaptive;
  return Politeness(spec);
}

}  // namespace

TEST(Politeness, WaitsTheDelay) {
  EXPECT_EQ(polite(Millis{1000}).wait_after({.response_time = Millis{10}, .status = 200}),
            Millis{1000});
  EXPECT_EQ(polite(Millis{0}, std::nullopt).wait_after({.response_time = Millis{10}}), Millis{0});
}

TEST(Politeness, WaitsLongerForASlowServerUpToTheMaximum) {
  const Politeness politeness = polite(Millis{1000});
  EXPECT_EQ(politeness.wait_after({.response_time = Millis{400}}), Millis{1000});
  EXPECT_EQ(politeness.wait_after({.response_time = Millis{3000}}), Millis{6000});
  EXPECT_EQ(politeness.wait_after({.response_time = minutes(5)}), Millis{60'000});
  EXPECT_EQ(polite(Millis{1000}, std::nullopt).wait_after({.response_time = minutes(5)}),
            Millis{1000});
  // A delay that is longer than delay_max stays what the user asked for.
  EXPECT_EQ(polite(Millis{90'000}).wait_after({.response_time = minutes(5)}), Millis{90'000});
  EXPECT_EQ(polite(Millis{1000}, 1e300).wait_after({.response_time = hours(1)}), Millis{60'000});
}

TEST(Politeness, ObeysTheCrawlDelayUpToTheMaximum) {
  const Politeness politeness = polite(Millis{1000});
  EXPECT_EQ(politeness.wait_after({.crawl_delay = Millis{10'000}}), Millis{10'000});
  EXPECT_EQ(politeness.wait_after({.crawl_delay = Millis{500}}), Millis{1000});
  EXPECT_EQ(politeness.wait_after({.crawl_delay = hours(24)}), Millis{300'000});
}

TEST(Politeness, ObeysRetryAfterOf429And503) {
  const Politeness politeness = polite(Millis{1000});
  for (const int status : {429, 503}) {
    EXPECT_EQ(politeness.wait_after({.status = status, .retry_after = Millis{120'000}}),
              Millis{120'000});
    EXPECT_EQ(politeness.wait_after({.status = status, .retry_after = hours(24 * 3650)}),
              hours(24));
  }
  EXPECT_EQ(politeness.wait_after({.status = 200, .retry_after = Millis{120'000}}), Millis{1000});
  EXPECT_EQ(politeness.wait_after({.status = 404, .retry_after = Millis{120'000}}), Millis{1000});
  // A shorter Retry-After doesn't undercut the usual wait.
  EXPECT_EQ(politeness.wait_after({.response_time = Millis{5000},
                                   .status = 503,
                                   .retry_after = Millis{1000},
                                   .crawl_delay = Millis{20'000}}),
            Millis{20'000});
}

TEST(Politeness, IsTheLongestOfWhatAllAskFor) {
  const Politeness politeness = polite(Millis{1000});
  EXPECT_EQ(politeness.wait_after({.interval = Millis{8000}}), Millis{8000});
  EXPECT_EQ(politeness.wait_after({.status = 200, .interval = Millis{500}}), Millis{1000});
  EXPECT_EQ(
      politeness.wait_after({.status = 503, .retry_after = Millis{2000}, .interval = Millis{8000}}),
      Millis{8000});
  EXPECT_EQ(
      politeness.wait_after({.status = 503, .retry_after = Millis{0}, .interval = Millis{4000}}),
      Millis{4000});
}

// RFC 9110, 10.2.3.
TEST(Politeness, ObeysRetryAfterOfARedirectForAsLongAsASlowServerIsLeftAlone) {
  const Politeness politeness = polite(Millis{1000});
  EXPECT_EQ(politeness.wait_after({.status = 302, .retry_after = Millis{5'000}}), Millis{5'000});
  EXPECT_EQ(politeness.wait_after({.status = 301, .retry_after = hours(24)}), Millis{60'000});
}

TEST(Politeness, RetryAfterIsBoundedByItsMaximum) {
  PolitenessSpec spec;
  spec.retry_after_max = Millis{5000};
  EXPECT_EQ(Politeness(spec).wait_after({.status = 503, .retry_after = hours(1)}), Millis{5000});
}

}  // namespace trawl::crawl
