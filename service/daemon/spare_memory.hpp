#pragma once
// Memory that runs leave behind. The allocator has an arena for each of many threads, keeps what is
// free at its end up to a threshold, and raises that on its own, to as much as 64 MiB: a daemon,
// whose runs are many short threads, would hold as much for months as its busiest hour did, and
// `memory` would keep further runs from beginning.

#include <cstddef>

namespace trawl::service {

inline constexpr std::size_t spare_memory_of_arena_bytes_max = 1024 * 1024;

// From now on an arena keeps no more than that; larger blocks are mapped, and unmapped when they
// are freed. Of the whole process; call it before there are threads.
void bound_spare_memory();

// What is free between blocks in use goes back to the system too; it would be kept for later
// blocks. Takes milliseconds, in which other threads may wait for memory. Any thread.
void give_back_spare_memory();

}  // namespace trawl::service
