#pragma once
// Worker: one thread for blocking work (files, databases, heavy CPU), with a bounded queue. run()
// executes a function there and gives its result to the awaiting task; a full queue makes the
// caller wait. Calls of one loop run in the order they were made. Usable from any number of loops.

#include "core/coro/channel.hpp"
#include "core/coro/task.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <type_traits>

namespace trawl::coro {

class Worker {
 public:
  // name: shown by debuggers and top, at most 15 bytes. queue_max: jobs waiting, ≥ 1.
  Worker(const std::string& name, std::size_t queue_max);
  // Runs what is queued, then ends the thread.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Runs function() on the thread. Cancelled while the queue is full: the function does not run.
  // Cancelled later: it runs to its end, and then the caller's next wait throws. So the function
  // may refer to the caller's frame. Exceptions of the function come out here.
  template <class F>
  Task<std::invoke_result_t<F>> run(F function) {
    Outcome<std::invoke_result_t<F>> outcome;
    std::atomic<bool> let_go = false;
    auto placing = places_.send(Place{});
    co_await std::move(placing);
    // A cancellation that came just after the place is seen by the next wait only, which then ends
    // before it begins.
    struct Taken {
      ~Taken() {
        if (places) places->try_next();
      }
      Channel<Place>* places;
    } taken{&places_};
    const auto job = [this, &outcome, &function, &let_go, &taken](auto handler) {
      push({make_job(outcome, function, std::move(handler)), &let_go});
      taken.places = nullptr;
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(job, asio::use_awaitable);
    // The handler runs before the thread has quite left post(), which touches the loop: a loop that
    // ended now would be pulled from under it. This waits for a few instructions.
    while (!let_go.load(std::memory_order_acquire)) std::this_thread::yield();
    co_return outcome.take();
  }

  std::size_t queued() const;

 private:
  struct Job {
    std::move_only_function<void()> work;
    std::atomic<bool>* let_go = nullptr;  // the thread touches nothing of the caller's any more
  };
  struct Place {};

  template <class T, class F, class Handler>
  static std::move_only_function<void()> make_job(Outcome<T>& outcome, F& function,
                                                  Handler handler) {
    const Executor executor = asio::get_associated_executor(handler);
    auto guard = asio::make_work_guard(executor);
    return [&outcome, &function, executor, guard = std::move(guard),
            handler = std::move(handler)]() mutable {
      try {
        if constexpr (std::is_void_v<T>) {
          function();
          outcome.set_value();
        } else {
          outcome.set_value(function());
        }
      } catch (...) {
        outcome.set_error(std::current_exception());
      }
      asio::post(executor, std::move(handler));
    };
  }

  void push(Job job);
  void loop(const std::string& name);

  // One element a queued job; sending waits while the queue is full.
  Channel<Place> places_;
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Job> jobs_;   // guarded by mutex_
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace trawl::coro
