#pragma once
// RunRecord: what the store keeps of one run of a job: when it was, and what came of it.

#include <cstdint>
#include <optional>
#include <string>

namespace trawl::crawl {

struct RunRecord {
  std::int64_t began_ms = 0;              // wall clock, ms since 1970; tells runs apart
  std::optional<std::int64_t> ended_ms;   // absent: it runs, was killed, or failed
  std::string mode;                       // crawl, fetch
  std::string end;                        // finished, interrupted, limit; empty while it runs
  std::string detail;                     // which limit
  std::uint64_t fetched = 0, failed = 0;  // URLs that the run itself fetched or failed to fetch
  std::uint64_t excluded = 0;             // URLs that it added or came to exclude
  std::uint64_t queued = 0;               // that it left
  std::uint64_t bytes_wire = 0;           // received
  bool operator==(const RunRecord&) const = default;
};

}  // namespace trawl::crawl
