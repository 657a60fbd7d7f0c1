#pragma once
// The progress of a running job on standard error: one live line on a terminal, a line every ten
// seconds elsewhere, or in the log.

#include "core/base/clock.hpp"
#include "core/coro/task.hpp"
#include "service/run/job_run.hpp"
#include "service/text/progress.hpp"

#include <deque>

namespace trawl::service {

// How standard error wants its text, from the environment and the terminal.
ProgressStyle stderr_style();

class LiveProgress {
 public:
  explicit LiveProgress(bool total_known, bool in_log = false)
      : style_(in_log ? ProgressStyle{} : stderr_style()),
        total_known_(total_known),
        in_log_(in_log) {}

  coro::Task<> show(const JobRun& run);  // until cancelled
  void wipe();
  const ProgressStyle& style() const { return style_; }

 private:
  struct Sample {
    Mono at;
    std::uint64_t pages;
    std::uint64_t bytes;
  };

  ProgressSnapshot snapshot(const crawl::CrawlProgress& progress);

  ProgressStyle style_;
  bool total_known_;
  bool in_log_;
  std::deque<Sample> samples_;  // of the last seconds, for the rates
};

}  // namespace trawl::service
