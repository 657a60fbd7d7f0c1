// The kit at its edges: deep families, times beyond the clock, misuse that is told.
#include "core/coro/channel.hpp"
#include "core/coro/event.hpp"
#include "core/coro/gather.hpp"
#include "core/coro/generator.hpp"
#include "core/coro/loop.hpp"
#include "core/coro/race.hpp"
#include "core/coro/semaphore.hpp"
#include "core/coro/thread.hpp"
#include "core/coro/timeout.hpp"

#include <boost/asio/post.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

namespace trawl::coro {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using testing::ElementsAre;

using Millis = std::chrono::milliseconds;

Task<int> give(int number, Millis after) {
  co_await sleep_for(after);
  co_return number;
}

Task<> spawn_the_next(int left, Group& group) {
  if (left > 0) group.spawn(spawn_the_next(left - 1, group));
  co_return;
}

Task<> nest(int left) {
  if (left == 0) co_return;
  auto inner = with_group([](int below, Group&) { return nest(below); }, left - 1);
  co_await std::move(inner);
}

Task<> append(std::vector<int>& numbers, int number) {
  numbers.push_back(number);
  co_return;
}

Task<> spawn_over(std::vector<int>& numbers, Group& group) {
  for (int& number : numbers) group.spawn(append(numbers, number + 10));
  co_return;
}

Task<> note_when_set(Event& event, int& woken) {
  co_await event.wait();
  ++woken;
}

Task<> pulse(int& woken, Group& group) {
  Event event{co_await asio::this_coro::executor};
  for (int i = 0; i < 3; ++i) group.spawn(note_when_set(event, woken));
  co_await sleep_for(2ms);
  event.set();
  event.reset();
  co_await sleep_for(2ms);
  EXPECT_EQ(woken, 3);
  const auto soon = steady_clock::now() + 1ms;
  auto waiting = event.wait_until(soon);
  EXPECT_FALSE(co_await std::move(waiting));
}

AsyncGenerator<int> count_slowly(int to, std::chrono::seconds pause) {
  Event never{co_await asio::this_coro::executor};
  for (int i = 1; i <= to; ++i) {
    auto waiting = never.wait_until(steady_clock::now() + pause);
    co_await std::move(waiting);
    co_yield i;
  }
}

Task<> take_two_at_once(AsyncGenerator<int>& numbers) {
  auto taking = gather(numbers.next(), numbers.next());
  co_await std::move(taking);
}

Task<> receive(Channel<int>& numbers, std::vector<int>& taken) {
  auto taking = numbers.next();
  if (const auto number = co_await std::move(taking)) taken.push_back(*number);
}

// Who came later takes what is there in the turn in which the first was called.
Task<> overtake(Channel<int>& numbers, std::vector<int>& first, int& stolen, Group& group) {
  group.spawn(receive(numbers, first));
  co_await sleep_for(1ms);
  int number = 1;
  numbers.try_send(number);
  if (numbers.try_next()) ++stolen;
  auto late = within(1ms, numbers.next());
  if (co_await std::move(late)) ++stolen;
}

}  // namespace

