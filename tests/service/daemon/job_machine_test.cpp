#include "tests/service/daemon/job_times.hpp"

#include <gtest/gtest.h>

#include <random>

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

TEST(JobMachine, AJobWithoutAScheduleRunsOnce) {
  JobMachine job{plan("off"), start};
  EXPECT_EQ(job.state(), JobState::waiting);
  ASSERT_TRUE(is_due(job, start));
  job.on_begin(start);
  EXPECT_EQ(job.state(), JobState::running);
  EXPECT_FALSE(job.memory().fetches_anew());
  job.on_end({End::done, {}}, start + hours{1});
  EXPECT_EQ(job.state(), JobState::finished);
  EXPECT_EQ(job.due(start + hours{1000}), std::nullopt);
  EXPECT_EQ(job.memory().runs, 1U);
}

TEST(JobMachine, AnIntervalBeginsAtOnceAndCountsFromTheStart) {
  JobMachine job{plan("every 6h"), start};
  ASSERT_TRUE(is_due(job, start));
  job.on_begin(start);
  job.on_end({End::done, {}}, start + hours{2});
  EXPECT_EQ(job.state(), JobState::finished);
  EXPECT_EQ(job.memory().next_run, start + hours{6});
  EXPECT_FALSE(is_due(job, start + hours{5}));
  ASSERT_TRUE(is_due(job, start + hours{6}));
  EXPECT_TRUE(job.memory().fetches_anew());  // what is done is fetched anew
  job.on_begin(start + hours{6});
  EXPECT_EQ(job.memory().runs, 2U);
}

TEST(JobMachine, ACronExpressionWaitsForItsFirstTime) {
  JobMachine job{plan("30 4 * * *"), start};
  EXPECT_FALSE(is_due(job, start));
  EXPECT_EQ(job.due(start), start + hours{4} + minutes{30});
}

TEST(JobMachine, MissedTimesAreOneRunOrNone) {
  for (const auto catch_up : {crawl::CatchUp::once, crawl::CatchUp::skip}) {
    const bool once = catch_up == crawl::CatchUp::once;
    // The run takes longer than the interval.
    JobMachine slow{plan("every 1h", catch_up), start};
    slow.on_begin(start);
    slow.on_end({End::done, {}}, start + minutes{150});
    EXPECT_EQ(slow.memory().next_run, once ? start + minutes{150} : start + hours{3});
    // The daemon was down.
    JobMachine down{plan("0 4 * * *", catch_up), start};
    const auto up = after_crash(down, plan("0 4 * * *", catch_up), start + hours{30});
    EXPECT_EQ(is_due(up, start + hours{30}), once);
    if (!once) EXPECT_EQ(up.due(start + hours{30}), start + hours{52});
  }
}

// docs/schedules.md, "What was missed".
TEST(JobMachine, AMissedTimeOfAPausedJobIsCaughtUpOn) {
  JobMachine job{plan("0 4 * * *"), start};
  ASSERT_TRUE(job.command(JobCommand::pause, start));
  ASSERT_TRUE(job.command(JobCommand::resume, start + hours{5}));
  EXPECT_TRUE(is_due(job, start + hours{5}));
  JobMachine skips{plan("0 4 * * *", crawl::CatchUp::skip), start};
  ASSERT_TRUE(skips.command(JobCommand::pause, start));
  ASSERT_TRUE(skips.command(JobCommand::resume, start + hours{5}));
  EXPECT_EQ(skips.due(start + hours{5}), start + hours{28});
}

// A run that waits for its place is not missed, however often its file is read.
TEST(JobMachine, ADueRunThatWaitsForAPlaceIsNotSkipped) {
  const auto skip = plan("0 4 * * *", crawl::CatchUp::skip);
  JobMachine job{skip, start};
  job = after_crash(job, skip, start + hours{1});
  job.on_settings(skip, false, start + hours{5});
  job.on_settings(skip, true, start + hours{5});
  EXPECT_TRUE(is_due(job, start + hours{5}));
}

TEST(JobMachine, ALimitIsContinuedAndFetchesNothingAnew) {
  JobMachine job{plan("every 1h"), start};
  job.on_begin(start);
  job.on_end({End::limit, "limits.pages = 5"}, start + minutes{5});
  EXPECT_EQ(job.state(), JobState::limited);
  EXPECT_EQ(job.detail(), "limits.pages = 5");
  // By a user's wish it continues; by its schedule it has the limit for itself, also after a crash.
  JobMachine resumed = job;
  ASSERT_TRUE(resumed.command(JobCommand::resume, start + minutes{6}));
  resumed.on_begin(start + minutes{6});
  EXPECT_FALSE(resumed.memory().limits_anew);
  ASSERT_TRUE(is_due(job, start + hours{1}));
  EXPECT_FALSE(job.memory().fetches_anew());
  job.on_begin(start + hours{1});
  EXPECT_TRUE(job.memory().limits_anew);
  job = after_crash(job, plan("every 1h"), start + hours{2});
  job.on_begin(start + hours{2});
  EXPECT_TRUE(job.memory().limits_anew);
  JobMachine once{plan("off"), start};
  once.on_begin(start);
  once.on_end({End::limit, "limits.pages = 5"}, start);
  EXPECT_FALSE(is_due(once, start));
  ASSERT_TRUE(once.command(JobCommand::resume, start));
  EXPECT_TRUE(is_due(once, start));
}

