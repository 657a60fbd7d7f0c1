// A job that runs every minute for a year has half a million runs; those of the last days tell
// enough.
#include "storage/sqlite/run_table.hpp"

#include <algorithm>
#include <string>

namespace trawl::storage {
namespace {

constexpr std::int64_t runs_kept_max = 10'000;

std::uint64_t count(const Rows& rows, int column) {
  return static_cast<std::uint64_t>(rows.integer(column));
}

}  // namespace

RunTable::RunTable(Db& db)
    : upsert_(db.prepare("INSERT OR REPLACE INTO run VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)")),
      delete_old_(db.prepare("DELETE FROM run WHERE began_ms <= (SELECT began_ms FROM run "
                             "ORDER BY began_ms DESC LIMIT 1 OFFSET ?1)")) {}

void RunTable::write(const crawl::RunRecord& run) {
  upsert_.run(run.began_ms, run.ended_ms, std::string_view{run.mode}, NullIfEmpty{run.end},
              NullIfEmpty{run.detail}, run.fetched, run.failed, run.excluded, run.queued,
              run.bytes_wire);
  delete_old_.run(runs_kept_max);
}

std::vector<crawl::RunRecord> read_runs(Db& db, std::size_t runs_max) {
  Statement statement = db.prepare(
      "SELECT began_ms, ended_ms, mode, end, detail, fetched, failed, excluded, queued, bytes_wire "
      "FROM run ORDER BY began_ms DESC LIMIT ?1");
  std::vector<crawl::RunRecord> runs;
  for (Rows rows = statement.query(static_cast<std::int64_t>(runs_max)); rows.next();)
    runs.push_back({.began_ms = rows.integer(0),
                    .ended_ms = rows.null(1) ? std::nullopt : std::optional{rows.integer(1)},
                    .mode = std::string{rows.text(2)},
                    .end = std::string{rows.text(3)},
                    .detail = std::string{rows.text(4)},
                    .fetched = count(rows, 5),
                    .failed = count(rows, 6),
                    .excluded = count(rows, 7),
                    .queued = count(rows, 8),
                    .bytes_wire = count(rows, 9)});
  std::ranges::reverse(runs);
  return runs;
}

}  // namespace trawl::storage
