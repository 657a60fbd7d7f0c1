#pragma once
// shielded(task, outcome): runs a task that a cancellation of the caller doesn't reach. For
// clean-up that must be awaited; keep such tasks short.

#include "core/coro/task.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

namespace trawl::coro {

// In a cancelled task every co_await throws, this one too; so the caller switches that off around
// the call: `co_await asio::this_coro::throw_if_cancelled(false)`, and back on behind it. Group and
// using_resource do so; other code uses them.
template <class T>
Task<> shielded(Task<T> task, Outcome<T>& outcome) {
  const auto executor = co_await asio::this_coro::executor;
  auto captured = capture(std::move(task), outcome);
  auto token = asio::bind_cancellation_slot(asio::cancellation_slot{}, asio::use_awaitable);
  co_await asio::co_spawn(executor, std::move(captured), std::move(token));
}

}  // namespace trawl::coro
