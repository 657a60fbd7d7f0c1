#pragma once
// The table run: when a job ran, and what came of each of its runs.

#include "core/crawl/state/run_record.hpp"
#include "storage/sqlite/db.hpp"

#include <cstddef>
#include <vector>

namespace trawl::storage {

class RunTable {
 public:
  explicit RunTable(Db& db);

  // Inside a transaction. In the place of what there is of the same run; the oldest of too many go.
  void write(const crawl::RunRecord& run);

 private:
  Statement upsert_;
  Statement delete_old_;
};

// The last runs_max, the oldest of them first. A reading connection will do.
std::vector<crawl::RunRecord> read_runs(Db& db, std::size_t runs_max);

}  // namespace trawl::storage
