// Asio 1.81's co_spawn ends a coroutine that never suspended with one more co_await of its own; in
// a cancelled task that one throws, and the exception leaves the event loop. So a signal is only
// emitted once the task runs, the task's own exception is kept aside, and throwing is switched off
// before the frame ends.
#include "core/coro/child.hpp"

#include <boost/asio/post.hpp>

namespace trawl::coro {

void Child::cancel() {
  cancelled_ = true;
  if (started_) signal_.emit(asio::cancellation_type::terminal);
}

Task<> Child::run(std::shared_ptr<Child> child, Begin begin, Task<> task) {
  // co_spawn dispatches, which on the loop's own thread is a call.
  if (begin == Begin::in_turn) {
    const auto executor = co_await asio::this_coro::executor;
    co_await asio::post(executor, asio::use_awaitable);
  }
  child->started_ = true;
  Outcome<void> outcome;
  if (child->cancelled_)
    outcome.set_error(std::make_exception_ptr(cancelled_error()));
  else
    co_await capture(std::move(task), outcome);
  co_await asio::this_coro::throw_if_cancelled(false);
  child->error_ = outcome.error();
}

}  // namespace trawl::coro
