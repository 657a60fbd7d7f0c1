#pragma once
// FetchFigures: what fetches were counted, for the metrics page. A run's figures end with the run
// and the page's may never go down, so the figures of runs that ended are added up. Pure.

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace trawl::service {

// How often a value was at most each bound: counts has one entry more than there are bounds, for
// what was over the last; they are not cumulative.
struct HistogramView {
  std::vector<double> upper_bounds;  // ascending
  std::vector<std::uint64_t> counts;
  double sum = 0;

  // Of the same bounds; one without any takes the other's.
  void add(const HistogramView& other);
};

// Names are of the program and live as long as it.
template <class T>
using Named = std::vector<std::pair<std::string_view, T>>;

// Over all jobs since the process began.
struct FetchFigures {
  Named<std::uint64_t> outcomes;  // "2xx", "failed", …
  Named<std::uint64_t> bytes;     // "received", "sent"
  HistogramView duration_s;
  Named<HistogramView> phases_s;  // "dns", "connect", …
  HistogramView commit_s;

  // Of a further run.
  void add(const FetchFigures& other);
};

}  // namespace trawl::service
