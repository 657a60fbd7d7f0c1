// Both are read in one transaction: a commit may come between them.
#include "storage/sqlite/store_reader.hpp"

#include "core/base/log.hpp"
#include "storage/sqlite/row.hpp"
#include "storage/sqlite/store.hpp"

#include <fmt/format.h>

namespace trawl::storage {

ResultTable::ResultTable(Db& db)
    : select_(db.prepare(
          fmt::format("SELECT {} FROM result r JOIN url u ON u.host_id=r.host_id AND u.seq=r.seq "
                      "WHERE r.host_id=?1 AND r.seq=?2",
                      record_columns))) {}

std::optional<crawl::Outcome> ResultTable::find(crawl::UrlId id) {
  Rows rows = select_.query(id.host, id.seq);
  if (!rows.next()) return std::nullopt;
  auto outcome = read_record(rows, 0).outcome;
  // Of a row that only says that there was a page once.
  return has_exchange(outcome) ? std::optional{std::move(outcome)} : std::nullopt;
}

SqliteReader::SqliteReader(Db db) : db_(std::move(db)), results_(db_), history_(db_) {}

crawl::Recalled SqliteReader::recall(crawl::UrlId id) {
  const Transaction transaction{db_, Access::read};
  return {results_.find(id), history_.find(id)};
}

// Where it can't be opened (no descriptors, no room for its index), the store itself is asked.
std::unique_ptr<crawl::StoreReader> SqliteStore::reader() const {
  try {
    return std::make_unique<SqliteReader>(Db::open_beside_writer(db_.path()));
  } catch (const Failure& failure) {
    log("store")->debug("no reader beside the writer: {}", failure.what());
    return nullptr;
  }
}

}  // namespace trawl::storage
