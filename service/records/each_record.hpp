#pragma once
// All records of a crawl, one after the other, in batches that hold no snapshot of the database.

#include "storage/sqlite/queries.hpp"

#include <cstddef>

namespace trawl::service {

// Until visit(record) returns false.
template <class Visit>
void each_record(storage::Db& db, const Visit& visit) {
  constexpr std::size_t batch_records = 256;
  storage::RecordQuery query{db, {}};
  while (true) {
    const auto batch = query.next_batch(batch_records);
    if (batch.empty()) return;
    for (const crawl::Record& record : batch)
      if (!visit(record)) return;
  }
}

}  // namespace trawl::service
