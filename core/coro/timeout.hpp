#pragma once
// within(time, task): the task's value, or nothing when the time runs out first; the task is then
// cancelled and awaited. A task that ends with a value at the very tick of the timeout keeps it.

#include "core/coro/group.hpp"
#include "core/coro/time.hpp"

#include <chrono>
#include <optional>

namespace trawl::coro {

namespace detail {

template <class T>
Task<> run_then_cancel(Task<T> task, Outcome<T>& outcome, Group& group) {
  co_await capture(std::move(task), outcome);
  group.cancel();
}

inline Task<> expire(std::chrono::steady_clock::duration time, bool& expired, Group& group) {
  co_await sleep_for(time);
  expired = true;
  group.cancel();
}

}  // namespace detail

// Task<void> gives true when it ended in time.
template <class T>
auto within(std::chrono::steady_clock::duration time, Task<T> task)
    -> Task<std::conditional_t<std::is_void_v<T>, bool, std::optional<T>>> {
  Outcome<T> outcome;
  bool expired = false;
  Group group{co_await asio::this_coro::executor};
  group.spawn(detail::run_then_cancel(std::move(task), outcome, group));
  group.spawn(detail::expire(time, expired, group));
  co_await group.join();
  const bool timed_out = expired && !outcome.has_value() && is_cancellation(outcome.error());
  if constexpr (std::is_void_v<T>) {
    if (timed_out) co_return false;
    outcome.take();
    co_return true;
  } else {
    if (timed_out) co_return std::nullopt;
    co_return outcome.take();
  }
}

}  // namespace trawl::coro
