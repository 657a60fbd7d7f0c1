// Runs for URLs that were pushed and for other settings, beside those of the schedule.
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

// What is new is fetched between two scheduled runs, which fetch everything anew all the same.
TEST(JobMachine, RunsForWhatIsNewTakeNoScheduledRunsPlace) {
  for (const char* schedule : {"every 1h", "0 * * * *"}) {
    const auto hourly = plan(schedule);
    JobMachine job{hourly, start};
    Wall now = job.due(start).value();
    job.on_begin(now);
    EXPECT_FALSE(job.memory().fetches_anew());
    job.on_end({End::done, {}}, now + minutes{1});
    const Wall next = job.memory().next_run.value();
    for (int i = 0; i < 3; ++i) {
      now += minutes{5};
      if (i == 1)
        job.on_settings(hourly, true, now);
      else
        ASSERT_TRUE(job.want_run());
      if (!is_due(job, now)) continue;  // other settings by the clock
      job.on_begin(now);
      EXPECT_FALSE(job.memory().fetches_anew()) << schedule;
      job.on_end({End::done, {}}, now + minutes{1});
      EXPECT_EQ(job.memory().next_run, next) << schedule;
    }
    ASSERT_TRUE(is_due(job, next));
    job = after_crash(job, hourly, next);
    job.on_begin(next);
    EXPECT_TRUE(job.memory().fetches_anew()) << schedule;
  }
}

TEST(JobMachine, ARunThatIsDueBringsAlongWhatIsNew) {
  JobMachine job{plan("every 1h"), start};
  job.on_begin(start);
  job.on_end({End::done, {}}, start + minutes{1});
  // It waits for a place while URLs are pushed, and settings changed.
  ASSERT_TRUE(is_due(job, start + hours{1}));
  ASSERT_TRUE(job.want_run());
  job.on_settings(plan("every 1h"), true, start + hours{1} + minutes{1});
  job.on_begin(start + hours{1} + minutes{2});
  EXPECT_TRUE(job.memory().fetches_anew());
}

TEST(JobMachine, APushTakesNothingFromARunThatAUserAskedFor) {
  JobMachine job{plan("off"), start};
  job.on_begin(start);
  job.on_end({End::done, {}}, start + minutes{1});
  ASSERT_TRUE(job.command(JobCommand::run, start + minutes{2}));
  ASSERT_TRUE(job.want_run());
  job.on_begin(start + minutes{3});
  EXPECT_TRUE(job.memory().fetches_anew());
  job.on_end({End::done, {}}, start + minutes{4});
  // The other way round, too.
  ASSERT_TRUE(job.want_run());
  ASSERT_TRUE(job.command(JobCommand::run, start + minutes{5}));
  job.on_begin(start + minutes{6});
  EXPECT_TRUE(job.memory().fetches_anew());
}

TEST(JobMachine, ALimitedRunForWhatIsNewGoesOnAndFetchesNothingAnew) {
  JobMachine job{plan("off"), start};
  job.on_begin(start);
  job.on_end({End::done, {}}, start + minutes{1});
  for (const auto command : {JobCommand::resume, JobCommand::run}) {
    ASSERT_TRUE(job.want_run());
    job.on_begin(start + minutes{2});
    job.on_end({End::limit, "limits.duration = 8s"}, start + minutes{3});
    ASSERT_TRUE(job.command(command, start + minutes{4}));
    job.on_begin(start + minutes{4});
    EXPECT_FALSE(job.memory().fetches_anew());
    job.on_end({End::done, {}}, start + minutes{5});
  }
  ASSERT_TRUE(job.command(JobCommand::run, start + minutes{6}));
  EXPECT_TRUE(job.memory().fetches_anew());
}

// It was stopped by a shutdown, and its time came before the next start.
TEST(JobMachine, AScheduledRunThatTakesAnotherOverIsTheOnlyOne) {
  JobMachine job{plan("every 1h"), start};
  job.on_begin(start);
  job.on_end({End::done, {}}, start + minutes{1});
  ASSERT_TRUE(job.want_run());
  job.on_begin(start + minutes{59});
  auto again = after_crash(job, plan("every 1h"), start + minutes{61});
  ASSERT_TRUE(is_due(again, start + minutes{61}));
  again.on_begin(start + minutes{61});
  EXPECT_TRUE(again.memory().fetches_anew());
  EXPECT_EQ(again.memory().runs, 3U);
  again.on_end({End::done, {}}, start + minutes{62});
  EXPECT_FALSE(is_due(again, start + minutes{63}));
  EXPECT_EQ(again.memory().next_run, start + minutes{121});
}

TEST(JobMachine, ATimeThatPassesDuringARunForWhatIsNewIsMissedLikeAnyOther) {
  for (const auto catch_up : {crawl::CatchUp::once, crawl::CatchUp::skip}) {
    JobMachine job{plan("every 1h", catch_up), start};
    job.on_begin(start);
    job.on_end({End::done, {}}, start + minutes{1});
    ASSERT_TRUE(job.want_run());
    job.on_begin(start + minutes{59});
    job.on_end({End::done, {}}, start + minutes{70});
    EXPECT_EQ(is_due(job, start + minutes{70}), catch_up == crawl::CatchUp::once);
    EXPECT_TRUE(is_due(job, start + hours{2}));
  }
}

TEST(JobMachine, AScheduleThatIsTakenAwayDuringARunForWhatIsNewIsGone) {
  JobMachine job{plan("every 1h"), start};
  job.on_begin(start);
  job.on_end({End::done, {}}, start + minutes{1});
  ASSERT_TRUE(job.want_run());
  job.on_begin(start + minutes{2});
  job.on_settings(plan("off"), true, start + minutes{3});
  job.on_end({End::done, {}}, start + minutes{4});
  EXPECT_FALSE(is_due(job, start + hours{5}));
}

TEST(JobMachine, ACancelOfARunForWhatIsNewCancelsTheScheduleToo) {
  JobMachine job{plan("every 1h"), start};
  job.on_begin(start);
  job.on_end({End::done, {}}, start + minutes{1});
  ASSERT_TRUE(job.want_run());
  job.on_begin(start + minutes{2});
  ASSERT_TRUE(job.command(JobCommand::cancel, start + minutes{3}));
  job.on_end({End::interrupted, {}}, start + minutes{4});
  EXPECT_EQ(job.state(), JobState::cancelled);
  EXPECT_FALSE(job.memory().next_run);
  ASSERT_TRUE(job.command(JobCommand::resume, start + hours{3}));
  job.on_begin(start + hours{3});
  EXPECT_FALSE(job.memory().fetches_anew());
}

}  // namespace trawl::service
