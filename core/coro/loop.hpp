#pragma once
// Loop: one thread's event loop. run() is run_root: it drives one root task to its end and returns
// what the task returned; everything else is a descendant of that task.

#include "core/coro/child.hpp"
#include "core/coro/task.hpp"

#include <boost/asio/io_context.hpp>

#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
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
  // the task throws, or what left a handler of the context: then the task was cancelled first. May
  // be called again afterwards, but not from within: throws std::logic_error.
  template <class T>
  T run(Task<T> root) {
    const Run running{*this};
    Outcome<T> outcome;
    bool ended = false;
    Child::start(root_, executor(), Begin::at_once, capture(std::move(root), outcome),
                 [&ended] { ended = true; });
    drive(ended);
    // A root that was cancelled before its first step has no outcome of its own.
    if (!outcome.done() && root_->error()) std::rethrow_exception(root_->error());
    if (!outcome.done()) throw_root_lost();
    return outcome.take();
  }

  // Asks the root task to stop; it unwinds and run() returns. Any thread, any
  // number of times; called before run(), it cancels the next one.
  void cancel() { cancel_run(runs_.load()); }
  // The same for one run: next_run() of before it. Nothing once that has ended.
  void cancel_run(std::uint64_t number);
  std::uint64_t next_run() const { return runs_.load(); }

 private:
  // From the beginning of run() to its end.
  struct Run {
    explicit Run(Loop& of);
    ~Run();
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;
    Loop& loop;
  };

  void drive(const bool& ended);
  [[noreturn]] static void throw_root_lost();

  asio::io_context context_;
  std::atomic<std::uint64_t> runs_ = 0;  // that have ended
  std::shared_ptr<Child> root_;          // set while run() runs; loop thread only
};

// run_root with a loop of its own.
template <class T>
T run_root(Task<T> root) {
  Loop loop;
  return loop.run(std::move(root));
}

}  // namespace trawl::coro
