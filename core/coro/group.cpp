// A group is a list of children and a flag that says when the list is empty.
#include "core/coro/group.hpp"

#include "core/coro/shield.hpp"

#include <vector>

namespace trawl::coro {

// Frames that are dropped with a loop go in any order, children after their group too.
Group::~Group() {
  for (const auto& child : children_) child->abandon();
}

void Group::start(Task<> task, Begin begin) {
  if (cancelling_) return;
  const auto child = std::make_shared<Child>();
  const auto place = children_.insert(children_.end(), child);
  idle_.reset();
  try {
    Child::start(child, executor_, begin, std::move(task), [this, place] { on_child_end(place); });
  } catch (...) {
    children_.erase(place);
    throw;
  }
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

Task<bool> Group::wait() {
  if (children_.empty()) co_return co_await cancellation_requested();
  Outcome<void> waited;
  co_await capture(wait_idle(), waited);
  if (!waited.error()) co_return co_await cancellation_requested();
  cancel();
  Outcome<void> idle;
  co_await shielded(wait_idle(), idle);
  co_return true;
}

Task<> Group::join() {
  auto running = run([] {});
  const bool cancelled = co_await std::move(running);
  if (error_) std::rethrow_exception(error_);
  if (cancelled) throw cancelled_error();
}

}  // namespace trawl::coro
