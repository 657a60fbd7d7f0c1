// A job with [recrawl] runs when its pages are due.
#include "tests/service/daemon/job_times.hpp"

#include <gtest/gtest.h>

namespace trawl::service {
namespace {

using End = RunResult::End;
using std::chrono::hours;
using std::chrono::minutes;
using test::is_due;
using test::plan;
using test::start;

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
  EXPECT_FALSE(job.memory().fetches_anew());  // what is due, not all
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

TEST(JobMachine, ALimitEndsNoRecrawl) {
  JobPlan recrawling = plan("off");
  recrawling.recrawl_pause = minutes(10);
  JobMachine job{recrawling, start};
  job.on_begin(start);
  job.on_end({End::limit, "limits.pages = 5", start + hours(24)}, start + minutes(5));
  EXPECT_EQ(job.state(), JobState::limited);
  EXPECT_EQ(job.memory().next_run, start + hours(24));
  EXPECT_FALSE(is_due(job, start + hours(23)));
  job = test::after_crash(job, recrawling, start + hours(23));
  EXPECT_TRUE(is_due(job, start + hours(24)));
  job.on_begin(start + hours(24));
  EXPECT_FALSE(job.memory().limits_anew) << "pages that are due give their places back";
  // However soon its pages are due, a limit that lets nothing be fetched is no hot loop.
  job.on_end({End::limit, "limits.pages = 5", start}, start + hours(24));
  EXPECT_EQ(job.memory().next_run, start + hours(24) + minutes(10));
}

// It has finished, and still it would fetch what becomes due.
TEST(JobMachine, AJobWhosePagesBecomeDueIsPausedCancelledAndRun) {
  JobPlan recrawling = plan("off");
  recrawling.recrawl_pause = minutes(10);
  JobMachine finished{recrawling, start};
  finished.on_begin(start);
  finished.on_end({.end = End::done, .next_due = start + hours(24)}, start + minutes(5));
  const Wall later = start + hours(48);

  JobMachine paused = finished;
  EXPECT_TRUE(paused.command(JobCommand::pause, start + minutes(6)));
  EXPECT_FALSE(is_due(paused, later));
  EXPECT_TRUE(paused.command(JobCommand::resume, later));
  EXPECT_TRUE(is_due(paused, later));
  EXPECT_FALSE(paused.memory().fetches_anew());

  JobMachine cancelled = finished;
  EXPECT_TRUE(cancelled.command(JobCommand::cancel, start + minutes(6)));
  EXPECT_EQ(cancelled.state(), JobState::cancelled);
  EXPECT_FALSE(is_due(cancelled, later));

  JobMachine run = finished;
  EXPECT_TRUE(run.command(JobCommand::run, start + minutes(6)));
  EXPECT_TRUE(is_due(run, start + minutes(6)));
  EXPECT_TRUE(run.memory().fetches_anew()) << "everything anew";

  // Without pages that become due it is over.
  JobMachine over{recrawling, start};
  over.on_begin(start);
  over.on_end({.end = End::done}, start + minutes(5));
  EXPECT_FALSE(over.command(JobCommand::pause, later));
  EXPECT_FALSE(over.command(JobCommand::cancel, later));
}

TEST(JobMachine, AClockThatWasAheadHoldsUpNoInterval) {
  JobMachine job{plan("every 6h"), start + hours(240)};
  job.on_begin(start + hours(240));
  job.on_end({.end = End::done}, start + hours(241));
  EXPECT_FALSE(is_due(job, start + hours(242)));
  EXPECT_TRUE(is_due(job, start)) << "the clock was set back";
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