// docs/schedules.md, "What a run of the schedule does".
TEST(JobMachine, ARunThatFindsItsLimitsUsedUpMovesNoScheduledOne) {
  for (const auto command : {JobCommand::resume, JobCommand::run}) {
    JobMachine job{plan("every 6h"), start};
    job.on_begin(start);
    job.on_end({End::limit, "limits.pages = 5"}, start + minutes{5});
    for (int i = 1; i < 6; ++i) {
      ASSERT_TRUE(job.command(command, start + hours{i}));
      job.on_begin(start + hours{i});
      job.on_end({.end = End::limit, .fetched_nothing = true}, start + hours{i});
      EXPECT_EQ(job.due(start + hours{i}), start + hours{6});
    }
    // The scheduled run counts as one whatever it brought: else it would be due again at once.
    job.on_begin(start + hours{6});
    EXPECT_TRUE(job.memory().limits_anew);
    job.on_end({.end = End::limit, .fetched_nothing = true}, start + hours{7});
    EXPECT_EQ(job.due(start + hours{7}), start + hours{12});
    // One that went on, since the limit is higher, is the start that the next one counts from.
    ASSERT_TRUE(job.command(command, start + hours{8}));
    job.on_begin(start + hours{8});
    job.on_end({.end = End::limit}, start + hours{9});
    EXPECT_EQ(job.due(start + hours{9}), start + hours{14});
  }
}

TEST(JobMachine, AnotherScheduleHoldsAfterARunThatFetchedNothing) {
  JobMachine job{plan("every 6h"), start};
  job.on_begin(start);
  job.on_end({End::limit, "limits.pages = 5"}, start + minutes{5});
  ASSERT_TRUE(job.command(JobCommand::resume, start + hours{1}));
  job.on_begin(start + hours{1});
  job.on_settings(plan("every 2h"), true, start + hours{1});
  job.on_end({.end = End::limit, .fetched_nothing = true}, start + hours{1});
  EXPECT_EQ(job.due(start + hours{1}), start + hours{3});
}

TEST(JobMachine, RunIsAtOnceAndOfWhatIsFinishedAnew) {
  JobMachine job{plan("0 4 1 * *"), start};
  ASSERT_TRUE(job.command(JobCommand::run, start));
  ASSERT_TRUE(is_due(job, start));
  job.on_begin(start);
  EXPECT_FALSE(job.command(JobCommand::run, start));
  job.on_end({End::done, {}}, start + minutes{1});
  ASSERT_TRUE(job.command(JobCommand::run, start + minutes{2}));
  EXPECT_TRUE(job.memory().fetches_anew());
  // A crash between the answer and the start doesn't lose it, whatever the policy.
  const auto skip = plan("0 4 1 * *", crawl::CatchUp::skip);
  EXPECT_TRUE(is_due(after_crash(job, skip, start + minutes{3}), start + minutes{3}));
}

TEST(JobMachine, AShutdownLeavesTheRunOpen) {
  JobMachine job{plan("off"), start};
  job.on_begin(start);
  job.shut_down();
  EXPECT_EQ(job.state(), JobState::stopping);
  EXPECT_FALSE(job.command(JobCommand::pause, start));
  job.on_end({End::interrupted, {}}, start + minutes{1});
  EXPECT_FALSE(is_due(job, start + minutes{1}));
  const auto again = after_crash(job, plan("off"), start + hours{1});
  EXPECT_EQ(again.state(), JobState::waiting);
  EXPECT_TRUE(is_due(again, start + hours{1}));
}

TEST(JobMachine, ARunThatWasKilledGoesOn) {
  JobMachine job{plan("0 4 * * *", crawl::CatchUp::skip), start};
  job.on_begin(start + hours{4});
  auto again = after_crash(job, plan("0 4 * * *", crawl::CatchUp::skip), start + hours{5});
  ASSERT_TRUE(is_due(again, start + hours{5}));
  again.on_begin(start + hours{5});
  EXPECT_EQ(again.memory().runs, 1U);
}

TEST(JobMachine, AFailureIsNoHotLoop) {
  JobMachine job{plan("every 1h"), start};
  Wall now = start;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(is_due(job, now));
    job.on_begin(now);
    job.on_end({End::failure, "io: the disk is gone"}, now + minutes{1});
    EXPECT_EQ(job.state(), JobState::failed);
    EXPECT_FALSE(is_due(job, now + minutes{60}));
    now += minutes{61};
  }
  EXPECT_EQ(job.memory().runs, 1U);  // it never got anywhere
  JobMachine once{plan("off"), start};
  once.on_begin(start);
  once.on_end({End::failure, "in_use"}, start);
  EXPECT_FALSE(is_due(once, start + hours{9}));
  EXPECT_TRUE(is_due(after_crash(once, plan("off"), start), start));  // the next start tries
}

