#pragma once
// Memory that runs have left behind. The allocator keeps what is freed for each thread it has seen,
// and a daemon's runs are many short threads: without this a month of small jobs holds as much as
// its busiest hour did, and `memory` would keep further runs from beginning.

#include "core/coro/task.hpp"

#include <cstddef>

namespace trawl::service {

// Resident beyond what is in use, the program itself included (about 30 MiB).
inline constexpr std::size_t spare_memory_bytes_max = 64 * 1024 * 1024;

// Gives it back to the system when there is more than that. Takes some milliseconds for each
// 100 MiB. Any thread. Whether there was something to give.
bool give_back_spare_memory();

// The same every ten seconds, on a thread of its own; ends by being cancelled.
coro::Task<> keep_memory_small();

}  // namespace trawl::service
