#pragma once
// race: waits for the first task to end, value or exception, cancels the others and awaits them.
// The winner's value comes back as the variant's alternative of its place (std::monostate for
// void), or its exception is thrown. What a loser leaves is dropped.

#include "core/coro/group.hpp"

#include <cstddef>
#include <stdexcept>
#include <tuple>
#include <variant>
#include <vector>

namespace trawl::coro {

namespace detail {

inline constexpr std::size_t nobody = static_cast<std::size_t>(-1);

template <class T>
Task<> compete(Task<T> task, Outcome<T>& outcome, std::size_t index, std::size_t& winner,
               Group& group) {
  co_await capture(std::move(task), outcome);
  // Who was cancelled from outside has not won.
  const bool gave_up = group.cancelling() && is_cancellation(outcome.error());
  if (winner != nobody || gave_up) co_return;
  winner = index;
  group.cancel();
}

// Of a race without a winner.
[[noreturn]] inline void throw_unwon(const Group& group) {
  if (group.error()) std::rethrow_exception(group.error());
  throw cancelled_error();
}

template <std::size_t I, class Variant, class Outcomes>
Variant take_winner(Outcomes& outcomes, std::size_t winner) {
  if constexpr (I + 1 < std::tuple_size_v<Outcomes>)
    if (winner != I) return take_winner<I + 1, Variant>(outcomes, winner);
  auto& outcome = std::get<I>(outcomes);
  if constexpr (std::is_void_v<decltype(outcome.take())>) {
    outcome.take();
    return Variant{std::in_place_index<I>};
  } else {
    return Variant{std::in_place_index<I>, outcome.take()};
  }
}

}  // namespace detail

template <class... T>
  requires(sizeof...(T) > 0)
Task<std::variant<OrMonostate<T>...>> race(Task<T>... tasks) {
  using Variant = std::variant<OrMonostate<T>...>;
  std::tuple<Outcome<T>...> outcomes;
  std::size_t winner = detail::nobody;
  Group group{co_await asio::this_coro::executor};
  const auto begin = [&]<std::size_t... I>(std::index_sequence<I...>) {
    (group.start(detail::compete(std::move(tasks), std::get<I>(outcomes), I, winner, group),
                 Begin::at_once),
     ...);
  };
  auto running = group.run([&] { begin(std::index_sequence_for<T...>{}); });
  co_await std::move(running);
  if (winner == detail::nobody) detail::throw_unwon(group);
  co_return detail::take_winner<0, Variant>(outcomes, winner);
}

// Any number of tasks of one kind: the winner's place and value (std::monostate for void). Throws
// std::invalid_argument when there is none.
template <class T>
struct Won {
  std::size_t index = 0;
  OrMonostate<T> value = {};
};

template <class T>
Task<Won<T>> race(std::vector<Task<T>> tasks) {
  if (tasks.empty()) throw std::invalid_argument("a race of nobody");
  std::vector<Outcome<T>> outcomes(tasks.size());
  std::size_t winner = detail::nobody;
  Group group{co_await asio::this_coro::executor};
  const auto begin = [&] {
    for (std::size_t i = 0; i < tasks.size(); ++i)
      group.start(detail::compete(std::move(tasks[i]), outcomes[i], i, winner, group),
                  Begin::at_once);
  };
  auto running = group.run(begin);
  co_await std::move(running);
  if (winner == detail::nobody) detail::throw_unwon(group);
  if constexpr (std::is_void_v<T>) {
    outcomes[winner].take();
    co_return Won<T>{.index = winner};
  } else {
    co_return Won<T>{winner, outcomes[winner].take()};
  }
}

}  // namespace trawl::coro
