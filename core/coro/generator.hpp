#pragma once
// AsyncGenerator<T>: a coroutine that may co_await tasks and co_yield values; next() gives them one
// by one. Pulled lazily: between two calls of next() nothing of it runs, so a slow consumer slows
// the source. Destroying it half way unwinds its frame and with it what it holds.
//
// How: inside the body, co_await hands the task to whoever is in next(), who awaits it as part of
// their own task; so executor and cancellation are the consumer's.

#include "core/coro/task.hpp"

#include <coroutine>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

namespace trawl::coro {

template <class T>
class [[nodiscard]] AsyncGenerator {
 public:
  struct promise_type;
  using Handle = std::coroutine_handle<promise_type>;

  AsyncGenerator(AsyncGenerator&& other) noexcept
      : handle_(std::exchange(other.handle_, {})), cancelled_(other.cancelled_) {}
  AsyncGenerator& operator=(AsyncGenerator&& other) noexcept {
    if (this != &other) {
      if (handle_) handle_.destroy();
      handle_ = std::exchange(other.handle_, {});
      cancelled_ = other.cancelled_;
    }
    return *this;
  }
  ~AsyncGenerator() {
    if (handle_) handle_.destroy();
  }

  // The next value, or nothing at the end. Throws what the body throws; afterwards nothing comes.
  // Cancelled while the body waits, it unwinds the body, and each later call throws
  // cancelled_error(). One caller at a time, or std::logic_error. The generator must outlive the
  // returned task.
  Task<std::optional<T>> next();

 private:
  explicit AsyncGenerator(Handle handle) : handle_(handle) {}

  Handle handle_;
  bool busy_ = false;  // somebody is in next()
  bool cancelled_ = false;
};

namespace detail {

// What co_await this_coro::executor gives to a generator's body.
class GeneratorExecutor {
 public:
  explicit GeneratorExecutor(const Executor& executor) : executor_(executor) {}

  bool await_ready() const noexcept { return true; }
  void await_suspend(std::coroutine_handle<>) const noexcept {}
  Executor await_resume() const { return executor_; }

 private:
  Executor executor_;
};

// Awaits a task on behalf of a generator's body.
template <class Promise, class U>
class GeneratorStep {
 public:
  GeneratorStep(Promise& promise, Task<U> task) : promise_(promise), task_(std::move(task)) {}

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<>) {
    promise_.pending.emplace(capture(std::move(task_), outcome_));
  }
  U await_resume() { return outcome_.take(); }

 private:
  Promise& promise_;
  Task<U> task_;
  Outcome<U> outcome_;
};

}  // namespace detail

template <class T>
struct AsyncGenerator<T>::promise_type {
  std::optional<Task<>> pending;  // a task the body waits for
  std::optional<T> value;         // yielded and not yet taken
  std::exception_ptr error;
  Executor executor;  // of who is in next()

  AsyncGenerator get_return_object() { return AsyncGenerator{Handle::from_promise(*this)}; }
  std::suspend_always initial_suspend() const noexcept { return {}; }
  std::suspend_always final_suspend() const noexcept { return {}; }
  void return_void() const noexcept {}
  void unhandled_exception() { error = std::current_exception(); }

  std::suspend_always yield_value(T yielded) {
    value.emplace(std::move(yielded));
    return {};
  }
  template <class U>
  auto await_transform(Task<U> task) {
    return detail::GeneratorStep<promise_type, U>{*this, std::move(task)};
  }
  auto await_transform(asio::this_coro::executor_t) const {
    return detail::GeneratorExecutor{executor};
  }
};

template <class T>
Task<std::optional<T>> AsyncGenerator<T>::next() {
  if (cancelled_) throw cancelled_error();
  if (!handle_) co_return std::nullopt;
  if (busy_) throw std::logic_error("two callers of a generator's next() at once");
  struct Busy {
    bool& busy;
    ~Busy() { busy = false; }
  } const leaving{busy_ = true};
  auto& promise = handle_.promise();
  promise.executor = co_await asio::this_coro::executor;
  while (!handle_.done()) {
    handle_.resume();
    if (promise.error) {
      cancelled_ = is_cancellation(promise.error);
      std::rethrow_exception(std::exchange(promise.error, {}));
    }
    if (promise.value) co_return std::exchange(promise.value, std::nullopt);
    if (promise.pending) {
      Task<> step = std::move(*promise.pending);
      promise.pending.reset();
      try {
        co_await std::move(step);
      } catch (...) {  // cancelled before the step could begin: there is no result to go on with
        cancelled_ = true;
        std::exchange(handle_, {}).destroy();
        throw;
      }
    }
  }
  co_return std::nullopt;
}

}  // namespace trawl::coro
