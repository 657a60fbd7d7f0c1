#pragma once
// Waiting for time to pass, cancellably.

#include "core/coro/task.hpp"

#include <chrono>

namespace trawl::coro {

// In ticks of the clock; what is more than it can count is the most, for ever.
template <class Rep, class Period>
constexpr std::chrono::steady_clock::duration saturated(std::chrono::duration<Rep, Period> time) {
  using Ticks = std::chrono::steady_clock::duration;
  using Wide = std::chrono::duration<long double, Ticks::period>;
  if (Wide{time} >= Wide{Ticks::max()}) return Ticks::max();
  if (Wide{time} <= Wide{Ticks::min()}) return Ticks::min();
  return std::chrono::duration_cast<Ticks>(time);
}

// From when it is awaited on; not at all for zero and less.
Task<> sleep_ticks(std::chrono::steady_clock::duration time);
template <class Rep, class Period>
Task<> sleep_for(std::chrono::duration<Rep, Period> time) {
  return sleep_ticks(saturated(time));
}
Task<> sleep_until(std::chrono::steady_clock::time_point time);

// Lets everything else that is ready on this loop run first.
Task<> yield_now();

}  // namespace trawl::coro
