// crawl::CrawlMetrics are what a run counts, FetchFigures what the page shows: here one becomes the
// other.
#include "service/control/metrics_page.hpp"

#include "service/control/prometheus.hpp"
#include "service/run/process_figures.hpp"

#include <system_error>
#include <vector>

namespace trawl::service {
namespace {

HistogramView view_of(const HistogramValues& values) {
  return {.upper_bounds = {values.bounds.begin(), values.bounds.end()},
          .counts = values.counts,
          .sum = values.sum};
}

FetchFigures figures_of(const crawl::CrawlMetrics& metrics) {
  FetchFigures figures{
      .outcomes = {},
      .bytes = {{"received", metrics.bytes_received}, {"sent", metrics.bytes_sent}},
      .duration_s = view_of(metrics.fetch_seconds),
      .phases_s = {},
      .commit_s = view_of(metrics.commit_seconds)};
  for (std::size_t i = 0; i < crawl::fetch_outcomes; ++i)
    figures.outcomes.emplace_back(to_string(static_cast<crawl::FetchOutcome>(i)),
                                  metrics.fetches[i]);
  for (std::size_t i = 0; i < crawl::fetch_phases; ++i)
    figures.phases_s.emplace_back(to_string(static_cast<crawl::FetchPhase>(i)),
                                  view_of(metrics.phase_seconds[i]));
  return figures;
}

std::optional<std::uint64_t> room_of(const std::filesystem::path& folder) {
  std::error_code error;
  const auto room = std::filesystem::space(folder, error);
  return error ? std::nullopt : std::optional<std::uint64_t>{room.available};
}

}  // namespace

std::string metrics_page(const Figures& figures, const std::filesystem::path& data_dir) {
  std::vector<JobView> jobs;
  FetchFigures fetches = figures_of(figures.removed);
  for (const JobFigures& job : figures.jobs) {
    jobs.push_back(job.job);
    fetches.add(figures_of(job.metrics));
  }
  return render_metrics({.jobs = jobs,
                         .fetches = fetches,
                         .process = read_process_figures(),
                         .version = TRAWL_VERSION,
                         .memory_budget_bytes = figures.memory_bytes,
                         .disk_free_bytes = room_of(data_dir)});
}

}  // namespace trawl::service
