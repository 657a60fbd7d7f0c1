#pragma once
// What Group and Loop start tasks with: a co_spawn whose cancellation is safe at every instant.

#include "core/coro/task.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include <cstdint>
#include <exception>
#include <memory>

namespace trawl::coro {

// When a task's first part runs: inside of the call that starts it, or when its turn comes.
enum class Begin : std::uint8_t { at_once, in_turn };

class Child {
 public:
  // Asks the task to stop. Also before it began (then it doesn't begin), and more than once.
  void cancel();
  std::exception_ptr error() const { return error_; }
  // on_end is not called any more.
  void abandon() { abandoned_ = true; }

  // Starts the task on the executor; calls on_end once, on the executor, when it has ended. The
  // child is shared with the completion handler, because a loop that is destroyed with live frames
  // (in a failing test) drops its handlers in any order. Throws std::bad_alloc; then on_end is not
  // called.
  template <class OnEnd>
  static void start(const std::shared_ptr<Child>& child, const Executor& executor, Begin begin,
                    Task<> task, OnEnd on_end) {
    asio::co_spawn(executor, run(child, begin, std::move(task)),
                   asio::bind_cancellation_slot(
                       child->signal_.slot(),
                       [child, on_end = std::move(on_end)](const std::exception_ptr& error) {
                         if (error && !child->error_) child->error_ = error;  // it could not begin
                         if (!child->abandoned_) on_end();
                       }));
  }

 private:
  static Task<> run(std::shared_ptr<Child> child, Begin begin, Task<> task);

  asio::cancellation_signal signal_;
  std::exception_ptr error_;
  bool started_ = false;
  bool cancelled_ = false;
  bool abandoned_ = false;
};

}  // namespace trawl::coro
