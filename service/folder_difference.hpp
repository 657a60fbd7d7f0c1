#pragma once
// What two crawls of the same pages, in folders of their own, say differently.

#include "core/crawl/record.hpp"
#include "storage/sqlite/changes.hpp"
#include "storage/sqlite/db.hpp"

#include <functional>
#include <optional>

namespace trawl::service {

struct PageDifference {
  storage::PageChange what = storage::PageChange::changed;
  const crawl::Record* record = nullptr;  // of the new crawl; of the old one where that has none
  std::optional<int> status_before;       // of the old one
};

// Calls visit for each page that has another body, status or redirect, that only one of them has,
// or that the new one failed to fetch or excluded: first those that the new one knows, then those
// that it doesn't. A page is a URL that was asked for with GET and answered; the old one's that
// were answered with an error of the client or server are missed by nobody. What the new crawl has
// queued is left out. Memory: some 40 bytes for each page of the old one.
void compare_folders(storage::Db& before, storage::Db& now,
                     const std::function<void(const PageDifference&)>& visit);

}  // namespace trawl::service
