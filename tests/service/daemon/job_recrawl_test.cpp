// A job with [recrawl] runs when its pages are due.
#include "service/daemon/job_machine.hpp"

#include <gtest/gtest.h>

namespace trawl::service {
namespace {

using End = RunResult::End;
using std::chrono::hours;
using std::chrono::minutes;

const Wall start{Millis{1'767'225'600'000}};  // 2026-01-01T00:00:00Z

JobPlan plan(std::string_view when, crawl::CatchUp catch_up = crawl::CatchUp::once) {
  return {*Schedule::parse(when), catch_up};
}

bool is_due(const JobMachine& machine, Wall now) {
  const auto due = machine.due(now);
  return due && *due <= now;
}

}  // namespace

TEST(JobMachine, PagesThatBecomeDueBringTheNextRun) {
  JobPlan recrawling = plan("off");
  recrawling.recrawl_pause = minutes(10);
  JobMachine job{recrawling, start};
  job.on_begin(start);
  const Wall end = start + minutes(5);
  job.on_end({.end = End::done, .next_due = start + hours(24)}, end);
  EXPECT_EQ(job.state(), JobState::finished);
  EXPECT_EQ(job.memory().next_run, start + hours(24));
  EXPECT_FALSE(job.memory().again);  // what is due, not all
  EXPECT_FALSE(is_due(job, end));
  EXPECT_TRUE(is_due(job, start + hours(24)));
}

TEST(JobMachine, PagesThatAreDueAlreadyWaitForThePause) {
  JobPlan recrawling = plan("off");
  recrawling.recrawl_pause = minutes(10);
  JobMachine job{recrawling, start};
  job.on_begin(start);
  job.on_end({.end = End::done, .next_due = start}, start + minutes(1));
  EXPECT_EQ(job.memory().next_run, start + minutes(11));
}

TEST(JobMachine, AScheduleBeforeThePagesTimeComesFirst) {
  JobPlan recrawling = plan("every 6h");
  recrawling.recrawl_pause = minutes(10);
  JobMachine job{recrawling, start};
  job.on_begin(start);
  job.on_end({.end = End::done, .next_due = start + hours(24)}, start + minutes(1));
  EXPECT_EQ(job.memory().next_run, start + hours(6));
}

TEST(JobMachine, PagesThatBecameDueWhileTheDaemonWasDownAreNotSkipped) {
  JobPlan recrawling = plan("off", crawl::CatchUp::skip);
  recrawling.recrawl_pause = minutes(10);
  JobMachine job{recrawling, start};
  job.on_begin(start);
  job.on_end({.end = End::done, .next_due = start + hours(24)}, start + minutes(1));
  JobMachine again{job.memory(), JobPlan{}};  // as the ledger has it
  again.on_settings(recrawling, false, start + hours(48));
  EXPECT_TRUE(is_due(again, start + hours(48)));
}

}  // namespace trawl::service
