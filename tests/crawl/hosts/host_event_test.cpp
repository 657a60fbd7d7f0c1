#include "core/crawl/hosts/host_event.hpp"

#include "core/crawl/hosts/host_health.hpp"
#include "tests/support/manual_clock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trawl::crawl {
namespace {

using testing::HasSubstr;

struct World {
  PolitenessSpec politeness;
  BreakerSpec breaker{.failures = 2, .pause = Millis{60'000}};
  support::ManualClock clock;
  HostHealth health;

  std::optional<HostEvent> answer(int status) { return after({.status = status}, {}); }
  std::optional<HostEvent> fail(Errc code) { return after({}, Error{code, "why"}); }
  std::optional<HostEvent> after(const FetchReport& report, const std::optional<Error>& error) {
    clock.advance(Millis{1000});
    const HostHealth before = health;
    health.on_fetch(politeness, breaker, report, error, clock.now(), clock.now());
    return host_event(before, health, {clock.now(), clock.wall()});
  }
};

TEST(HostEvent, IsToldWhenAHostBecomesSlowerAndWhenItIsWell) {
  World world;
  EXPECT_FALSE(world.answer(200));
  auto event = world.answer(429);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->state, HostMood::slowed);
  EXPECT_EQ(event->until, world.clock.wall() + Millis{2000});
  EXPECT_EQ(event->why, "429, 503 or a timeout once; at least 2s between fetches");
  event = world.answer(503);
  ASSERT_TRUE(event);
  EXPECT_THAT(event->why, HasSubstr("2 times in a row"));
  std::optional<HostEvent> last;
  int told = 0;
  for (int i = 0; i < 20; ++i)
    if (auto now = world.answer(200)) {
      ++told;
      last = std::move(now);
    }
  EXPECT_EQ(told, 1);  // not each step of the way back
  EXPECT_EQ(last->state, HostMood::well);
  EXPECT_EQ(last->why, "");
}

TEST(HostEvent, IsToldWhenABreakerOpensAndForEachLongerTime) {
  World world;
  EXPECT_FALSE(world.fail(Errc::reset));
  auto event = world.fail(Errc::reset);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->state, HostMood::left_alone);
  EXPECT_EQ(event->until, world.clock.wall() + Millis{60'000});
  EXPECT_THAT(event->why, HasSubstr("after 2 failures in a row"));
  world.clock.advance(Millis{60'000});
  event = world.fail(Errc::reset);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->until, world.clock.wall() + Millis{120'000});
  world.clock.advance(Millis{120'000});
  event = world.answer(200);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->state, HostMood::well);
}

}  // namespace
}  // namespace trawl::crawl
