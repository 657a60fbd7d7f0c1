#pragma once
// One job in the foreground: crawls, shows progress, answers signals, says how it ended.

#include "core/coro/task.hpp"
#include "core/crawl/hosts/host_event.hpp"
#include "core/crawl/hosts/politeness_buckets.hpp"
#include "core/crawl/job/job.hpp"
#include "core/crawl/state/store.hpp"
#include "service/run/exit_code.hpp"
#include "service/run/fail_on.hpp"

#include <string>

namespace trawl::service {

struct RunOptions {
  bool quiet = false;            // no progress, no summary
  bool progress_in_log = false;  // for programs that read lines of the log, and nothing else
  crawl::Again again = crawl::Again::nothing;
  bool adds_seeds = false;  // as Crawler::Parts has it
  FailOn fail_on = {};
  crawl::PolitenessBuckets* buckets = nullptr;  // of all jobs of the process; null: its own
  crawl::OnHostEvent on_host_event = {};
  std::string settings;  // the merged job as text, kept in the folder for later readers
};

// The job's output.dir must be set. First SIGINT or SIGTERM: finish what is in flight within
// job.grace; second: at once. Throws Failure for a broken environment.
coro::Task<ExitCode> run_job(crawl::JobSpec job, RunOptions options);

}  // namespace trawl::service
