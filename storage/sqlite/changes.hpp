#pragma once
// What became of pages since a time, as the database of a crawl that fetches them again knows it.

#include "core/crawl/pages/page_change.hpp"
#include "core/crawl/state/record.hpp"
#include "storage/sqlite/db.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace trawl::storage {

struct ChangedPage {
  crawl::PageChange what = crawl::PageChange::changed;
  bool live = false;  // as RecordFilter::live has it
  crawl::Record record;
};

// Commits behind one and up to another. Whoever has seen all that was changed in some commits, and
// asks for what was changed in those behind, misses nothing: unlike times, commits become visible
// in their order.
struct CommitRange {
  std::int64_t after = -1;  // -1: from the beginning; what an earlier trawl wrote is of commit 0
  std::int64_t upto = 0;
};

// The last one.
std::int64_t last_commit(Db& db);

// URLs that were asked for with GET and answered, by host, and within a host in the order of
// admission; read in batches, each with a snapshot of its own. Of one that is queued again what is
// known of its last answer counts.
class ChangeQuery {
 public:
  // db must outlive the query. since_ms: wall clock, ms since 1970.
  // after: the place that another query had reached.
  ChangeQuery(Db& db, std::int64_t since_ms, crawl::UrlId after = {});
  // What a commit of the range made another page, as it is now; also what is forgotten. Attempts
  // that failed and left the page as it was are no change.
  ChangeQuery(Db& db, CommitRange commits, crawl::UrlId after = {});

  // At most max_pages; none at the end.
  std::vector<ChangedPage> next_batch(std::size_t max_pages);
  crawl::UrlId position() const { return after_; }

 private:
  std::int64_t from_;                 // a time, or a commit
  std::optional<std::int64_t> upto_;  // of commits
  crawl::UrlId after_;
  Statement statement_;
};

}  // namespace trawl::storage
