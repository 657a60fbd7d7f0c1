#pragma once
// What two crawls of the same pages, in folders of their own, say differently.

#include "core/crawl/pages/page_change.hpp"
#include "core/crawl/state/record.hpp"
#include "storage/sqlite/db.hpp"

#include <cstdint>
#include <functional>
#include <optional>

namespace trawl::service {

struct PageDifference {
  crawl::PageChange what = crawl::PageChange::changed;
  const crawl::Record* record = nullptr;  // of the new crawl; of the old one where that has none
  std::optional<int> status_before;       // of the old one
  bool live = false;                      // an index should have it
};

struct ComparedFolders {
  std::uint64_t queued = 0;  // URLs that the new crawl has yet to fetch
};

// Calls visit for each URL that was asked for with GET and differs: first those that the new one
// knows, then the pages of the old one (has_page()) that it doesn't. What the new crawl has queued
// is left out, and counted. Memory: some 40 bytes for each answer of the old one.
ComparedFolders compare_folders(storage::Db& before, storage::Db& now,
                                const std::function<void(const PageDifference&)>& visit);

}  // namespace trawl::service
