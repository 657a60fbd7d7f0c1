#pragma once
// within(time, task): the task's value, or nothing when the time runs out first; the task is then
// cancelled and awaited. A task that ends with a value at the very tick of the timeout, or of the
// caller's own cancellation, keeps it; and an exception of its own comes out, whoever cancelled it.

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
template <class Rep, class Period, class T>
auto within(std::chrono::duration<Rep, Period> time, Task<T> task)
    -> Task<std::conditional_t<std::is_void_v<T>, bool, std::optional<T>>> {
  Outcome<T> outcome;
  bool expired = false;
  Group group{co_await asio::this_coro::executor};
  const auto begin = [&] {
    group.start(detail::run_then_cancel(std::move(task), outcome, group), Begin::at_once);
    group.start(detail::expire(saturated(time), expired, group), Begin::at_once);
  };
  auto running = group.run(begin);
  const bool cancelled = co_await std::move(running);
  if (!outcome.done() || is_cancellation(outcome.error())) {
    if (group.error()) std::rethrow_exception(group.error());
    if (cancelled) throw cancelled_error();
    if (expired) co_return std::conditional_t<std::is_void_v<T>, bool, std::optional<T>>{};
  }
  if constexpr (std::is_void_v<T>) {
    outcome.take();
    co_return true;
  } else {
    co_return outcome.take();
  }
}

}  // namespace trawl::coro
