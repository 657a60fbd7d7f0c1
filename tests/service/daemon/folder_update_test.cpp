// Folders of an older trawl, of which the first one's takes its time.
#include "core/coro/gather.hpp"
#include "core/coro/loop.hpp"
#include "core/coro/time.hpp"
#include "service/daemon/job_book.hpp"
#include "storage/open.hpp"
#include "storage/sqlite/schema.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/temp_dir.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace trawl::service {
namespace {

namespace fs = std::filesystem;

void write_older(const fs::path& folder) {
  fs::create_directories(folder);
  auto db = storage::Db::open(folder / "crawl.db", storage::Access::write);
  db.exec(fmt::format("PRAGMA application_id={}", storage::application_id));
  const auto steps = storage::migrations();
  storage::migrate(db, steps.first(steps.size() - 1));
}

// Jobs a, b and c. While somebody has the folder of the first one, bringing it up to date goes on.
class Updates {
 public:
  using Steps = coro::Task<> (*)(Updates& with, JobBook& jobs);

  Updates() {
    for (const char* name : {"a", "b", "c"}) {
      write_older(folder(name));
      dir_.write(fmt::format("data/jobs/{}.toml", name),
                 fmt::format("[job]\nname = '{0}'\nschedule = '0 0 29 2 *'\n[seeds]\n"
                             "urls = ['https://example.org/']\n[output]\ndir = 'crawls/{0}'\n",
                             name));
    }
    held_.emplace(storage::OutputFolder::open(folder("a")));
  }

  void run(Steps steps) {
    coro::Loop loop;
    DataFolder data{dir_ / "data"};
    config::DaemonSpec spec;
    spec.jobs_dir = (dir_ / "jobs").string();
    spec.data_dir = (dir_ / "data").string();
    JobBook jobs{{loop.executor(), clock_, data, spec, {}}};
    loop.run(live(*this, jobs, steps));
  }

  bool is_older(const std::string& name) const {
    return storage::is_of_older(folder(name) / "crawl.db");
  }
  void let_go() { held_.reset(); }

 private:
  fs::path folder(const std::string& name) const { return dir_ / ("data/crawls/" + name); }

  static coro::Task<> live(Updates& with, JobBook& jobs, Steps steps) {
    auto loading = jobs.load();
    co_await std::move(loading);
    std::vector<coro::Task<>> both;
    both.push_back(jobs.run());
    both.push_back(steps(with, jobs));
    auto together = coro::gather(std::move(both));
    co_await std::move(together);
  }

  const support::TempDir dir_;
  support::ManualClock clock_;
  std::optional<storage::OutputFolder> held_;
};

}  // namespace

TEST(FolderUpdate, AShutdownWaitsForTheOneUnderWayAlone) {
  Updates updates;
  updates.run([](Updates& with, JobBook& jobs) -> coro::Task<> {
    co_await coro::sleep_for(Millis{100});
    jobs.shut_down();
    co_await coro::sleep_for(Millis{100});
    with.let_go();
  });
  EXPECT_FALSE(updates.is_older("a"));
  EXPECT_TRUE(updates.is_older("b"));
  EXPECT_TRUE(updates.is_older("c"));
}

TEST(FolderUpdate, AJobThatIsRemovedDoesNotWaitForTheFoldersOfOthers) {
  Updates updates;
  updates.run([](Updates& with, JobBook& jobs) -> coro::Task<> {
    co_await coro::sleep_for(Millis{100});
    auto removing = jobs.remove("b", false);
    const auto removed = co_await std::move(removing);
    EXPECT_TRUE(removed);
    EXPECT_TRUE(with.is_older("a"));
    EXPECT_TRUE(with.is_older("b"));
    with.let_go();
    for (int i = 0; i < 1000 && with.is_older("c"); ++i) co_await coro::sleep_for(Millis{10});
    EXPECT_FALSE(with.is_older("c"));
    jobs.shut_down();
  });
}

}  // namespace trawl::service
