// What the daemon keeps: its folder, its ledger, the files of jobs, and who is told.
#include "service/daemon/data_folder.hpp"
#include "service/daemon/job_files.hpp"
#include "service/daemon/ledger.hpp"
#include "service/daemon/run_turns.hpp"
#include "service/daemon/watchers.hpp"
#include "tests/support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace trawl::service {
namespace {

namespace fs = std::filesystem;
using support::TempDir;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

LedgerEntry entry(std::string name) {
  return {.name = std::move(name),
          .memory = {.state = JobState::running,
                     .detail = "d",
                     .runs = 7,
                     .open = true,
                     .again = true,
                     .news = true,
                     .asked = true,
                     .limits_anew = true,
                     .next_run = Wall{Millis{5}},
                     .started = Wall{Millis{6}},
                     .ended = std::nullopt},
          .settings_digest = "abc",
          .totals = {.queued = 1, .fetched = 2, .failed = 3, .excluded = 4, .bytes_wire = 5},
          .patches = {{.key = "politeness.delay", .value = "2s", .source = "PATCH"},
                      {.key = "scope.exclude", .value = "[]", .source = "PATCH", .literal = true}},
          .dir = "/out/a",
          .file = "jobs/a.toml",
          .untold = {"{\"id\":\"1\"}", "{\"id\":\"2\"}"},
          .totals_of_dir = true};
}

}  // namespace

TEST(Ledger, GivesBackWhatWasSaved) {
  const TempDir dir;
  {
    Ledger ledger{dir / "daemon.db"};
    EXPECT_THAT(ledger.load(), IsEmpty());
    ledger.save(entry("b"));
    ledger.save(entry("a"));
    LedgerEntry changed = entry("b");
    changed.patches.pop_back();
    changed.memory.state = JobState::paused;
    ledger.save(changed);
    ledger.save(entry("c"));
    ledger.forget("c");
  }
  Ledger ledger{dir / "daemon.db"};
  const auto entries = ledger.load();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0], entry("a"));
  EXPECT_EQ(entries[1].memory.state, JobState::paused);
  EXPECT_EQ(entries[1].patches.size(), 1U);
}

TEST(Ledger, OneOfAnEarlierVersionIsTakenOver) {
  for (const int version : {1, 2}) {
    const TempDir dir;
    {
      Ledger ledger{dir / "daemon.db"};
      ledger.save(entry("a"));
    }
    {
      auto db = storage::Db::open(dir / "daemon.db", storage::Access::write);
      db.exec("drop table untold");
      if (version == 1) db.exec("alter table job drop column file");
      db.exec("pragma user_version = " + std::to_string(version));
    }
    for (int i = 0; i < 2; ++i) {
      const auto entries = Ledger{dir / "daemon.db"}.load();
      ASSERT_EQ(entries.size(), 1U);
      LedgerEntry expected = entry("a");
      expected.untold.clear();
      if (version == 1) expected.file.clear();
      EXPECT_EQ(entries[0], expected);
    }
  }
}

TEST(Ledger, WhatIsNoLedgerIsRefused) {
  const TempDir dir;
  dir.write("daemon.db", std::string(8192, 'x'));
  EXPECT_THROW(Ledger{dir / "daemon.db"}, Failure);
  {
    auto db = storage::Db::open(dir / "other.db", storage::Access::write);
    db.exec("create table t(a)");
  }
  EXPECT_THROW(Ledger{dir / "other.db"}, Failure);
}

TEST(DataFolder, IsHeldByOne) {
  const TempDir dir;
  const DataFolder first{dir / "data"};
  try {
    const DataFolder second{dir / "data"};
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Errc::in_use);
    EXPECT_THAT(failure.what(), HasSubstr("is in use by another trawl (pid "));
  }
}

TEST(DataFolder, KnowsFoldersWithinIt) {
  const TempDir dir;
  const DataFolder data{dir / "data"};
  for (const auto* within : {"data/jobs", "data/out/x", "data/jobs/none", "data/../data/jobs/"})
    EXPECT_TRUE(data.holds(dir / within)) << within;
  std::filesystem::create_directory_symlink(dir / "data/jobs", dir / "link");
  EXPECT_TRUE(data.holds(dir / "link"));
  for (const auto* outside : {"jobs", "data2/jobs", "data/../jobs", "data/mine"})
    EXPECT_FALSE(data.holds(dir / outside)) << outside;
}

TEST(DataFolder, KeepsSubmittedJobs) {
  const TempDir dir;
  const DataFolder data{dir / "data"};
  data.put_job("b", "1");
  data.put_job("a", "2");
  data.put_job("b", "3");
  dir.write("data/jobs/.c.new", "half");  // of a crash
  EXPECT_THAT(data.job_files(), ElementsAre(data.job_file("a"), data.job_file("b")));
  EXPECT_EQ(dir.read("data/jobs/b.toml"), "3");
  data.remove_job("a");
  data.remove_job("a");
  EXPECT_THAT(data.job_files(), ElementsAre(data.job_file("b")));
}

