#pragma once
// Loop: one thread's event loop. run() is run_root: it drives one root task to its end and returns
// what the task returned; everything else is a descendant of that task.

#include "core/coro/child.hpp"
#include "core/coro/task.hpp"

#include <boost/asio/io_context.hpp>

#include <utility>

namespace trawl::coro {

class Loop {
 public:
  Loop() : context_(1) {}
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  asio::io_context& context() { return context_; }
  Executor executor() { return context_.get_executor(); }

  // Drives the root task on the calling thread until it and all it started have ended. Throws what
  // the task throws. May be called again afterwards.
  template <class T>
  T run(Task<T> root) {
    Outcome<T> outcome;
    root_ = std::make_shared<Child>();
    bool ended = false;
    Child::start(root_, executor(), capture(std::move(root), outcome), [&ended] { ended = true; });
    context_.restart();
    // Not until the context has no work: an HTTP session watches its idle connections for ever.
    while (!ended && context_.run_one() > 0) continue;
    // A root that was cancelled before its first step has no outcome of its own.
    const std::exception_ptr error = std::exchange(root_, nullptr)->error();
    if (!outcome.done() && error) std::rethrow_exception(error);
    if (!outcome.done()) throw_root_lost();
    return outcome.take();
  }

  // Asks the root task to stop; it unwinds and run() returns. Any thread, any
  // number of times; called before run(), it cancels the next one.
  void cancel();

 private:
  [[noreturn]] static void throw_root_lost();

  asio::io_context context_;
  std::shared_ptr<Child> root_;  // set while run() runs; loop thread only
};

// run_root with a loop of its own.
template <class T>
T run_root(Task<T> root) {
  Loop loop;
  return loop.run(std::move(root));
}

}  // namespace trawl::coro
