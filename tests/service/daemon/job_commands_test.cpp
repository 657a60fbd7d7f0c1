// What pause, resume and cancel do to a run, in virtual time.
#include "tests/service/daemon/job_times.hpp"

#include <gtest/gtest.h>

namespace trawl::service {
namespace {

using End = RunResult::End;
using std::chrono::hours;
using std::chrono::minutes;
using test::after_crash;
using test::is_due;
using test::plan;
using test::start;

}  // namespace

TEST(JobCommands, PauseHoldsARunAndResumeGoesOn) {
  JobMachine job{plan("off"), start};
  job.on_begin(start);
  ASSERT_TRUE(job.command(JobCommand::pause, start));
  EXPECT_EQ(job.state(), JobState::paused);
  EXPECT_TRUE(job.wants_pause());
  EXPECT_FALSE(job.wants_stop());
  EXPECT_FALSE(job.command(JobCommand::run, start));
  ASSERT_TRUE(job.command(JobCommand::resume, start));
  EXPECT_EQ(job.state(), JobState::running);
  EXPECT_FALSE(job.wants_pause());
}

TEST(JobCommands, APausedJobStaysSoOverACrashAndThenGoesOn) {
  JobMachine job{plan("off"), start};
  job.on_begin(start);
  ASSERT_TRUE(job.command(JobCommand::pause, start));
  auto again = after_crash(job, plan("off"), start + hours{1});
  EXPECT_EQ(again.state(), JobState::paused);
  EXPECT_FALSE(is_due(again, start + hours{1}));
  ASSERT_TRUE(again.command(JobCommand::resume, start + hours{1}));
  ASSERT_TRUE(is_due(again, start + hours{1}));
  again.on_begin(start + hours{1});
  EXPECT_EQ(again.memory().runs, 1U);  // the same run
  EXPECT_EQ(again.memory().started, start);
}

TEST(JobCommands, APausedScheduleRunsNothing) {
  JobMachine job{plan("every 1h", crawl::CatchUp::skip), start};
  job.on_begin(start);
  job.on_end({End::done, {}}, start + minutes{1});
  ASSERT_TRUE(job.command(JobCommand::pause, start + minutes{2}));
  EXPECT_FALSE(is_due(job, start + hours{5}));
  ASSERT_TRUE(job.command(JobCommand::resume, start + hours{5} + minutes{10}));
  EXPECT_FALSE(is_due(job, start + hours{5} + minutes{10}));
  EXPECT_TRUE(is_due(job, start + hours{6}));
}

TEST(JobCommands, APauseHoldsWhenTheRunFails) {
  JobMachine job{plan("every 1h"), start};
  job.on_begin(start);
  ASSERT_TRUE(job.command(JobCommand::pause, start));
  job.on_end({End::failure, "the disk is gone"}, start + minutes{1});
  EXPECT_EQ(job.state(), JobState::paused);
  EXPECT_EQ(job.detail(), "the disk is gone");
  EXPECT_FALSE(is_due(job, start + hours{5}));
  auto again = after_crash(job, plan("every 1h"), start + hours{6});
  EXPECT_FALSE(is_due(again, start + hours{6}));
  ASSERT_TRUE(again.command(JobCommand::resume, start + hours{6}));
  EXPECT_TRUE(is_due(again, start + hours{6}));
}

TEST(JobCommands, APauseHoldsWhenTheRunEndsAllTheSame) {
  // What was in flight was the last of it.
  JobMachine job{plan("every 1h"), start};
  job.on_begin(start);
  ASSERT_TRUE(job.command(JobCommand::pause, start));
  job.on_end({End::done, {}}, start + minutes{1});
  EXPECT_EQ(job.state(), JobState::paused);
  EXPECT_FALSE(is_due(job, start + hours{5}));
  ASSERT_TRUE(job.command(JobCommand::resume, start + minutes{30}));
  EXPECT_FALSE(is_due(job, start + minutes{30}));
  EXPECT_TRUE(is_due(job, start + hours{1}));
  // Where no run is to come, there is nothing to hold.
  JobMachine once{plan("off"), start};
  once.on_begin(start);
  ASSERT_TRUE(once.command(JobCommand::pause, start));
  once.on_end({End::done, {}}, start + minutes{1});
  EXPECT_EQ(once.state(), JobState::finished);
}

// docs/daemon.md, "States": a higher limit alone makes a paused job fetch nothing.
TEST(JobCommands, APauseHoldsWhenTheRunEndsByItsLimit) {
  for (const auto when : {"off", "every 1h"}) {
    JobMachine job{plan(when), start};
    job.on_begin(start);
    ASSERT_TRUE(job.command(JobCommand::pause, start));
    job.on_end({End::limit, "limits.pages = 3"}, start + minutes{1});
    EXPECT_EQ(job.state(), JobState::paused);
    EXPECT_EQ(job.detail(), "limits.pages = 3");
    job.on_settings(plan(when), true, start + minutes{2});
    EXPECT_EQ(job.state(), JobState::paused);
    EXPECT_FALSE(is_due(job, start + hours{5}));
    auto again = after_crash(job, plan(when), start + minutes{3});
    EXPECT_EQ(again.state(), JobState::paused);
    EXPECT_FALSE(is_due(again, start + hours{5}));
  }
}

TEST(JobCommands, WhatALimitLeftOfAPausedJobGoesOnWhenItIsResumed) {
  JobMachine job{plan("off"), start};
  job.on_begin(start);
  ASSERT_TRUE(job.command(JobCommand::pause, start));
  job.on_end({End::limit, "limits.pages = 3"}, start + minutes{1});
  EXPECT_FALSE(job.command(JobCommand::run, start + minutes{2}));
  EXPECT_FALSE(job.want_run());
  ASSERT_TRUE(job.command(JobCommand::resume, start + minutes{2}));
  ASSERT_TRUE(is_due(job, start + minutes{2}));
  job.on_begin(start + minutes{2});
  EXPECT_FALSE(job.memory().fetches_anew());
  EXPECT_FALSE(job.memory().limits_anew);
  job.on_end({End::limit, "limits.pages = 3"}, start + minutes{3});
  EXPECT_EQ(job.state(), JobState::limited);
}

TEST(JobCommands, CancelStopsTheRunAndOutlivesACrash) {
  JobMachine job{plan("every 1h"), start};
  job.on_begin(start);
  ASSERT_TRUE(job.command(JobCommand::cancel, start));
  EXPECT_EQ(job.state(), JobState::stopping);
  EXPECT_TRUE(job.wants_stop());
  EXPECT_EQ(after_crash(job, plan("every 1h"), start).state(), JobState::cancelled);
  job.on_end({End::interrupted, {}}, start + minutes{1});
  EXPECT_EQ(job.state(), JobState::cancelled);
  EXPECT_FALSE(is_due(job, start + hours{10}));
  ASSERT_TRUE(job.command(JobCommand::resume, start + hours{10}));
  ASSERT_TRUE(is_due(job, start + hours{10}));
  job.on_begin(start + hours{10});
  EXPECT_EQ(job.memory().runs, 1U);
}

// The run came to its end before it saw the command.
TEST(JobCommands, ACancelThatComesAtTheEndOfARunHolds) {
  for (const auto end : {End::done, End::limit, End::failure}) {
    JobMachine job{plan("every 1h"), start};
    job.on_begin(start);
    ASSERT_TRUE(job.command(JobCommand::cancel, start + minutes{1}));
    job.on_end({end, {}}, start + minutes{1});
    EXPECT_EQ(job.state(), JobState::cancelled);
    EXPECT_EQ(job.memory().ended, start + minutes{1});
    EXPECT_FALSE(is_due(job, start + hours{10}));
  }
}

TEST(JobCommands, ACancelOfARunThatHasFetchedAllLeavesItFinished) {
  JobMachine job{plan("off"), start};
  job.on_begin(start);
  ASSERT_TRUE(job.command(JobCommand::cancel, start + minutes{1}));
  job.on_end({End::done, {}}, start + minutes{1});
  EXPECT_EQ(job.state(), JobState::finished);
  EXPECT_FALSE(job.command(JobCommand::resume, start + minutes{2}));
}

TEST(JobCommands, APauseThatComesAtTheEndOfARunHoldsTheNextOnes) {
  JobMachine job{plan("every 1h"), start};
  job.on_begin(start);
  ASSERT_TRUE(job.command(JobCommand::pause, start + minutes{1}));
  job.on_end({End::done, {}}, start + minutes{1});
  EXPECT_EQ(job.state(), JobState::paused);
  EXPECT_FALSE(is_due(job, start + hours{10}));
  ASSERT_TRUE(job.command(JobCommand::resume, start + minutes{30}));
  EXPECT_EQ(job.due(start + minutes{30}), start + hours{1});
  JobMachine once{plan("off"), start};
  once.on_begin(start);
  ASSERT_TRUE(once.command(JobCommand::pause, start));
  once.on_end({End::done, {}}, start);
  EXPECT_EQ(once.state(), JobState::finished);  // there is nothing to hold
}

}  // namespace trawl::service
