#pragma once
// What the tests of the job's state machine share: a time, plans for it, and a crash.

#include "service/daemon/job_machine.hpp"

#include <chrono>
#include <string_view>

namespace trawl::service::test {

inline const Wall start{Millis{1'767'225'600'000}};  // 2026-01-01T00:00:00Z

inline JobPlan plan(std::string_view when, crawl::CatchUp catch_up = crawl::CatchUp::once) {
  return {*Schedule::parse(when), catch_up};
}

inline bool is_due(const JobMachine& machine, Wall now) {
  const auto due = machine.due(now);
  return due && *due <= now;
}

// As the ledger gives it back after a crash.
inline JobMachine after_crash(const JobMachine& machine, const JobPlan& with, Wall now) {
  JobMemory memory = machine.memory();
  if (machine.is_cancelling()) memory.state = JobState::stopping;
  JobMachine again{memory, JobPlan{}};  // its settings come later
  again.on_settings(with, false, now);
  return again;
}

}  // namespace trawl::service::test
