#include "core/crawl/hosts/host_breaker.hpp"

#include "core/base/limits.hpp"
#include "virtual_time.hpp"

#include <gtest/gtest.h>

namespace trawl::crawl {
namespace {

const BreakerSpec spec{.failures = 3, .pause = Millis{1000}};

// Fails a fetch that takes no time.
void fail_at(HostBreaker& breaker, std::int64_t ms) {
  breaker.on_failure(spec, at_ms(ms), at_ms(ms));
}

HostBreaker opened_at(std::int64_t ms) {
  HostBreaker breaker;
  for (int i = 0; i < 3; ++i) fail_at(breaker, ms);
  return breaker;
}

}  // namespace

TEST(HostBreaker, OpensAfterSoManyFailuresInARow) {
  HostBreaker breaker;
  fail_at(breaker, 0);
  fail_at(breaker, 1);
  breaker.on_success();  // so it begins again
  fail_at(breaker, 2);
  fail_at(breaker, 3);
  EXPECT_FALSE(breaker.tripped());
  fail_at(breaker, 4);
  EXPECT_TRUE(breaker.tripped());
  EXPECT_EQ(breaker.open_until(), at_ms(1004));
  EXPECT_EQ(breaker.failures_in_a_row(), 3);
}

TEST(HostBreaker, ASuccessfulProbeClosesIt) {
  HostBreaker breaker = opened_at(0);
  breaker.on_success();
  EXPECT_FALSE(breaker.tripped());
  EXPECT_EQ(breaker.failures_in_a_row(), 0);
}

TEST(HostBreaker, EachFailedProbeDoublesThePauseUpToTheBound) {
  HostBreaker breaker = opened_at(0);
  fail_at(breaker, 1000);
  EXPECT_EQ(breaker.open_until(), at_ms(3000));
  fail_at(breaker, 3000);
  EXPECT_EQ(breaker.open_until(), at_ms(7000));
  EXPECT_EQ(breaker.failed_probes(), 2);
  EXPECT_EQ(breaker_pause(spec, 60), Millis{limits::breaker_pause_max_ms});
  EXPECT_EQ(breaker_pause({.pause = std::chrono::days{7}}, 5), Millis{std::chrono::days{7}});
}

TEST(HostBreaker, FailuresOfWhatWasUnderwayAreNoProbes) {
  HostBreaker breaker = opened_at(100);
  breaker.on_failure(spec, at_ms(50), at_ms(5000));  // begun before, ended after the pause
  EXPECT_EQ(breaker.failed_probes(), 0);
  EXPECT_EQ(breaker.open_until(), at_ms(1100));
}

TEST(HostBreaker, GivesUpAfterABoundedNumberOfProbesAndTriesAgainMuchLater) {
  HostBreaker breaker = opened_at(0);
  for (int i = 0; i < limits::breaker_probes_max; ++i) {
    EXPECT_FALSE(breaker.given_up(breaker.open_until() - Millis{1}));
    const Mono probe = breaker.open_until();
    breaker.on_failure(spec, probe, probe);
  }
  EXPECT_EQ(breaker.open_until(), at_ms(7000));
  EXPECT_TRUE(breaker.given_up(at_ms(6999)));
  EXPECT_FALSE(breaker.given_up(at_ms(7000)));  // a probe is due
  fail_at(breaker, 7000);
  EXPECT_TRUE(breaker.given_up(at_ms(7001)));
}

TEST(HostBreaker, IsTheSameAfterARestart) {
  HostBreaker breaker{3, 1, at_ms(500)};
  EXPECT_TRUE(breaker.tripped());
  fail_at(breaker, 600);
  EXPECT_EQ(breaker.failed_probes(), 2);
  EXPECT_EQ(breaker.open_until(), at_ms(4600));
  EXPECT_FALSE(HostBreaker(2, 0, Mono::min()).tripped());
}

}  // namespace trawl::crawl
