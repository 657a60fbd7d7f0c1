// What a job is said to have in its folder while nobody has counted it, or could: it decides
// whether a folder that is gone is begun anew.
#include "core/coro/gather.hpp"
#include "core/coro/time.hpp"
#include "service/run/job_run.hpp"
#include "storage/open.hpp"
#include "tests/service/daemon/surroundings.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <latch>
#include <string>
#include <utility>
#include <vector>

namespace trawl::service {
namespace {

namespace fs = std::filesystem;
using crawl::StoreTotals;
using support::TempDir;
using testing::HasSubstr;

constexpr StoreTotals one_queued{.queued = 1};

void queue_one(const fs::path& dir, std::vector<crawl::ArchiveMark> marks = {}) {
  const auto folder = storage::OutputFolder::open(dir);
  folder.open_store()->apply({.admitted = {{.url = "http://127.0.0.1:9/", .host = "127.0.0.1:9"}},
                              .marks = std::move(marks)});
}

struct Folders : Surroundings {
  // A job whose run is refused the address of its only page.
  config::Loaded<config::LoadedJob> job_in(const char* folder) const {
    return config::load_job_text(fmt::format("[seeds]\nurls = ['http://127.0.0.1:9/']\n"
                                             "[output]\ndir = '{}'\n",
                                             (dir / folder).string()),
                                 "a.toml", {});
  }
  // The job's life, and what is done meanwhile.
  void live(coro::Task<> life, coro::Task<> steps) {
    std::vector<coro::Task<>> both;
    both.push_back(std::move(life));
    both.push_back(std::move(steps));
    loop.run(coro::gather(std::move(both)));
  }
};

coro::Task<> wait_for_failure(ManagedJob& job) {
  const auto has_failed = [&] {
    return job.state() == JobState::failed && !job.is_live() && !job.entry().memory.asked;
  };
  for (int tries = 0; tries < 2000 && !has_failed(); ++tries) co_await coro::sleep_for(Millis{5});
  EXPECT_TRUE(has_failed());
}

coro::Task<> lose_file_and_folder(const fs::path& dir, ManagedJob& job) {
  auto failing = wait_for_failure(job);
  co_await std::move(failing);
  EXPECT_THAT(job.view().detail, HasSubstr("j-20260101000000-00000.warc.gz is missing"));
  EXPECT_EQ(job.view().totals, one_queued);
  EXPECT_EQ(job.entry().totals, one_queued);
  fs::remove_all(dir);
  EXPECT_TRUE(job.command(JobCommand::run));
  auto failing_again = wait_for_failure(job);
  co_await std::move(failing_again);
  EXPECT_THAT(job.view().detail, HasSubstr("has no crawl.db"));
  EXPECT_FALSE(fs::exists(dir));
  EXPECT_EQ(job.view().totals, one_queued);
  job.leave();
}

// Keeps the thread from all else until the gate is open.
coro::Task<> hold(coro::Worker& files, std::latch& held, std::latch& gate) {
  auto holding = files.run([&] {
    held.count_down();
    gate.wait();
  });
  co_await std::move(holding);
}

// dir: another folder that the job gets while its own is counted; null: it keeps its own.
coro::Task<> count_with(Folders& with, ManagedJob& job, const char* dir, StoreTotals expected) {
  std::latch held{1}, gate{1};
  auto holding = hold(with.files, held, gate);
  std::vector<coro::Task<>> all;
  all.push_back(std::move(holding));
  all.push_back(job.live());
  const auto change = [](Folders& around, ManagedJob& changed, const char* to, StoreTotals then,
                         std::latch& is_held, std::latch& opens) -> coro::Task<> {
    while (!is_held.try_wait() || around.files.queued() == 0) co_await coro::yield_now();
    if (to != nullptr) changed.take(around.job_in(to));
    opens.count_down();
    auto following = around.files.run([] {});
    co_await std::move(following);
    EXPECT_EQ(changed.entry().totals, then);
    changed.leave();
  };
  all.push_back(change(with, job, dir, expected, held, gate));
  auto together = coro::gather(std::move(all));
  co_await std::move(together);
}

}  // namespace

TEST(JobTotals, ARunKnowsWhatIsInItsFolderBeforeItsCrawlerHasReadIt) {
  const TempDir dir;
  queue_one(dir / "out");
  crawl::JobSpec job{.name = "a"};
  job.output.bodies = crawl::BodyMode::none;
  job.output.dir = (dir / "out").string();
  const JobRun run{job, {}};
  EXPECT_EQ(run.progress().totals, one_queued);
}

TEST(JobTotals, ARunThatFailedBeforeItCountedHasTakenNothingAway) {
  Folders with;
  queue_one(with.dir / "out", {{"warc/j-20260101000000-00000.warc.gz", 100}});
  ManagedJob job{with.around, "a", {.file = "a.toml"}, std::nullopt};
  job.take(with.job_in("out"));
  const fs::path dir = with.dir / "out";
  with.live(job.live(), lose_file_and_folder(dir, job));
}

TEST(JobTotals, OfARunThatACrashEndedTheFolderIsCounted) {
  for (const bool is_changed : {false, true}) {
    Folders with;
    with.turns.set_places(0);
    queue_one(with.dir / "one");
    ManagedJob job{with.around,
                   "a",
                   {.file = "a.toml"},
                   LedgerEntry{.name = "a",
                               .memory = {.open = true},
                               .settings_digest = "",
                               .totals = {},
                               .patches = {},
                               .dir = with.dir / "one",
                               .totals_of_dir = true}};
    with.loop.run(count_with(with, job, is_changed ? "two" : nullptr,
                             is_changed ? StoreTotals{} : one_queued));
    EXPECT_EQ(job.dir(), with.dir / (is_changed ? "two" : "one"));
  }
}

}  // namespace trawl::service
