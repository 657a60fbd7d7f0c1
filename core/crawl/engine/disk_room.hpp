#pragma once
// What a job does about a full disk: it waits, and asks again ever more rarely.

#include "core/base/clock.hpp"

#include <cstdint>
#include <filesystem>

namespace trawl::crawl {

// The wait before the n-th new try after a full disk, n from 1: first short, then up to `longest`.
Millis room_retry_delay(int tries, Millis first = Millis{250}, Millis longest = Millis{10'000});

// Whether so many more bytes fit into a folder. It is tried, by allocating a file that is removed
// at once, because no statistic knows quotas. Blocks on the disk.
bool has_room(const std::filesystem::path& folder, std::uint64_t bytes);

}  // namespace trawl::crawl
