#include "core/coro/generator.hpp"

#include "core/coro/timeout.hpp"
#include "tests/coro/trace.hpp"

namespace trawl::coro {
namespace {

AsyncGenerator<int> count_to(int last, std::string& log) {
  const Trace trace{log, "gen"};
  for (int i = 1; i <= last; ++i) {
    auto waiting = give(i, i % 2 ? 0ms : 1ms);
    const int value = co_await std::move(waiting);
    co_yield value;
  }
}

AsyncGenerator<std::string> fail_after_one() {
  co_yield "one";
  auto failing = fail_after(0ms, "source broke");
  co_await std::move(failing);
  co_yield "never";
}

AsyncGenerator<int> catch_inside() {
  int caught = 0;
  try {
    auto failing = fail_after(0ms, "inner");
    co_await std::move(failing);
  } catch (const std::runtime_error&) {
    caught = 1;
  }
  co_yield caught;
}

Task<int> sum_of(AsyncGenerator<int> source, int at_most) {
  int sum = 0;
  for (int taken = 0; taken < at_most; ++taken) {
    auto next = source.next();
    const auto value = co_await std::move(next);
    if (!value) break;
    sum += *value;
  }
  co_return sum;
}

Task<std::string> drain_failing() {
  auto source = fail_after_one();
  std::string seen;
  try {
    for (;;) {
      auto next = source.next();
      auto value = co_await std::move(next);
      if (!value) break;
      seen += *value + " ";
    }
  } catch (const std::runtime_error& error) {
    seen += error.what();
  }
  auto after = source.next();
  const auto nothing = co_await std::move(after);
  seen += nothing ? "" : " end";
  co_return seen;
}

AsyncGenerator<int> slow_source(std::string& log) {
  const Trace trace{log, "slow"};
  auto waiting = sleep_for(10s);
  co_await std::move(waiting);
  co_yield 1;
}

TEST(AsyncGenerator, YieldsBetweenAwaits) {
  std::string log;
  EXPECT_EQ(run_root(sum_of(count_to(10, log), 100)), 55);
  EXPECT_EQ(log, "gen+ gen- ");
}

TEST(AsyncGenerator, AbandonedHalfWayItReleasesItsResources) {
  std::string log;
  EXPECT_EQ(run_root(sum_of(count_to(1'000'000, log), 3)), 6);
  EXPECT_EQ(log, "gen+ gen- ");
}

TEST(AsyncGenerator, NothingRunsBeforeItIsAskedFor) {
  std::string log;
  {
    const auto unused = count_to(3, log);
  }
  EXPECT_EQ(log, "");
}

TEST(AsyncGenerator, ItsExceptionReachesTheConsumerOnceAndThenItIsAtItsEnd) {
  EXPECT_EQ(run_root(drain_failing()), "one source broke end");
}

TEST(AsyncGenerator, CanCatchWhatItAwaits) {
  EXPECT_EQ(run_root(sum_of(catch_inside(), 5)), 1);
}

TEST(AsyncGenerator, CancellingTheConsumerUnwindsTheSource) {
  std::string log;
  EXPECT_EQ(run_root(within(1ms, sum_of(slow_source(log), 1))), std::nullopt);
  EXPECT_EQ(log, "slow+ slow- ");
}

}  // namespace
}  // namespace trawl::coro
