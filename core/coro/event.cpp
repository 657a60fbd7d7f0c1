// A timer that never expires is Asio's cheapest cancellable wait; cancelling it wakes the waiters.
#include "core/coro/event.hpp"

#include <boost/asio/redirect_error.hpp>

namespace trawl::coro {

void Event::set() {
  if (set_) return;
  set_ = true;
  timer_.cancel();
}

Task<> Event::wait() {
  const auto state = co_await asio::this_coro::cancellation_state;
  while (!set_) {
    // Checked first too: a wait begun after the cancellation would never hear of it.
    if (state.cancelled() != asio::cancellation_type::none) throw cancelled_error();
    boost::system::error_code ignored;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

Task<bool> Event::wait_until(std::chrono::steady_clock::time_point time) {
  const auto state = co_await asio::this_coro::cancellation_state;
  // Also for one who is cancelled: his time would wake the others again and again once it is over.
  struct Disarm {
    asio::steady_timer& timer;
    std::chrono::steady_clock::time_point time;
    ~Disarm() {
      if (timer.expiry() <= time) timer.expires_at(never);
    }
  } const disarm{timer_, time};
  while (!set_ && std::chrono::steady_clock::now() < time) {
    if (state.cancelled() != asio::cancellation_type::none) throw cancelled_error();
    if (timer_.expiry() > time) timer_.expires_at(time);
    boost::system::error_code ignored;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  co_return set_;
}

}  // namespace trawl::coro
