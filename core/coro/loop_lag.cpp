// The time is asked of the steady clock that the timers use; a virtual one would always be on time.
#include "core/coro/loop_lag.hpp"

#include <boost/asio/steady_timer.hpp>

#include <algorithm>

namespace trawl::coro {

Task<> LoopLag::probe() {
  asio::steady_timer timer{co_await asio::this_coro::executor};
  for (;;) {
    timer.expires_after(interval);
    const auto due = timer.expiry();
    co_await timer.async_wait(asio::use_awaitable);
    const auto late = std::chrono::steady_clock::now() - due;
    note(std::chrono::duration_cast<std::chrono::milliseconds>(late));
  }
}

void LoopLag::note(std::chrono::milliseconds late) {
  const auto place = static_cast<std::size_t>(std::max<std::int64_t>(late.count(), 0));
  wakes_[std::min(place, wakes_.size() - 1)].fetch_add(1, std::memory_order_relaxed);
  count_.fetch_add(1, std::memory_order_relaxed);
}

std::chrono::milliseconds LoopLag::percentile(double percent) const {
  const auto wanted = static_cast<double>(count()) * percent / 100;
  std::uint64_t seen = 0;
  for (std::size_t late = 0; late < wakes_.size(); ++late) {
    seen += wakes_[late].load(std::memory_order_relaxed);
    if (seen > 0 && static_cast<double>(seen) >= wanted)
      return std::chrono::milliseconds{static_cast<std::int64_t>(late)};
  }
  return std::chrono::milliseconds{0};
}

}  // namespace trawl::coro
