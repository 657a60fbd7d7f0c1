#pragma once
// The page of GET /metrics: figures of the process and its jobs in Prometheus' text format, by
// prometheus-cpp's serializer. A pure function of a snapshot: whoever takes the snapshot decides
// about threads and locks. docs/operations.md lists every name; they are promises.
//
// Cardinality is bounded whatever is crawled: no label has a host or a URL; outcomes and phases are
// of the program; of jobs the first metric_jobs_max have a label of their own, running ones before
// others, and the rest is added up under job="(other)", which no job can be called.

#include "service/control/fetch_figures.hpp"
#include "service/daemon/jobs.hpp"
#include "service/run/process_figures.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace trawl::service {

inline constexpr std::size_t metric_jobs_max = 100;

struct MetricsView {
  std::span<const JobView> jobs;  // by name
  FetchFigures fetches;
  ProcessFigures process;
  std::string_view version;
  std::optional<std::uint64_t> memory_budget_bytes;
  std::optional<std::uint64_t> disk_free_bytes;  // where data_dir is
};

inline constexpr std::string_view metrics_content_type = "text/plain; version=0.0.4; charset=utf-8";

std::string render_metrics(const MetricsView& view);

}  // namespace trawl::service
