#pragma once
// `trawl stats`: totals of a crawl.

#include "service/cli/output.hpp"
#include "service/run/exit_code.hpp"
#include "storage/sqlite/stats.hpp"

#include <string>

namespace trawl::service::cli {

struct StatsOptions {
  std::string folder;
  std::string format = "text";  // text, json
};

// Throws Failure.
ExitCode run_stats(const StatsOptions& options, Output& out);

// Pure; several lines, the last one ended.
std::string stats_text(const storage::Stats& stats);
std::string stats_json(const storage::Stats& stats);

}  // namespace trawl::service::cli
