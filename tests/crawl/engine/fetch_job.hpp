#pragma once
// A job in fetch mode that asks once and for nothing else, run to its end.

#include "tests/crawl/engine/crawl_run.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace trawl::crawl {

inline JobSpec fetch_job(std::vector<std::string> seeds) {
  JobSpec job = impatient_job(std::move(seeds));
  job.mode = JobMode::fetch;
  job.fetch.attempts = 1;
  job.robots.policy = RobotsPolicy::ignore;
  job.output.shards = 1;
  job.politeness.per_host = 1;
  return job;
}

// Runs a job to its end; again: over what the store has.
inline void run(const JobSpec& job, test::MemoryStore& store, bool again = false) {
  CrawlRun run{job, store, again};
  EXPECT_EQ(run.wait().reason, StopReason::done);
}

}  // namespace trawl::crawl
