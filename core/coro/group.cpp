// A group is a list of children and a flag that says when the list is empty.
#include "core/coro/group.hpp"

#include "core/coro/shield.hpp"

#include <vector>

namespace trawl::coro {

void Group::spawn(Task<> task) {
  idle_.reset();
  const auto place = children_.insert(children_.end(), std::make_shared<Child>());
  Child::start(*place, executor_, std::move(task), [this, place] { on_child_end(place); });
  if (cancelling_) (*place)->cancel();
}

void Group::cancel() {
  cancelling_ = true;
  // A child may end while the list is walked; the copy keeps it alive.
  const std::vector<std::shared_ptr<Child>> children{children_.begin(), children_.end()};
  for (const auto& child : children) child->cancel();
}

void Group::on_child_end(Children::iterator place) {
  const std::exception_ptr error = (*place)->error();
  children_.erase(place);
  const bool answer_to_cancel = cancelling_ && is_cancellation(error);
  if (error && !answer_to_cancel && !error_) {
    error_ = error;
    cancel();
  }
  if (children_.empty()) idle_.set();
}

Task<> Group::wait_idle() {
  while (!children_.empty()) {
    idle_.reset();
    co_await idle_.wait();
  }
}

Task<> Group::join() {
  const bool throwing = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  Outcome<void> waited;
  co_await capture(wait_idle(), waited);
  const bool cancelled = waited.error() != nullptr;
  if (cancelled) {
    cancel();
    Outcome<void> idle;
    co_await shielded(wait_idle(), idle);
  }
  co_await asio::this_coro::throw_if_cancelled(throwing);
  if (error_) std::rethrow_exception(error_);
  if (cancelled) throw cancelled_error();
}

}  // namespace trawl::coro
