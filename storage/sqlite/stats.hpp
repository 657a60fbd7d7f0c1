#pragma once
// The totals that `trawl stats` and the summary show, counted from the records themselves.

#include "core/crawl/state/store.hpp"
#include "storage/sqlite/db.hpp"
#include "storage/sqlite/health.hpp"
#include "storage/sqlite/history_table.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace trawl::storage {

struct HostStats {
  std::string key;
  crawl::StoreTotals totals;
  std::optional<double> mean_total_ms;  // of a fetch; absent without fetches
};

// URLs of one kind on a host that are no longer all fetched.
struct DemotedPattern {
  std::string host;
  crawl::PatternState state;
};

struct Stats {
  crawl::StoreTotals totals;
  std::uint64_t bytes_body = 0;  // decoded
  std::uint64_t truncated = 0;   // fetched, and what is kept of the body is not all
  std::uint64_t damaged = 0;     // fetched, with an error of the body or of the way it came
  std::map<int, std::uint64_t> by_status;  // URLs with that status
  std::map<int, std::uint64_t> fetched_by_status;
  std::map<int, std::uint64_t> by_status_class;  // 2: 2xx, …
  // URLs of a state with a status of that class; those without a status are the rest of the state.
  std::map<crawl::UrlState, std::map<int, std::uint64_t>> by_state;
  std::map<std::string, std::uint64_t> by_error;
  std::map<std::string, std::uint64_t, std::less<>> by_note;  // core/base/note.hpp
  std::uint64_t excluded_seeds = 0;                           // that the job or its list named
  std::uint64_t hosts_all = 0;
  std::vector<HostStats> largest_hosts;  // most URLs first
  std::vector<HostStats> slowest_hosts;  // highest mean time of a fetch first
  HostsBackingOff backing_off;
  std::uint64_t demoted_all = 0;
  std::vector<DemotedPattern> demoted;  // most refused first
  RecrawlStats recrawl;
  std::optional<std::int64_t> first_fetch_ms, last_fetch_ms;  // wall clock, ms since 1970
};

// One snapshot; one scan of each table, flat memory. At most hosts_max hosts in each list.
// now: for what is due again.
Stats read_stats(Db& db, std::size_t hosts_max, Wall now = system_clock().wall());

// Those of the last commit; a look at one row.
crawl::StoreTotals last_totals(Db& db);

// Sitemaps that aren't there (404, 410) and that the robots.txt of their host doesn't name, by
// status: with seeds.sitemaps = "auto" they were guessed. Reads all URLs.
std::map<int, std::uint64_t> missing_sitemaps(Db& db);

}  // namespace trawl::storage
