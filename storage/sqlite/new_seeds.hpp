#pragma once
// Known URLs that become seeds.

#include "storage/sqlite/requeue.hpp"

#include <cstdint>
#include <functional>

namespace trawl::storage {

// As crawl::Store::make_seeds(). Inside a transaction of the caller's, who counts.
QueueStep make_seeds(Db& db, const std::function<bool(std::uint64_t fingerprint)>& is_seed);

}  // namespace trawl::storage
