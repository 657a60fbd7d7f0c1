#pragma once
// What became of pages since a time, as the database of a crawl that fetches them again knows it.

#include "core/crawl/page_change.hpp"
#include "core/crawl/record.hpp"
#include "storage/sqlite/db.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace trawl::storage {

struct ChangedPage {
  crawl::PageChange what = crawl::PageChange::changed;
  crawl::Record record;
};

// URLs that were asked for with GET and answered, by host, and within a host in the order of
// admission; read in batches, each with a snapshot of its own. Of one that is queued again what is
// known of its last answer counts.
class ChangeQuery {
 public:
  // db must outlive the query. since_ms: wall clock, ms since 1970.
  // after: the place that another query had reached.
  ChangeQuery(Db& db, std::int64_t since_ms, crawl::UrlId after = {});

  // At most max_pages; none at the end.
  std::vector<ChangedPage> next_batch(std::size_t max_pages);
  crawl::UrlId position() const { return after_; }

 private:
  std::int64_t since_ms_;
  crawl::UrlId after_;
  Statement statement_;
};

}  // namespace trawl::storage
