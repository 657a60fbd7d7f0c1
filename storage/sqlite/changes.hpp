#pragma once
// What became of pages since a time, as the database of a crawl that fetches them again knows it.

#include "core/crawl/record.hpp"
#include "storage/sqlite/db.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace trawl::storage {

// Each over those behind it.
enum class PageChange : std::uint8_t {
  gone,     // 404 or 410 where a page was
  failed,   // the last attempt brought no answer to keep, where there was one
  fresh,    // the first answer
  changed,  // another page than before
};

struct ChangedPage {
  PageChange what = PageChange::changed;
  crawl::Record record;
};

// By host, and within a host in the order of admission; read in batches, each with a snapshot of
// its own.
class ChangeQuery {
 public:
  // db must outlive the query. since_ms: wall clock, ms since 1970.
  ChangeQuery(Db& db, std::int64_t since_ms);

  // At most max_pages; none at the end.
  std::vector<ChangedPage> next_batch(std::size_t max_pages);

 private:
  std::int64_t since_ms_;
  crawl::UrlId after_;
  Statement statement_;
};

}  // namespace trawl::storage
