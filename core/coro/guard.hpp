#pragma once
// using_resource(open, use): opens a resource, lends it to use, and closes it in every case: on
// return, on an exception and on cancellation alike. close() is awaited, and shielded from the
// cancellation that may have ended use.

#include "core/coro/shield.hpp"
#include "core/coro/task.hpp"

#include <concepts>
#include <utility>

namespace trawl::coro {

template <class R>
concept AsyncCloseable = requires(R& resource) {
  { resource.close() } -> std::same_as<Task<>>;
};

// use: a callable taking R& and returning Task<T>; a function or a lambda without captures, with
// further arguments passed by value. An exception of use wins over one of close.
template <AsyncCloseable R, class F, class... Args>
auto using_resource(Task<R> open, F use, Args... args) -> std::invoke_result_t<F, R&, Args...> {
  using T = typename std::invoke_result_t<F, R&, Args...>::value_type;
  R resource = co_await std::move(open);
  Outcome<T> outcome;
  try {
    co_await capture(std::invoke(std::move(use), resource, std::move(args)...), outcome);
  } catch (...) {  // cancelled between open and use
    outcome.set_error(std::current_exception());
  }
  const bool throwing = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  Outcome<void> closed;
  co_await shielded(resource.close(), closed);
  co_await asio::this_coro::throw_if_cancelled(throwing);
  if (!outcome.error() && closed.error()) std::rethrow_exception(closed.error());
  co_return outcome.take();
}

}  // namespace trawl::coro
