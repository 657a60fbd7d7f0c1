#pragma once
// Task<T>: a coroutine that runs when it is awaited, on the loop of whoever awaits it.
// Cancelling a task makes what it waits for end with operation_aborted, thrown as system_error;
// RAII unwinds from there. Coroutine parameters are values, or references to what outlives the
// awaiting scope; arguments inside a co_await expression are named objects (docs/async.md).

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <exception>
#include <optional>
#include <utility>
#include <variant>

namespace trawl::coro {

namespace asio = boost::asio;

template <class T = void>
using Task = asio::awaitable<T>;

using Executor = asio::any_io_executor;

// The exception that unwinds a cancelled task.
boost::system::system_error cancelled_error();
bool is_cancellation(const boost::system::system_error& error);
bool is_cancellation(const std::exception_ptr& error);

// What stands for a task's result where void can't.
template <class T>
using OrMonostate = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

// What a task left behind: nothing yet, a value, or an exception.
template <class T>
class Outcome {
 public:
  template <class... Args>
  void set_value(Args&&... args) {
    state_.template emplace<1>(std::forward<Args>(args)...);
  }
  void set_error(std::exception_ptr error) { state_.template emplace<2>(std::move(error)); }

  bool done() const { return state_.index() != 0; }
  bool has_value() const { return state_.index() == 1; }
  std::exception_ptr error() const {
    return state_.index() == 2 ? std::get<2>(state_) : std::exception_ptr{};
  }

  // The value, or the exception thrown on. Only when done().
  T take() {
    if (state_.index() == 2) std::rethrow_exception(std::get<2>(state_));
    if constexpr (!std::is_void_v<T>) return std::move(std::get<1>(state_));
  }

 private:
  std::variant<std::monostate, OrMonostate<T>, std::exception_ptr> state_;
};

// Runs a task to its end and keeps what it left; never throws itself.
template <class T>
Task<> capture(Task<T> task, Outcome<T>& outcome) {
  try {
    if constexpr (std::is_void_v<T>) {
      co_await std::move(task);
      outcome.set_value();
    } else {
      outcome.set_value(co_await std::move(task));
    }
  } catch (...) {
    outcome.set_error(std::current_exception());
  }
}

// Whether the running task has been asked to stop.
Task<bool> cancellation_requested();

}  // namespace trawl::coro
