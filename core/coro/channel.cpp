// A call is passed on when the one who got it is cancelled before it can act on it; so no place in
// a channel is ever left unused while somebody waits for it.
#include "core/coro/channel.hpp"

namespace trawl::coro {

std::shared_ptr<WaitList::Waiter> WaitList::join(const Executor& executor) {
  auto waiter = std::make_shared<Waiter>(executor);
  waiter->place = waiting_.insert(waiting_.end(), waiter);
  return waiter;
}

bool WaitList::leave(Waiter& waiter) {
  if (!waiter.called) waiting_.erase(waiter.place);
  return waiter.called;
}

bool WaitList::call_one() {
  if (waiting_.empty()) return false;
  auto waiter = std::move(waiting_.front());
  waiting_.pop_front();
  waiter->called = true;
  // Given away, so that it dies on its own loop's thread: it has an event of that loop.
  const Executor executor = waiter->executor;
  asio::post(executor, [waiter = std::move(waiter)] { waiter->turn.set(); });
  return true;
}

void WaitList::call_all() {
  while (call_one()) continue;
}

}  // namespace trawl::coro
