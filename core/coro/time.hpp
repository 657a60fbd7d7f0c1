#pragma once
// Waiting for time to pass, cancellably.

#include "core/coro/task.hpp"

#include <chrono>

namespace trawl::coro {

Task<> sleep_for(std::chrono::steady_clock::duration duration);
Task<> sleep_until(std::chrono::steady_clock::time_point time);

// Lets everything else that is ready on this loop run first.
Task<> yield_now();

}  // namespace trawl::coro
