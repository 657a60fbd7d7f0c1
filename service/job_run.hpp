#pragma once
// One job in the foreground: opens its output folder, crawls, shows progress, answers signals, says
// how it ended.

#include "core/coro/task.hpp"
#include "core/crawl/job.hpp"
#include "service/exit_code.hpp"

#include <string>

namespace trawl::service {

struct RunOptions {
  bool quiet = false;    // no progress, no summary
  bool again = false;    // what was fetched or failed is fetched again
  std::string settings;  // the merged job as text, kept in the folder for later readers
};

// The job's output.dir must be set. First SIGINT or SIGTERM: finish what is in flight within
// job.grace; second: at once. Throws Failure for a broken environment.
coro::Task<ExitCode> run_job(crawl::JobSpec job, RunOptions options);

}  // namespace trawl::service
