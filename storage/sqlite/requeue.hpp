#pragma once
// A round over all URLs that queues again what was fetched or failed, a bounded piece at a time.

#include "core/crawl/record.hpp"
#include "storage/sqlite/db.hpp"

#include <cstddef>
#include <cstdint>

namespace trawl::storage {

// A piece of what queues known URLs.
struct QueueStep {
  std::uint64_t fetched = 0, failed = 0;  // that were so before
  bool more = false;
};

// The last of the next max_urls URLs behind `after`; of the highest numbers there are when there
// are no more.
crawl::UrlId last_of(Db& db, crawl::UrlId after, std::size_t max_urls);

// The next max_urls URLs. Inside a transaction of the caller's, who counts.
QueueStep requeue(Db& db, std::size_t max_urls);

}  // namespace trawl::storage
