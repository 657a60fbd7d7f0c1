#include "core/crawl/hosts/host_health.hpp"

#include "tests/support/manual_clock.hpp"
#include "virtual_time.hpp"

#include <gtest/gtest.h>

namespace trawl::crawl {
namespace {

constexpr std::chrono::hours ten_years{24 * 3652};

struct World {
  PolitenessSpec politeness;
  std::optional<BreakerSpec> breaker = BreakerSpec{.failures = 2, .pause = Millis{60'000}};
  support::ManualClock clock;
  HostHealth health;

  ClockReading now() const { return {clock.now(), clock.wall()}; }
  Millis answer(int status, std::optional<Millis> retry_after = {}) {
    clock.advance(Millis{1000});
    return health.on_fetch(politeness, breaker, {.status = status, .retry_after = retry_after}, {},
                           clock.now(), clock.now());
  }
  Millis fail(Errc code) {
    clock.advance(Millis{1000});
    return health.on_fetch(politeness, breaker, {}, Error{code, "why"}, clock.now(), clock.now());
  }
  // As if the process had ended and the store were read back.
  void restart() { health = HostHealth{health.record(now()), breaker, now()}; }
};

}  // namespace

TEST(HostHealth, OverloadsSlowTheHostAndGoodAnswersBringItBack) {
  World world;
  EXPECT_EQ(world.answer(200), Millis{1000});
  EXPECT_EQ(world.answer(429), Millis{2000});
  EXPECT_EQ(world.answer(503), Millis{4000});
  EXPECT_EQ(world.fail(Errc::first_byte_timeout), Millis{8000});
  EXPECT_EQ(world.answer(500), Millis{8000});  // neither good nor an overload
  EXPECT_EQ(world.answer(404), Millis{7000});
  EXPECT_TRUE(world.health.is_backing_off());
  for (int i = 0; i < 6; ++i) world.answer(200);
  EXPECT_FALSE(world.health.is_backing_off());
  EXPECT_EQ(world.health.record(world.now()), HealthRecord{});
}

TEST(HostHealth, WhatFailsWithoutAnAnswerOpensTheBreaker) {
  for (const Errc code : {Errc::dns, Errc::dns_timeout, Errc::connect_refused,
                          Errc::connect_timeout, Errc::tls, Errc::reset, Errc::first_byte_timeout,
                          Errc::total_timeout, Errc::too_slow, Errc::robots_unreachable}) {
    World world;
    world.fail(code);
    world.fail(code);
    EXPECT_TRUE(world.health.breaker().tripped()) << to_string(code);
    EXPECT_EQ(world.health.last_error().code, code);
  }
}

TEST(HostHealth, AnswersAndTheFaultsOfOthersDoNot) {
  for (const Errc code : {Errc::tls_cert, Errc::protocol, Errc::header_too_large, Errc::proxy,
                          Errc::private_address, Errc::cancelled}) {
    World world;
    for (int i = 0; i < 9; ++i) world.fail(code);
    EXPECT_FALSE(world.health.breaker().tripped()) << to_string(code);
  }
  World world;
  for (int i = 0; i < 9; ++i) world.answer(503);
  EXPECT_FALSE(world.health.breaker().tripped());
  // A proxy's fault neither counts nor ends the row.
  world.fail(Errc::reset);
  world.fail(Errc::proxy);
  world.fail(Errc::reset);
  EXPECT_TRUE(world.health.breaker().tripped());
  // A body that broke off is an answer.
  EXPECT_EQ(host_sign(Error{Errc::reset, ""}, true), HostSign::alive);
  world.breaker.reset();
  World off;
  off.breaker.reset();
  for (int i = 0; i < 9; ++i) off.fail(Errc::dns);
  EXPECT_FALSE(off.health.breaker().tripped());
}

TEST(HostHealth, IsTheSameAfterARestart) {
  World world;
  world.health.set_crawl_delay(Millis{3000});
  world.answer(503);
  world.answer(503, std::chrono::hours(1));
  world.fail(Errc::reset);
  world.fail(Errc::reset);
  const HealthRecord before = world.health.record(world.now());
  EXPECT_EQ(before.interval, Millis{12'000});
  EXPECT_EQ(before.failures_in_a_row, 2);
  EXPECT_EQ(before.error, Errc::reset);
  world.restart();
  EXPECT_EQ(world.health.record(world.now()), before);
  EXPECT_EQ(world.health.breaker().open_until(), world.clock.now() + Millis{60'000});
  EXPECT_EQ(world.answer(503), Millis{24'000});  // goes on where it was
}

TEST(HostHealth, ABreakersTimePassesWhileTheProgramIsNotRunning) {
  World world;
  world.fail(Errc::reset);
  world.fail(Errc::reset);
  const HealthRecord stored = world.health.record(world.now());
  world.clock.advance(Millis{70'000});
  const HostHealth later{stored, world.breaker, world.now()};
  EXPECT_TRUE(later.breaker().tripped());
  EXPECT_LE(later.breaker().open_until(), world.clock.now());
}

TEST(HostHealth, AWallClockThatJumpsByTenYearsFreezesNothing) {
  for (const auto jump : {-ten_years, ten_years}) {
    World world;
    world.fail(Errc::reset);
    world.fail(Errc::reset);
    const Mono open_until = world.health.breaker().open_until();
    const HealthRecord stored = world.health.record(world.now());
    world.clock.set_wall(world.clock.wall() + jump);
    // While it runs: the monotonic clock alone counts.
    EXPECT_EQ(world.health.breaker().open_until(), open_until);
    // After a restart: bounded, whichever way it went.
    const HostHealth again{stored, world.breaker, world.now()};
    EXPECT_LE(again.breaker().open_until(), world.clock.now() + Millis{60'000});
    EXPECT_TRUE(again.breaker().tripped());
  }
}

}  // namespace trawl::crawl
