#pragma once
// `trawl requeue`: has the next run fetch some of a crawl's URLs once more.

#include "service/cli/output.hpp"
#include "service/records/record_filter.hpp"
#include "service/run/exit_code.hpp"

#include <string>

namespace trawl::service::cli {

struct RequeueOptions {
  std::string folder;
  FilterText filter;   // at least one condition
  bool quiet = false;  // no line at the end
};

// err: how many are queued. Throws Failure: usage (no condition, or a wrong one), not_found, in_use
// while a job runs in the folder.
ExitCode run_requeue(const RequeueOptions& options, Output& err);

}  // namespace trawl::service::cli