TEST(KitLimits, ChildrenBeginInTheirTurnsAndFamiliesAreAsDeepAsTheyLike) {
  std::vector<int> numbers{1, 2, 3};
  numbers.shrink_to_fit();
  run_root(with_group(spawn_over, std::ref(numbers)));
  EXPECT_THAT(numbers, ElementsAre(1, 2, 3, 11, 12, 13));
  run_root(with_group(spawn_the_next, 20'000));
  run_root(nest(500));
}

TEST(KitLimits, TimesBeyondTheClockAreForEver) {
  EXPECT_EQ(run_root(within(steady_clock::duration::max(), give(7, 5ms))), 7);
  EXPECT_EQ(run_root(within(std::chrono::hours::max(), give(7, 5ms))), 7);
  EXPECT_FALSE(run_root(within(5ms, sleep_for(std::chrono::hours::max()))));
  EXPECT_FALSE(run_root(within(5ms, sleep_for(steady_clock::duration::max()))));
  EXPECT_EQ(run_root(within(-1h, give(7, 50ms))), std::nullopt);
  EXPECT_EQ(saturated(std::chrono::hours::min()), steady_clock::duration::min());
  EXPECT_EQ(saturated(2s), steady_clock::duration{2s});
}

TEST(KitLimits, ASleepCountsFromWhenItIsAwaited) {
  auto sleeping = sleep_for(20ms);
  run_root(sleep_for(30ms));
  const auto began = steady_clock::now();
  run_root(std::move(sleeping));
  EXPECT_GE(steady_clock::now() - began, 20ms);
}

TEST(KitLimits, TasksWithoutValuesAreGatheredAndRacedToo) {
  EXPECT_EQ(std::get<0>(run_root(gather(give(7, 1ms), sleep_for(1ms)))), 7);
  std::vector<Task<>> tasks;
  tasks.push_back(sleep_for(10s));
  tasks.push_back(sleep_for(1ms));
  EXPECT_EQ(run_root(race(std::move(tasks))).index, 1U);
  EXPECT_THROW(run_root(race(std::vector<Task<>>{})), std::invalid_argument);
}

TEST(KitLimits, WhoWaitsWhenAnEventIsSetIsWokenAlsoWhenItIsReset) {
  int woken = 0;
  EXPECT_TRUE(run_root(within(5s, with_group(pulse, std::ref(woken)))));
}

TEST(KitLimits, AReceiverThatWasCalledIsNotOvertaken) {
  Channel<int> numbers{4};
  std::vector<int> first;
  int stolen = 0;
  run_root(with_group(overtake, std::ref(numbers), std::ref(first), std::ref(stolen)));
  EXPECT_THAT(first, ElementsAre(1));
  EXPECT_EQ(stolen, 0);
  EXPECT_THROW(Channel<int>{0}, std::invalid_argument);
}

TEST(KitLimits, AGeneratorKnowsItsLoopAndTellsMisuse) {
  Loop loop;
  auto numbers = count_slowly(3, 0s);
  EXPECT_EQ(loop.run(numbers.next()), 1);
  auto given_up = count_slowly(3, 60s);
  EXPECT_THROW(loop.run(take_two_at_once(given_up)), std::logic_error);
  auto cancelled = count_slowly(3, 60s);
  EXPECT_FALSE(loop.run(within(1ms, cancelled.next())));
  EXPECT_THROW(loop.run(cancelled.next()), boost::system::system_error);  // and not "no more"
  AsyncGenerator<int> moved = std::move(cancelled);
  EXPECT_THROW(loop.run(moved.next()), boost::system::system_error);
  moved = count_slowly(1, 0s);
  EXPECT_EQ(loop.run(moved.next()), 1);
}

TEST(KitLimits, WhatLeavesAHandlerEndsTheRunBehindTheRoot) {
  Loop loop;
  asio::post(loop.context(), [&loop] {  // behind the root's beginning
    asio::post(loop.context(), [] { throw std::runtime_error("of a handler"); });
  });
  auto unwound = std::make_shared<int>(0);
  const auto root = [](std::shared_ptr<int> count) -> Task<> {
    struct Leaving {
      int& times;
      ~Leaving() { ++times; }
    } const leaving{*count};
    co_await sleep_for(10s);
  };
  EXPECT_THROW(loop.run(root(unwound)), std::runtime_error);
  EXPECT_EQ(*unwound, 1);
  EXPECT_EQ(loop.run(give(7, 1ms)), 7);
}

Task<> run_again(Loop& loop) {
  loop.run(sleep_for(1ms));
  co_return;
}

TEST(KitLimits, ALoopDoesNotRunWithinItself) {
  Loop loop;
  EXPECT_THROW(loop.run(run_again(loop)), std::logic_error);
  EXPECT_EQ(loop.run(give(7, 1ms)), 7);
}

TEST(KitLimits, ACancellationThatComesTooLateIsNotOfTheNextRun) {
  Loop loop;
  const auto first = loop.next_run();
  loop.run(sleep_for(1ms));
  loop.cancel_run(first);
  EXPECT_EQ(loop.run(give(7, 5ms)), 7);
  loop.cancel();
  EXPECT_THROW(loop.run(give(7, 5ms)), boost::system::system_error);
}

Task<> leave_a_child_behind(Semaphore& places) {
  Group group{co_await asio::this_coro::executor};
  const auto wait = [](Semaphore* of) -> Task<> {
    auto acquiring = of->acquire();
    const auto place = co_await std::move(acquiring);
  };
  group.spawn(wait(&places));
  co_await sleep_for(1ms);
}

TEST(KitLimits, AGroupThatIsDroppedTakesNoReportOfItsChildren) {
  Loop loop;
  Semaphore places{loop.executor(), 1};
  auto held = places.try_acquire();
  loop.run(leave_a_child_behind(places));
  EXPECT_EQ(places.waiting(), 1U);
  held->release();
  loop.run(sleep_for(2ms));  // where it would write into the group that is no more
  EXPECT_EQ(places.available(), 1U);
}

}  // namespace trawl::coro
