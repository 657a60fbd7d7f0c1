// Thin names over steady_timer: wall-clock jumps must not wake or delay anybody.
#include "core/coro/time.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace trawl::coro {

Task<> sleep_for(std::chrono::steady_clock::duration duration) {
  return sleep_until(std::chrono::steady_clock::now() + duration);
}

Task<> sleep_until(std::chrono::steady_clock::time_point time) {
  asio::steady_timer timer{co_await asio::this_coro::executor, time};
  co_await timer.async_wait(asio::use_awaitable);
}

Task<> yield_now() {
  const auto executor = co_await asio::this_coro::executor;
  co_await asio::post(executor, asio::use_awaitable);
}

}  // namespace trawl::coro
