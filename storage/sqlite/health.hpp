#pragma once
// Rows of the table host_health: hosts that are not as usual. Most hosts have none.

#include "core/crawl/state/store.hpp"
#include "storage/sqlite/db.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace trawl::storage {

// The columns that read_health() expects, of the table under the name h.
extern const std::string_view health_columns;
// first: the column of the first of them. Absent when there is no row.
std::optional<crawl::HealthRecord> read_health(const Rows& rows, int first);

// Writes the rows of one connection.
class HealthTable {
 public:
  explicit HealthTable(Db& db);
  // A record of nothing removes the row.
  void write(std::int64_t host, const crawl::HealthRecord& health);

 private:
  Statement upsert_;
  Statement remove_;
};

// A host that is fetched from more slowly than usual, or left alone by its breaker.
struct BackingOff {
  std::string key;
  std::int64_t next_fetch_ms = 0;
  crawl::HealthRecord health;
};
struct HostsBackingOff {
  std::uint64_t throttled = 0;      // breaker closed
  std::uint64_t open = 0;           // breaker tripped
  std::vector<BackingOff> longest;  // open breakers first, then by interval
};
HostsBackingOff hosts_backing_off(Db& db, std::size_t hosts_max);

}  // namespace trawl::storage
