// A timer that never expires is Asio's cheapest cancellable wait; cancelling it wakes the waiter.
#include "core/coro/event.hpp"

#include <boost/asio/redirect_error.hpp>

namespace trawl::coro {

void Event::set() {
  if (set_) return;
  set_ = true;
  for (Waiter& waiter : waiters_) {
    waiter.woken = true;
    waiter.timer.cancel();
  }
}

Task<> Event::wait() {
  co_await wait_until(Time::max());
}

Task<bool> Event::wait_until(Time time) {
  if (set_) co_return true;
  const auto state = co_await asio::this_coro::cancellation_state;
  // Checked first too: a wait begun after the cancellation would never hear of it.
  if (state.cancelled() != asio::cancellation_type::none) throw cancelled_error();
  Waiter waiter{executor_, time};
  waiters_.push_back(waiter);
  boost::system::error_code ended;
  co_await waiter.timer.async_wait(asio::redirect_error(asio::use_awaitable, ended));
  if (waiter.woken) co_return true;
  if (ended) throw cancelled_error();
  co_return false;
}

}  // namespace trawl::coro
