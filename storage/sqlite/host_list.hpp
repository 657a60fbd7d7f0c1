#pragma once
// The hosts of a crawl with what is known of each, for people who watch it.

#include "core/base/clock.hpp"
#include "core/crawl/state/store.hpp"
#include "storage/sqlite/db.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace trawl::storage {

struct HostRow {
  std::int64_t id = 0;
  std::string key;
  std::int64_t next_fetch_ms = 0;  // wall clock, ms since 1970: not before
  std::optional<crawl::HealthRecord> health;
  std::uint64_t queued = 0, fetched = 0, failed = 0;
  bool counts_cut = false;  // it has more URLs than were counted
  bool drained = false;     // none of its URLs is queued, of those that were not counted either
};

// Those that are backing off first, then by pages fetched. Sorts all hosts; counts at most
// urls_counted_max URLs of each that is given.
std::vector<HostRow> list_hosts(Db& db, std::size_t hosts_max, std::size_t urls_counted_max);

struct HostWaitRow {
  std::string key;
  std::int64_t until_ms = 0;  // wall clock, ms since 1970
  Millis longest{0};          // that its last fetch led to, where it was throttled
};

// Hosts that are to be left alone at that time (ms since 1970); so many at most. One look at each
// host.
std::vector<HostWaitRow> hosts_left_alone(Db& db, std::int64_t now_ms, std::size_t hosts_max);

}  // namespace trawl::storage
