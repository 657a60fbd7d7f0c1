#pragma once
// `trawl runs`: when a crawl's job ran, and what came of each run.

#include "core/crawl/state/run_record.hpp"
#include "service/cli/output.hpp"
#include "service/run/exit_code.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace trawl::service::cli {

struct RunsOptions {
  std::string folder;
  std::string format = "text";  // or jsonl
  std::size_t last = 50;        // runs; of text and jsonl alike
};

// out: a line for each of the last runs, the oldest first. Throws Failure.
ExitCode run_runs(const RunsOptions& options, Output& out);

// Pure; lines, the last one ended.
std::string runs_text(const std::vector<crawl::RunRecord>& runs);
std::string runs_jsonl(const std::vector<crawl::RunRecord>& runs);

}  // namespace trawl::service::cli
