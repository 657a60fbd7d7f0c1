#pragma once
// Group: the only way to start a sibling. A group owns its children: it ends when all have ended;
// the first exception cancels the others and comes out of join(). Loop thread only; for one join().

#include "core/coro/child.hpp"
#include "core/coro/event.hpp"
#include "core/coro/task.hpp"

#include <cstddef>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <utility>

namespace trawl::coro {

class Group {
 public:
  explicit Group(const Executor& executor) : executor_(executor), idle_(executor) {}
  ~Group();
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;

  // Starts a child; it runs when the caller suspends next. After cancel() it doesn't run at all.
  // Throws std::bad_alloc; then there is no such child.
  void spawn(Task<> task) { start(std::move(task), Begin::in_turn); }
  // With at_once the child runs to its first wait inside of the call. That saves a turn of the
  // loop, and is for who knows all that it may do there.
  void start(Task<> task, Begin begin);
  // Asks all children to stop.
  void cancel();
  bool cancelling() const { return cancelling_; }
  std::size_t size() const { return children_.size(); }
  Executor executor() const { return executor_; }

  // Waits for every child. Cancelled itself, it cancels the children and still waits for them.
  // Then throws the first child's exception, or cancelled_error(). Nothing may be awaited between
  // a group's construction and join() except by its children: with_group() sees to that.
  Task<> join();

  // What join() and all combinators are made of: calls begin(), which starts children, and waits
  // for every child. No cancellation gets between, so that none outlives its group. Gives whether
  // the caller was cancelled meanwhile; its next wait throws then. Throws what begin() throws.
  template <class F>
  Task<bool> run(F begin);
  // Of the child that failed first, but for one that was cancelled by the group; or nothing.
  std::exception_ptr error() const { return error_; }

 private:
  using Children = std::list<std::shared_ptr<Child>>;

  void on_child_end(Children::iterator place);
  Task<> wait_idle();
  Task<bool> wait();

  Executor executor_;
  Event idle_;
  Children children_;
  std::exception_ptr error_;
  bool cancelling_ = false;
};

template <class F>
Task<bool> Group::run(F begin) {
  const bool throwing = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  std::exception_ptr failed;
  try {
    begin();
  } catch (...) {
    failed = std::current_exception();
    cancel();
  }
  const bool cancelled = co_await wait();
  co_await asio::this_coro::throw_if_cancelled(throwing);
  if (failed) std::rethrow_exception(failed);
  co_return cancelled;
}

// Runs body(args..., group) as the group's first child, and returns when it and everything it
// spawned have ended. body is a function, a member function or a lambda without captures.
template <class F, class... Args>
Task<> with_group(F body, Args... args) {
  Group group{co_await asio::this_coro::executor};
  const auto begin = [&] { group.spawn(std::invoke(std::move(body), std::move(args)..., group)); };
  auto running = group.run(begin);
  const bool cancelled = co_await std::move(running);
  if (group.error()) std::rethrow_exception(group.error());
  if (cancelled) throw cancelled_error();
}

}  // namespace trawl::coro
