// How the API leaves the processors to a crawl: what it may take, who waits, and what is told anew.
#include "core/coro/loop.hpp"
#include "core/coro/timeout.hpp"
#include "service/control/bounds.hpp"
#include "service/control/cpu_share.hpp"
#include "service/control/snapshot.hpp"
#include "service/control/turns.hpp"
#include "tests/support/fake_jobs.hpp"
#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>

namespace trawl::test {
namespace {

namespace bounds = service::control::bounds;
using service::control::AgedText;
using service::control::CpuShare;
using service::control::CpuTime;
using service::control::SharedCpu;
using service::control::Snapshot;
using service::control::Turns;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr std::size_t processors = 4;
// What the API may take each second.
constexpr nanoseconds per_second =
    nanoseconds{seconds{1}} / 100 * processors * bounds::api_cpu_percent;

// A machine whose API and crawl take what a test says.
class Machine {
 public:
  nanoseconds wait() { return share.wait(clock.now(), api); }
  void pass(milliseconds time, double crawl_processors) {
    clock.advance(time);
    crawl += std::chrono::duration_cast<nanoseconds>(time * crawl_processors);
  }

  support::ManualClock clock;
  CpuTime api{0};
  CpuTime crawl{0};
  CpuShare share{processors, [this] { return api + crawl; }};
};

TEST(CpuShare, NobodyWaitsWhileTheCrawlWaitsItself) {
  Machine machine;
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(machine.wait(), nanoseconds{0});
    machine.api += milliseconds{50};
    machine.pass(milliseconds{50}, 0.1);
  }
}

TEST(CpuShare, WithoutACrawlThereIsNoShare) {
  CpuShare alone{processors, {}};
  EXPECT_EQ(alone.wait(Mono{}, CpuTime{0}), nanoseconds{0});
  EXPECT_EQ(alone.wait(Mono{} + seconds{1}, seconds{100}), nanoseconds{0});
}

TEST(CpuShare, BesideABusyCrawlTheApiTakesItsShareAndNoMore) {
  Machine machine;
  machine.wait();
  machine.pass(milliseconds{200}, 3);
  CpuTime taken{0};
  nanoseconds passed{0};
  while (passed < seconds{10}) {
    const nanoseconds wait = machine.wait();
    if (wait == nanoseconds{0}) {
      machine.api += milliseconds{1};
      taken += milliseconds{1};
    }
    const auto step = std::max(std::chrono::ceil<milliseconds>(wait), milliseconds{1});
    machine.pass(step, 3);
    passed += step;
  }
  EXPECT_LE(taken, per_second * 10 + bounds::api_cpu_burst + milliseconds{1});
  EXPECT_GE(taken, per_second * 8);  // waits are rounded up here
}

TEST(CpuShare, OneCostlyAnswerSilencesNobodyForLong) {
  Machine machine;
  machine.wait();
  machine.pass(milliseconds{200}, 3);
  EXPECT_EQ(machine.wait(), nanoseconds{0});
  machine.api += seconds{60};
  machine.pass(milliseconds{1}, 3);
  const nanoseconds wait = machine.wait();
  EXPECT_GT(wait, bounds::turn_wait_max - milliseconds{10});
  EXPECT_LE(wait, bounds::turn_wait_max);
}

TEST(CpuShare, NobodyWaitsAnyMoreWhenTheCrawlHasEnded) {
  Machine machine;
  machine.wait();
  machine.pass(milliseconds{200}, 3);
  machine.wait();
  machine.api += seconds{1};
  machine.pass(milliseconds{1}, 3);
  EXPECT_GT(machine.wait(), nanoseconds{0});
  machine.pass(bounds::crawl_busy_for - milliseconds{200}, 0);
  EXPECT_GT(machine.wait(), nanoseconds{0}) << "it may have waited for the disk";
  machine.pass(milliseconds{200}, 0);
  EXPECT_EQ(machine.wait(), nanoseconds{0});
}

// The clock stands still, so that who has to wait waits for ever.
class Waiting {
 public:
  // The API is far over its share, beside a crawl that takes all there is.
  Waiting() {
    loop.run(turns.wait());
    clock.advance(milliseconds{200});
    process = seconds{1000};
    loop.run(turns.wait());
    others->store(CpuTime{seconds{100}}.count());
  }
  bool comes_at_once(coro::Task<> turn) {
    return loop.run(coro::within(milliseconds{20}, std::move(turn)));
  }

  coro::Loop loop;
  support::ManualClock clock;
  CpuTime process{0};
  SharedCpu others = std::make_shared<std::atomic<CpuTime::rep>>(0);
  Turns turns{loop.executor(), clock, [this] { return process; }, others};
};

TEST(ControlTurns, OverTheShareEverybodyWaitsButThoseWhoGoAhead) {
  Waiting waiting;
  EXPECT_FALSE(waiting.comes_at_once(waiting.turns.wait()));
  for (std::size_t i = 0; i < bounds::ahead_per_second_max; ++i)
    EXPECT_TRUE(waiting.comes_at_once(waiting.turns.go_ahead(Turns::Ahead::liveness))) << i;
  EXPECT_FALSE(waiting.comes_at_once(waiting.turns.go_ahead(Turns::Ahead::liveness)));
  // Whoever asks whether the daemon lives keeps nobody from steering.
  EXPECT_TRUE(waiting.comes_at_once(waiting.turns.go_ahead(Turns::Ahead::steering)));
  waiting.clock.advance(seconds{1});
  EXPECT_TRUE(waiting.comes_at_once(waiting.turns.go_ahead(Turns::Ahead::liveness)));
}

bool knows(coro::Loop& loop, Snapshot& snapshot, std::string_view job) {
  const auto overview = loop.run(snapshot.get());
  return overview && (*overview)->find(job) != nullptr;
}

TEST(ControlSnapshot, IsTakenAnewWhenItIsOldOrSomethingChanged) {
  coro::Loop loop;
  support::ManualClock clock;
  support::FakeJobs jobs;
  Snapshot snapshot{loop.executor(), jobs, clock};
  EXPECT_FALSE(knows(loop, snapshot, "docs"));
  jobs.add({.name = "docs"});
  clock.advance(bounds::snapshot_age_max - milliseconds{1});
  EXPECT_FALSE(knows(loop, snapshot, "docs"));
  clock.advance(milliseconds{1});
  EXPECT_TRUE(knows(loop, snapshot, "docs"));
  jobs.add({.name = "news"});
  EXPECT_FALSE(knows(loop, snapshot, "news"));
  snapshot.forget();
  EXPECT_TRUE(knows(loop, snapshot, "news"));
}

TEST(ControlSnapshot, ATextIsMadeAnewWhenItIsOld) {
  support::ManualClock clock;
  AgedText text;
  int made = 0;
  const auto make = [&made] { return std::to_string(++made); };
  EXPECT_EQ(text.get(clock.now(), make), "1");
  EXPECT_EQ(text.get(clock.now(), make), "1");
  clock.advance(bounds::snapshot_age_max);
  EXPECT_EQ(text.get(clock.now(), make), "2");
}

}  // namespace
}  // namespace trawl::test
