#pragma once
// Known URLs that become seeds.

#include "storage/sqlite/requeue.hpp"

namespace trawl::storage {

// As crawl::Store::make_seeds(). Inside a transaction of the caller's, who counts.
QueueStep make_seeds(Db& db, const crawl::SeedRoles& roles, crawl::MadeSeeds& made);

}  // namespace trawl::storage
