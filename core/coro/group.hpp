#pragma once
// Group: the only way to start a sibling. A group owns its children: it ends when all have ended;
// the first exception cancels the others and comes out of join(). Loop thread only.

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
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;

  // Starts a child; it runs when the caller suspends next. After cancel() the child is started
  // cancelled: it ends at its first wait.
  void spawn(Task<> task);
  // Asks all children to stop.
  void cancel();
  std::size_t size() const { return children_.size(); }
  Executor executor() const { return executor_; }

  // Waits for every child. Cancelled itself, it cancels the children and still waits for them.
  // Then throws the first child's exception, or cancelled_error(). Nothing may be awaited between
  // a group's construction and join() except by its children: with_group() sees to that.
  Task<> join();

 private:
  using Children = std::list<std::shared_ptr<Child>>;

  void on_child_end(Children::iterator place);
  Task<> wait_idle();

  Executor executor_;
  Event idle_;
  Children children_;
  std::exception_ptr error_;
  bool cancelling_ = false;
};

// Runs body(args..., group) as the group's first child, and returns when it and everything it
// spawned have ended. body is a function, a member function or a lambda without captures.
template <class F, class... Args>
Task<> with_group(F body, Args... args) {
  Group group{co_await asio::this_coro::executor};
  group.spawn(std::invoke(std::move(body), std::move(args)..., group));
  co_await group.join();
}

}  // namespace trawl::coro
