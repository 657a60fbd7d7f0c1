#include "core/coro/race.hpp"

#include "core/coro/timeout.hpp"
#include "tests/coro/trace.hpp"

#include <latch>
#include <thread>

namespace trawl::coro {
namespace {

TEST(Race, TheLoserIsCancelledAndAwaited) {
  std::string log;
  const auto won = run_root(race(wait_traced(log, "slow", 10s), give(5, 1ms)));
  ASSERT_EQ(won.index(), 1u);
  EXPECT_EQ(std::get<1>(won), 5);
  EXPECT_EQ(log, "slow+ slow- ");
}

TEST(Race, TheWinnersExceptionComesOutAfterTheLoserUnwound) {
  std::string log;
  EXPECT_EQ(thrown_by(race(wait_traced(log, "slow", 10s), fail_after(1ms, "first"))), "first");
  EXPECT_EQ(log, "slow+ slow- ");
}

TEST(Race, TwoThatEndAtOnceGiveTheFirst) {
  const auto won = run_root(race(give_at_once(1), give_at_once(2)));
  EXPECT_EQ(won.index(), 0u);
}

TEST(Race, AnyNumberOfOneKind) {
  std::vector<Task<int>> tasks;
  for (int i = 0; i < 20; ++i) tasks.push_back(give(i, i == 13 ? 1ms : 10s));
  const auto won = run_root(race(std::move(tasks)));
  EXPECT_EQ(won.index, 13u);
  EXPECT_EQ(won.value, 13);
}

Task<> wait_and_say_so(std::string& log, std::latch& begun) {
  const Trace trace{log, "b"};
  begun.count_down();
  co_await sleep_for(10s);
}

TEST(Race, CancelledFromOutsideCancelsBoth) {
  std::string log;
  std::latch begun{1};
  Loop loop;
  std::thread other([&] {
    begun.wait();
    loop.cancel();
  });
  EXPECT_THROW(loop.run(race(wait_traced(log, "a", 10s), wait_and_say_so(log, begun))),
               boost::system::system_error);
  other.join();
  EXPECT_EQ(log, "a+ b+ a- b- ");
}

// A task whose value is ready exactly when the timeout fires: it stays deaf to the cancellation
// because it had its result already.
Task<int> finish_in_spite_of_cancel(std::chrono::steady_clock::time_point at) {
  co_await asio::this_coro::throw_if_cancelled(false);
  try {
    co_await sleep_until(at);
  } catch (const boost::system::system_error&) {
  }
  co_return 42;
}

TEST(Within, AValueAtTheVeryTickOfTheTimeoutIsKept) {
  const auto at = std::chrono::steady_clock::now() + 2ms;
  EXPECT_EQ(run_root(within(2ms, finish_in_spite_of_cancel(at))), 42);
  for (int i = 0; i < 200; ++i) {
    const auto value = run_root(within(0ms, give(i, 0ms)));
    if (value) EXPECT_EQ(*value, i);
  }
}

TEST(Within, TimesOutAndAwaitsTheCancelledTask) {
  std::string log;
  EXPECT_FALSE(run_root(within(1ms, wait_traced(log, "slow", 10s))));
  EXPECT_EQ(log, "slow+ slow- ");
  EXPECT_EQ(run_root(within(1ms, give(1, 10s))), std::nullopt);
}

TEST(Within, GivesTheValueInTime) {
  EXPECT_EQ(run_root(within(10s, give(1, 1ms))), 1);
  std::string log;
  EXPECT_TRUE(run_root(within(10s, wait_traced(log, "quick", 1ms))));
}

TEST(Within, AnErrorBeforeTheTimeoutComesOut) {
  EXPECT_EQ(thrown_by(within(10s, fail_after(1ms, "broke"))), "broke");
}

}  // namespace
}  // namespace trawl::coro
