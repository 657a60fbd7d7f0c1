#pragma once
// What Group and Loop start tasks with: a co_spawn whose cancellation is safe at every instant.

#include "core/coro/task.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <memory>

namespace trawl::coro {

class Child {
 public:
  // Asks the task to stop. Also before it began, and more than once.
  void cancel();
  std::exception_ptr error() const { return error_; }

  // Starts the task on the executor; calls on_end once, on the executor, when it has ended. The
  // child is shared with the completion handler, because a loop that is destroyed with live frames
  // (in a failing test) drops its handlers in any order.
  template <class OnEnd>
  static void start(const std::shared_ptr<Child>& child, const Executor& executor, Task<> task,
                    OnEnd on_end) {
    asio::co_spawn(executor, run(child, std::move(task)),
                   asio::bind_cancellation_slot(child->signal_.slot(),
                                                [child, on_end = std::move(on_end)](
                                                    const std::exception_ptr&) { on_end(); }));
  }

 private:
  static Task<> run(std::shared_ptr<Child> child, Task<> task);

  asio::cancellation_signal signal_;
  std::exception_ptr error_;
  bool started_ = false;
  bool cancelled_ = false;
};

}  // namespace trawl::coro
