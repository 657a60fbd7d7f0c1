// What a cancellation that comes at a bad moment must not lose: children, values, errors.
#include "core/coro/channel.hpp"
#include "core/coro/gather.hpp"
#include "core/coro/loop.hpp"
#include "core/coro/race.hpp"
#include "core/coro/timeout.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace trawl::coro {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

int alive = 0;  // of those who stop

struct Alive {
  Alive() { ++alive; }
  ~Alive() { --alive; }
};

Task<> stop_and_wait(Group& outer) {
  const Alive counted;
  outer.cancel();
  co_await sleep_for(5ms);
}

// Each with a child that cancels the parent before it waits for the first time.
Task<> by_within(Group& outer) {
  auto waiting = within(1s, stop_and_wait(outer));
  co_await std::move(waiting);
}
Task<> by_race(Group& outer) {
  auto waiting = race(sleep_for(1s), stop_and_wait(outer));
  co_await std::move(waiting);
}
Task<> by_gather(Group& outer) {
  auto waiting = gather(stop_and_wait(outer), sleep_for(20ms));
  co_await std::move(waiting);
}
Task<> by_group(Group& outer) {
  auto waiting = with_group([](Group* of, Group&) { return stop_and_wait(*of); }, &outer);
  co_await std::move(waiting);
}

Task<> spawn_one(Task<> (*task)(Group&), Group& group) {
  group.spawn(task(group));
  co_return;
}

using Numbers = Channel<int>;

Task<> take_by_next(Numbers& numbers, std::vector<int>& taken) {
  auto taking = numbers.next();
  if (const auto number = co_await std::move(taking)) taken.push_back(*number);
}
Task<> take_by_within(Numbers& numbers, std::vector<int>& taken) {
  auto taking = within(10s, numbers.next());
  if (const auto number = co_await std::move(taking)) taken.push_back(number->value());
}
Task<> take_by_race(Numbers& numbers, std::vector<int>& taken) {
  auto taking = race(sleep_for(10s), numbers.next());
  const auto won = co_await std::move(taking);
  taken.push_back(std::get<1>(won).value());
}
Task<> take_by_gather(Numbers& numbers, std::vector<int>& taken) {
  auto taking = gather(numbers.next());
  const auto [number] = co_await std::move(taking);
  taken.push_back(number.value());
}

using Take = Task<> (*)(Numbers&, std::vector<int>&);

Task<> send_then_cancel(Take take, Numbers& numbers, std::vector<int>& taken, int turns,
                        Group& group) {
  group.spawn(take(numbers, taken));
  co_await sleep_for(1ms);
  int number = 7;
  numbers.try_send(number);
  for (int i = 0; i < turns; ++i) co_await yield_now();
  group.cancel();
}

Task<> fail_when_cancelled() {
  try {
    co_await sleep_for(10s);
  } catch (const boost::system::system_error&) {
    throw std::runtime_error("the disk is full");
  }
}
Task<> within_a_second() {
  auto waiting = within(1s, fail_when_cancelled());
  co_await std::move(waiting);
}
Task<> beside_a_sleeper() {
  auto waiting = race(sleep_for(10s), fail_when_cancelled());
  co_await std::move(waiting);
}

template <class Function>
std::string thrown_by(Function function) {
  try {
    function();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST(CancelledResults, NoChildOutlivesAParentThatItsFirstPartCancels) {
  for (const auto task : {by_within, by_race, by_gather, by_group}) {
    Loop loop;
    loop.run(with_group(spawn_one, task));
    EXPECT_EQ(alive, 0);
    loop.run(sleep_for(20ms));  // whoever was left behind would write into dead frames here
  }
}

TEST(CancelledResults, AValueIsReceivedOrStillInItsChannel) {
  int kept = 0, received = 0;
  for (const Take take : {take_by_next, take_by_within, take_by_race, take_by_gather})
    for (int turns = 0; turns < 8; ++turns) {
      Numbers numbers{3};
      std::vector<int> taken;
      run_root(with_group(send_then_cancel, take, std::ref(numbers), std::ref(taken), turns));
      ++(taken.empty() ? kept : received);
      if (taken.empty())
        EXPECT_EQ(numbers.try_next(), 7) << turns;
      else
        EXPECT_THAT(taken, ElementsAre(7)) << turns;
    }
  EXPECT_GT(kept, 0);
  EXPECT_GT(received, 0);
}

TEST(CancelledResults, AnErrorOfItsOwnComesOutWhoeverCancelledTheTask) {
  for (const auto task : {within_a_second, beside_a_sleeper})
    EXPECT_EQ(thrown_by([&] { run_root(within(5ms, task())); }), "the disk is full");
}

// The losers' first parts would have taken them.
TEST(CancelledResults, WhatALoserOfARaceDidNotTakeStays) {
  Numbers one{8}, other{8};
  for (int number = 0; number < 6; ++number) {
    int copy = number;
    one.try_send(copy);
    copy = number;
    other.try_send(copy);
  }
  for (int i = 0; i < 6; ++i) run_root(race(one.next(), other.next()));
  EXPECT_EQ(one.try_next(), std::nullopt);
  for (int number = 0; number < 6; ++number) EXPECT_EQ(other.try_next(), number);
}

Task<> send_to_both(Numbers& one, Numbers& other) {
  co_await sleep_for(2ms);
  for (Numbers* numbers : {&one, &other}) {
    int number = 1;
    numbers->try_send(number);
  }
  co_await sleep_for(2ms);
}

Task<> race_of_two(Numbers& one, Numbers& other) {
  auto racing = race(one.next(), other.next());
  co_await std::move(racing);
}

TEST(CancelledResults, OfTwoThatAreWokenInOneTurnTheLoserLeavesItsValue) {
  Numbers one{1}, other{1};
  run_root(gather(race_of_two(one, other), send_to_both(one, other)));
  EXPECT_NE(one.try_next().has_value(), other.try_next().has_value());
}

}  // namespace trawl::coro
