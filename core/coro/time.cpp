// Thin names over steady_timer: wall-clock jumps must not wake or delay anybody.
#include "core/coro/time.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace trawl::coro {

Task<> sleep_ticks(std::chrono::steady_clock::duration time) {
  using Clock = std::chrono::steady_clock;
  const auto now = Clock::now();
  const auto end = time < Clock::time_point::max() - now ? now + time : Clock::time_point::max();
  asio::steady_timer timer{co_await asio::this_coro::executor, end};
  co_await timer.async_wait(asio::use_awaitable);
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