TEST(DataFolder, AJobThatCantBeStoredLeavesNothing) {
  const TempDir dir;
  const DataFolder data{dir / "data"};
  std::filesystem::create_directories(dir / "data/jobs/taken.toml/in-the-way");
  EXPECT_THROW(data.put_job("taken", "[seeds]\n"), Failure);
  EXPECT_FALSE(std::filesystem::exists(dir / "data/jobs/.taken.new"));
}

TEST(DataFolder, FoldersOverlapThroughLinksToo) {
  const TempDir dir;
  fs::create_directories(dir / "a/b");
  fs::create_directory_symlink(dir / "a", dir / "link");
  EXPECT_TRUE(overlap(dir / "a", dir / "a/"));
  EXPECT_TRUE(overlap(dir / "a", dir / "a/b"));
  EXPECT_TRUE(overlap(dir / "link/b/c", dir / "a/b"));
  EXPECT_TRUE(overlap(dir / "link/../a", dir / "a"));
  EXPECT_FALSE(overlap(dir / "a/b", dir / "a/bc"));
  EXPECT_FALSE(overlap(dir / "a/b", dir / "c"));
}

TEST(JobFiles, EachLookFindsWhatChanged) {
  using Change = JobFiles::Change;
  const TempDir dir;
  JobFiles files{dir.path()};
  EXPECT_THAT(files.look(), IsEmpty());
  const auto a = dir.write("a.toml", "1");
  dir.write(".b.toml", "hidden");
  dir.write("c.txt", "no job");
  EXPECT_THAT(files.look(), ElementsAre(Change{a, false}));
  EXPECT_THAT(files.look(), IsEmpty());
  dir.write("a.toml", "22");
  EXPECT_THAT(files.look(), ElementsAre(Change{a, false}));
  const auto b = dir.write("b.toml", "1");
  fs::remove(a);
  EXPECT_THAT(files.look(), ElementsAre(Change{a, true}, Change{b, false}));
  files.forget();
  EXPECT_THAT(files.look(), ElementsAre(Change{b, false}));
}

TEST(JobFiles, AFolderThatIsGoneRemovesNothing) {
  const TempDir dir;
  dir.write("jobs/a.toml", "1");
  JobFiles files{dir / "jobs"};
  files.look();
  fs::rename(dir / "jobs", dir / "away");
  EXPECT_THROW(files.look(), Failure);
  fs::rename(dir / "away", dir / "jobs");
  EXPECT_THAT(files.look(), IsEmpty());
}

// Kubernetes swaps a link under its files.
TEST(JobFiles, ALinkThatPointsElsewhereIsAChange) {
  const TempDir dir;
  dir.write("v1/a.toml", "1");
  dir.write("v2/a.toml", "2");
  fs::create_directory(dir / "jobs");
  fs::create_symlink(dir / "v1/a.toml", dir / "jobs/a.toml");
  JobFiles files{dir / "jobs"};
  files.look();
  fs::remove(dir / "jobs/a.toml");
  fs::create_symlink(dir / "v2/a.toml", dir / "jobs/a.toml");
  EXPECT_EQ(files.look().size(), 1U);
}

TEST(RunTurns, FirstComeFirstServed) {
  RunTurns turns{1};
  EXPECT_TRUE(turns.take("a"));
  EXPECT_FALSE(turns.take("b"));
  EXPECT_FALSE(turns.take("c"));
  EXPECT_FALSE(turns.take("b"));
  turns.release();
  EXPECT_FALSE(turns.take("c"));
  EXPECT_TRUE(turns.take("b"));
  turns.set_places(2);
  turns.set_open(false);
  EXPECT_FALSE(turns.take("c"));
  turns.set_open(true);
  EXPECT_TRUE(turns.take("c"));
  EXPECT_EQ(turns.taken(), 2U);
  EXPECT_FALSE(turns.take("d"));
  turns.leave("d");
  EXPECT_EQ(turns.waiting(), 0U);
}

TEST(Watchers, AreToldUntilTheyGo) {
  Watchers watchers;
  std::vector<std::string> heard;
  auto watch = watchers.add([&](const JobEvent& event) { heard.push_back(event.data); });
  watchers.tell({"state", "a", "1"});
  watch.reset();
  watchers.tell({"state", "a", "2"});
  EXPECT_THAT(heard, ElementsAre("1"));
  EXPECT_FALSE(watchers.anyone());
}

}  // namespace trawl::service
