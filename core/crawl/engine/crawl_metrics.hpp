#pragma once
// CrawlMetrics: what a run has counted so far, as plain values for a metrics page. Never goes down
// during a run.

#include "core/base/metrics.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace trawl::crawl {

// What came of a lease.
enum class FetchOutcome : std::uint8_t {
  status_1xx,
  status_2xx,
  status_3xx,
  status_4xx,
  status_5xx,
  status_other,
  failed,    // after all attempts
  retried,   // put back for another attempt, whatever came of this one
  excluded,  // not asked for: robots.txt, scope, a limit, a trap
};
inline constexpr std::size_t fetch_outcomes = 9;
std::string_view to_string(FetchOutcome outcome);  // "1xx", …, "other", "failed"

enum class FetchPhase : std::uint8_t { dns, connect, tls, first_byte };
inline constexpr std::size_t fetch_phases = 4;
std::string_view to_string(FetchPhase phase);  // "dns", "connect", "tls", "ttfb"

struct CrawlMetrics {
  std::array<std::uint64_t, fetch_outcomes> fetches{};  // by FetchOutcome
  // Of answers. By FetchPhase, each the time that this phase took by itself; what did not happen is
  // not in it. first_byte: from the request to the first byte.
  std::array<HistogramValues, fetch_phases> phase_seconds;
  HistogramValues fetch_seconds;     // the whole, of answers
  HistogramValues commit_seconds;    // of a batch: archive, sync and transaction
  std::uint64_t bytes_received = 0;  // headers and bodies of pages, as they came
  std::uint64_t bytes_sent = 0;      // heads and bodies of their requests
};

}  // namespace trawl::crawl
