#pragma once
// SqliteReader: reads a crawl's database beside the store that writes it, with a connection of its
// own, so that it waits for no commit (https://www.sqlite.org/wal.html, 2.2).

#include "core/crawl/state/store.hpp"
#include "storage/sqlite/db.hpp"
#include "storage/sqlite/history_table.hpp"

namespace trawl::storage {

// The record of a URL's last answer.
class ResultTable {
 public:
  explicit ResultTable(Db& db);
  std::optional<crawl::Outcome> find(crawl::UrlId id);

 private:
  Statement select_;
};

class SqliteReader final : public crawl::StoreReader {
 public:
  explicit SqliteReader(Db db);

  crawl::Recalled recall(crawl::UrlId id) override;

 private:
  Db db_;
  ResultTable results_;
  HistoryTable history_;
};

}  // namespace trawl::storage
