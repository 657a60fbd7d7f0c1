#pragma once
// What a running and an ended job say on standard error. Pure: values in, text out; nothing here
// looks at a clock, a terminal or the crawler.

#include "core/base/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace trawl::service {

struct ProgressSnapshot {
  std::uint64_t pages_done = 0;  // fetched and failed
  std::uint64_t excluded = 0;
  std::uint64_t queued = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t errors = 0;  // failed URLs
  // Of bodies that are large and under way: what there is, and will be where that is known of all.
  std::uint64_t arrived_bytes = 0;
  std::uint64_t expected_bytes = 0;
  double pages_per_s = 0;
  double bytes_per_s = 0;
  std::uint64_t hosts_ready = 0;
  std::uint64_t hosts_waiting = 0;
  std::uint64_t hosts_backing_off = 0;  // throttled, or their breaker is open
  std::optional<Millis> next_in;        // to the next fetch, when all hosts wait
  std::optional<Millis> eta;            // when the total is known
};

// How standard error wants it.
struct ProgressStyle {
  bool live = false;  // one line that is written over, instead of a line each time
  bool colour = false;
  std::size_t columns = 80;
};

// live on a terminal that can move its cursor; colour there too, unless NO_COLOR is set and not
// empty. term: the value of TERM, or null.
ProgressStyle progress_style(bool is_terminal, std::size_t columns, const char* term,
                             const char* no_color);

// The progress line, ready to be written: on a live line as much as fits its columns, the least
// important left out first.
std::string render_progress(const ProgressSnapshot& snapshot, const ProgressStyle& style);

// Wipes the live line, before something else is written; empty when there is none.
std::string wipe_progress(const ProgressStyle& style);

enum class RunEnd { finished, interrupted, limit_reached };

struct Count {
  std::string name;
  std::uint64_t count = 0;
};

struct HostPace {
  std::string host;
  std::uint64_t fetches = 0;
  Millis mean{0};  // of the total time of a fetch
};

struct RunSummary {
  RunEnd end = RunEnd::finished;
  std::string limit;  // which one, when it was reached: "pages"
  Millis elapsed{0};
  std::uint64_t fetched = 0;
  std::uint64_t failed = 0;
  std::uint64_t excluded = 0;
  std::uint64_t queued = 0;
  std::uint64_t truncated = 0;  // of those fetched: the body is not whole
  std::uint64_t bytes_wire = 0;
  std::uint64_t fetched_now = 0;  // by this run: rates are of these
  std::vector<Count> statuses;    // of fetched URLs: "200", "404", …
  std::vector<Count> errors;      // codes; the most frequent are shown
  std::vector<HostPace> hosts;    // the slowest are shown
  std::string output_dir;
};

// Several lines, the last one ended. Names from outside are made safe to print.
std::string render_summary(const RunSummary& summary, const ProgressStyle& style);

// 1234567 as "1,234,567".
std::string grouped(std::uint64_t number);
// "1 record", "2 records".
std::string counted(std::uint64_t number, std::string_view noun);

}  // namespace trawl::service