TEST(JobMachine, OtherSettingsRestartARunAndWakeWhatHasEnded) {
  JobMachine job{plan("off"), start};
  job.on_begin(start);
  job.restart();
  EXPECT_EQ(job.state(), JobState::stopping);
  job.on_end({End::interrupted, {}}, start);
  EXPECT_TRUE(is_due(job, start));
  job.on_begin(start);
  job.on_end({End::done, {}}, start);
  job.on_settings(plan("off"), false, start);
  EXPECT_FALSE(is_due(job, start));
  job.on_settings(plan("off"), true, start);
  EXPECT_TRUE(is_due(job, start));
  EXPECT_FALSE(job.memory().fetches_anew());  // only what is new
  job.on_settings(plan("0 4 * * *"), true, start);
  EXPECT_EQ(job.due(start), start + hours{4});
}

TEST(JobMachine, OtherSettingsDropNothingThatIsDue) {
  const auto daily = plan("0 4 * * *");
  JobMachine asked{daily, start};
  ASSERT_TRUE(asked.command(JobCommand::run, start));
  asked.on_settings(daily, true, start);
  EXPECT_TRUE(is_due(asked, start));
  asked.on_settings(plan("0 5 * * *"), true, start);
  EXPECT_TRUE(is_due(asked, start));
  JobMachine due{daily, start};
  due.on_settings(daily, true, start + hours{5});
  EXPECT_TRUE(is_due(due, start + hours{5}));
  due.on_settings(plan("0 6 * * *"), true, start + hours{5});
  EXPECT_TRUE(is_due(due, start + hours{5}));
  EXPECT_TRUE(is_due(after_crash(due, daily, start + hours{6}), start + hours{6}));
  // A job that a limit stopped is resumed, and then gets its higher limit.
  JobMachine limited{daily, start};
  limited.on_begin(start);
  limited.on_end({End::limit, "limits.pages = 5"}, start);
  ASSERT_TRUE(limited.command(JobCommand::resume, start));
  limited.on_settings(daily, true, start);
  EXPECT_TRUE(is_due(limited, start));
}

TEST(JobMachine, OtherSettingsMoveWhatIsNotDueYet) {
  JobMachine job{plan("0 4 * * *"), start};
  job.on_settings(plan("0 5 * * *"), true, start);
  EXPECT_EQ(job.due(start), start + hours{5});
  job.on_settings(plan("every 6h"), true, start);
  EXPECT_TRUE(is_due(job, start));
}

TEST(JobMachine, AnInvalidFileLeavesTheRunAlone) {
  JobMachine job{plan("off"), start};
  job.on_begin(start);
  job.on_invalid();
  EXPECT_EQ(job.state(), JobState::running);
  job.on_end({End::done, {}}, start);
  EXPECT_EQ(job.state(), JobState::invalid);
  EXPECT_FALSE(job.command(JobCommand::run, start));
  job.on_settings(plan("off"), true, start);
  EXPECT_EQ(job.state(), JobState::waiting);
}

TEST(JobMachine, PushedUrlsBeginARunOfTheirOwn) {
  JobMachine job{plan("off"), start};
  job.on_begin(start);
  EXPECT_TRUE(job.want_run());
  job.on_end({End::done, {}}, start);
  ASSERT_TRUE(job.want_run());
  EXPECT_TRUE(is_due(job, start));
  EXPECT_FALSE(job.memory().fetches_anew());
  ASSERT_TRUE(job.command(JobCommand::pause, start));
  EXPECT_FALSE(job.want_run());
}

// A month of a job by a virtual clock, with crashes, commands and slow runs thrown in: it never has
// two runs, never stands still, and is never ahead of its schedule.
TEST(JobMachine, AMonthOfRunsKeepsItsRhythm) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::mt19937 random{seed};
    const auto with = plan(seed % 2 == 0 ? "every 30m" : "*/30 * * * *",
                           seed % 3 == 0 ? crawl::CatchUp::skip : crawl::CatchUp::once);
    JobMachine job{with, start};
    Wall now = start;
    std::uint64_t ended = 0;
    for (; now < start + hours{24 * 30}; now += minutes{1 + random() % 7}) {
      const auto roll = random() % 100;
      if (roll == 0) {
        job = after_crash(job, with, now);
      } else if (job.is_live()) {
        if (roll < 40) continue;  // goes on
        job.on_end({roll < 45 ? End::failure : roll < 50 ? End::limit : End::done, {}}, now);
        ++ended;
      } else if (is_due(job, now)) {
        job.on_begin(now);
        ASSERT_TRUE(job.is_live());
      } else if (roll < 3) {
        static_cast<void>(job.command(roll == 1 ? JobCommand::pause : JobCommand::run, now));
      }
      if (job.state() == JobState::paused && roll > 60) {
        ASSERT_TRUE(job.command(JobCommand::resume, now));
      }
      if (!job.is_live() && job.state() != JobState::paused) {
        ASSERT_NE(job.due(now), std::nullopt) << "seed " << seed;
        ASSERT_LE(*job.due(now), now + minutes{31}) << "seed " << seed;
      }
    }
    EXPECT_GT(ended, 1000U);
  }
}

}  // namespace trawl::service
