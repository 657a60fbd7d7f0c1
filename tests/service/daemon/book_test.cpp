// Jobs that wait for 29 February: what becomes of them when users and files ask for something at
// once, and when a disk or a folder fails.
#include "core/coro/gather.hpp"
#include "core/coro/loop.hpp"
#include "core/coro/time.hpp"
#include "service/daemon/job_book.hpp"
#include "tests/support/loopback_server.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/raw_listener.hpp"
#include "tests/support/temp_dir.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace trawl::service {
namespace {

namespace fs = std::filesystem;
using support::TempDir;
using testing::HasSubstr;

const std::string quiet = "schedule = '0 0 29 2 *'\n[seeds]\nurls = ['https://example.org/']\n";

std::string job(const std::string& name, const std::string& dir = "") {
  return "[job]\nname = '" + name + "'\n" + quiet +
         (dir.empty() ? "" : "[output]\ndir = '" + dir + "'\n");
}

// A daemon's jobs without the daemon; each run() is a life of theirs.
class Book {
 public:
  using Steps = coro::Task<> (*)(Book& book, JobBook& jobs);

  void run(Steps steps) {
    coro::Loop loop;
    DataFolder data{dir / "data"};
    config::DaemonSpec spec;
    spec.jobs_dir = (dir / "jobs").string();
    spec.data_dir = (dir / "data").string();
    spec.allow_private_networks = allowed_networks;
    JobBook jobs{{loop.executor(), clock, data, spec, {}}};
    loop.run(live(*this, jobs, steps));
  }

  config::DaemonSpec spec_allowing(std::vector<std::string> networks) const {
    config::DaemonSpec spec;
    spec.allow_private_networks = std::move(networks);
    return spec;
  }

  const TempDir dir;
  support::LoopbackServer site;
  support::ManualClock clock;
  std::vector<std::string> allowed_networks;

 private:
  static coro::Task<> live(Book& book, JobBook& jobs, Steps steps) {
    auto loading = jobs.load();
    co_await std::move(loading);
    std::vector<coro::Task<>> both;
    both.push_back(jobs.run());
    both.push_back(drive(book, jobs, steps));
    auto together = coro::gather(std::move(both));
    co_await std::move(together);
  }
  static coro::Task<> drive(Book& book, JobBook& jobs, Steps steps) {
    auto driving = steps(book, jobs);
    co_await std::move(driving);
    jobs.shut_down();
  }
};

coro::Task<> submit(JobBook& jobs, std::string text) {
  auto submitting = jobs.submit({.text = std::move(text)});
  const auto submitted = co_await std::move(submitting);
  EXPECT_TRUE(submitted) << submitted.error().detail;
}

// The refusal; nothing when it was done.
coro::Task<std::optional<Refused>> remove(JobBook& jobs, std::string name, bool delete_data) {
  auto removing = jobs.remove(std::move(name), delete_data);
  const auto removed = co_await std::move(removing);
  co_return removed ? std::nullopt : std::optional{removed.error()};
}

coro::Task<std::string> state_of(JobBook& jobs, std::string name) {
  auto finding = jobs.find(std::move(name));
  const auto found = co_await std::move(finding);
  co_return found ? std::string{to_string(found->state)} : "not there";
}

coro::Task<> expect_state(JobBook& jobs, std::string name, std::string expected) {
  auto asking = state_of(jobs, name);
  const std::string state = co_await std::move(asking);
  EXPECT_EQ(state, expected) << name;
}

coro::Task<> wait_for_state(JobBook& jobs, std::string name, std::string expected) {
  std::string state;
  for (int tries = 0; tries < 1000 && state != expected; ++tries) {
    if (tries > 0) co_await coro::sleep_for(Millis{10});
    auto asking = state_of(jobs, name);
    state = co_await std::move(asking);
  }
  EXPECT_EQ(state, expected) << name;
}

coro::Task<> pause(JobBook& jobs, std::string name) {
  auto pausing = jobs.steer(std::move(name), JobCommand::pause);
  const auto paused = co_await std::move(pausing);
  EXPECT_TRUE(paused);
}

coro::Task<> pause_news(Book&, JobBook& jobs) {
  return pause(jobs, "daily-news");
}

coro::Task<> expect_paused_news(Book&, JobBook& jobs) {
  return expect_state(jobs, "daily-news", "paused");
}

}  // namespace

TEST(JobBook, ARemovalTakesNoOtherJobsOutputWithIt) {
  Book book;
  book.dir.write("jobs/a.toml", job("a", (book.dir / "data/crawls/b/inner").string()));
  book.run([](Book& with, JobBook& jobs) -> coro::Task<> {
    with.dir.write("data/crawls/b/crawl.db", "b");
    with.dir.write("data/crawls/other/crawl.db", "o");
    // An owner may have reasons; who submits a job has not.
    for (const auto* taken : {"crawls/b", "crawls/b/inner/tmp/x"}) {
      auto submitting = jobs.submit({.text = job("b", taken)});
      const auto submitted = co_await std::move(submitting);
      EXPECT_TRUE(!submitted && submitted.error().why == Refusal::output_used) << taken;
      if (!submitted) EXPECT_THAT(submitted.error().detail, HasSubstr("the job \"a\""));
    }
    auto submitting = submit(jobs, job("b", "crawls/other"));
    co_await std::move(submitting);
    auto removing = remove(jobs, "b", true);
    const auto refused = co_await std::move(removing);
    EXPECT_FALSE(refused);
    EXPECT_FALSE(fs::exists(with.dir / "data/crawls/other"));
    EXPECT_EQ(with.dir.read("data/crawls/b/crawl.db"), "b");
  });
}

// The owner's file came later than the job.
TEST(JobBook, ARemovalSparesAFolderThatAnotherJobHasComeInto) {
  Book book;
  book.run([](Book& with, JobBook& jobs) -> coro::Task<> {
    auto submitting = submit(jobs, job("b", "crawls/b"));
    co_await std::move(submitting);
    with.dir.write("data/crawls/b/crawl.db", "b");
    with.dir.write("jobs/a.toml", job("a", (with.dir / "data/crawls").string()));
    auto waiting = wait_for_state(jobs, "a", "waiting");
    co_await std::move(waiting);
    auto removing = remove(jobs, "b", true);
    const auto refused = co_await std::move(removing);
    EXPECT_TRUE(refused && refused->why == Refusal::output_used);
    if (refused) EXPECT_THAT(refused->detail, HasSubstr("remove this one with data=keep"));
    auto keeping = remove(jobs, "b", false);
    const auto kept = co_await std::move(keeping);
    EXPECT_FALSE(kept);
    EXPECT_EQ(with.dir.read("data/crawls/b/crawl.db"), "b");
  });
}

// data_dir may have jobs_dir and the token's file in it.
TEST(JobBook, ASubmittedJobLeavesWhatIsTheOwnersAlone) {
  const TempDir dir;
  dir.write("data/mine/jobs/a.toml", "");
  dir.write("data/token", "secret");
  DataFolder data{dir / "data"};
  data.reserve(dir / "data/mine/jobs");
  data.reserve(dir / "data/token");
  data.reserve("");
  EXPECT_FALSE(data.contains("token"));
  EXPECT_FALSE(data.contains("mine/jobs/a.toml"));
  EXPECT_FALSE(data.contains("mine"));
  EXPECT_TRUE(data.contains("lists/urls.txt"));
}

TEST(JobBook, OfTwoChangesAtOnceNeitherIsLost) {
  Book book;
  book.dir.write("jobs/a.toml", job("a"));
  book.run([](Book&, JobBook& jobs) -> coro::Task<> {
    auto changing = coro::gather(jobs.change("a", {{.key = "politeness.delay", .value = "7s"}}),
                                 jobs.change("a", {{.key = "limits.pages", .value = "77"}}));
    const auto [delay, pages] = co_await std::move(changing);
    EXPECT_TRUE(delay && pages);
    auto finding = jobs.find("a");
    const auto found = co_await std::move(finding);
    EXPECT_THAT(found->settings, HasSubstr("delay = \"7s\""));
    EXPECT_THAT(found->settings, HasSubstr("pages = 77"));
  });
}

// Its name is in the file that can't be read.
TEST(JobBook, AFileThatIsBrokenAtTheStartIsStillThatJobs) {
  Book book;
  book.dir.write("jobs/news.toml", job("daily-news"));
  book.run(&pause_news);
  book.dir.write("jobs/news.toml", "[job]\nname = ");
  book.run([](Book&, JobBook& jobs) { return expect_state(jobs, "daily-news", "invalid"); });
  book.dir.write("jobs/news.toml", job("daily-news"));
  book.run(&expect_paused_news);
}

TEST(JobBook, AFolderThatIsNotMountedForgetsNoJob) {
  Book book;
  book.dir.write("jobs/news.toml", job("daily-news"));
  book.run(&pause_news);
  fs::rename(book.dir / "jobs", book.dir / "away");
  book.run([](Book&, JobBook& jobs) { return expect_state(jobs, "daily-news", "not there"); });
  fs::remove_all(book.dir / "jobs");
  fs::rename(book.dir / "away", book.dir / "jobs");
  book.run(&expect_paused_news);
}

TEST(JobBook, AFolderThatIsUnmountedWhileItRunsForgetsNoJob) {
  Book book;
  book.dir.write("jobs/a.toml", job("a"));
  book.run([](Book& with, JobBook& jobs) -> coro::Task<> {
    fs::rename(with.dir / "jobs", with.dir / "elsewhere");
    fs::create_directory(with.dir / "jobs");
    EXPECT_TRUE(jobs.reload(with.spec_allowing({})));
    co_await coro::sleep_for(Millis{300});
    auto staying = expect_state(jobs, "a", "waiting");
    co_await std::move(staying);
    with.dir.write("jobs/b.toml", job("b"));  // now it is the folder
    EXPECT_TRUE(jobs.reload(with.spec_allowing({})));
    auto coming = wait_for_state(jobs, "b", "waiting");
    co_await std::move(coming);
    auto going = wait_for_state(jobs, "a", "not there");
    co_await std::move(going);
  });
}

coro::Task<> swap_names(Book& book, JobBook& jobs) {
  book.dir.write("jobs/a.toml", job("two", "out-two"));
  book.dir.write("jobs/b.toml", job("one", "out-one"));
  book.dir.write("jobs/c.toml", job("free", "out-free"));  // what it was is that of d.toml now
  for (const char* name : {"free", "one", "two", "three"}) {
    auto waiting = wait_for_state(jobs, name, "waiting");
    co_await std::move(waiting);
  }
  auto listing = jobs.list();
  const auto all = co_await std::move(listing);
  EXPECT_EQ(all->size(), 4U);
}

TEST(JobBook, ANameThatAFileGivesUpIsThatOfAnother) {
  Book book;
  book.dir.write("jobs/a.toml", job("one", "out-a"));
  book.dir.write("jobs/b.toml", job("two", "out-b"));
  book.dir.write("jobs/c.toml", job("three", "out-c"));
  book.dir.write("jobs/d.toml", job("three", "out-d"));
  book.run(swap_names);
}

TEST(JobBook, AFileThatIsRenamedIsOfTheSameJob) {
  Book book;
  book.dir.write("jobs/a.toml", job("daily-news"));
  book.run([](Book& with, JobBook& jobs) -> coro::Task<> {
    auto pausing = pause(jobs, "daily-news");
    co_await std::move(pausing);
    fs::rename(with.dir / "jobs/a.toml", with.dir / "jobs/b.toml");
    with.dir.write("jobs/c.toml", job("later"));
    auto coming = wait_for_state(jobs, "later", "waiting");
    co_await std::move(coming);
    auto staying = expect_state(jobs, "daily-news", "paused");
    co_await std::move(staying);
    fs::remove(with.dir / "jobs/b.toml");
    auto going = wait_for_state(jobs, "daily-news", "not there");
    co_await std::move(going);
  });
}

// Some of them come while a run is being closed.
TEST(JobBook, APushIsTakenWhateverTheRunIsDoing) {
  Book book;
  book.allowed_networks = {"127.0.0.0/8"};
  book.run([](Book& with, JobBook& jobs) -> coro::Task<> {
    auto submitting =
        submit(jobs, fmt::format("[job]\nname = 'prod'\nmode = 'fetch'\n[seeds]\nurls = ['{}']\n"
                                 "[limits]\nmin_free_disk = 'off'\n[politeness]\ndelay = '0s'\n"
                                 "adaptive = 'off'\n[robots]\npolicy = 'ignore'\n[fetch]\n"
                                 "allow_private_networks = ['127.0.0.0/8']\n",
                                 with.site.url("/")));
    co_await std::move(submitting);
    for (int i = 0; i < 40; ++i) {
      co_await coro::sleep_for(Millis{i % 5 * 7});
      const auto begun = std::chrono::steady_clock::now();
      auto pushing = jobs.push_urls("prod", {with.site.url(fmt::format("/{}", i))});
      const auto pushed = co_await std::move(pushing);
      EXPECT_TRUE(pushed || pushed.error().detail == "the run is ending; push again")
          << pushed.error().detail;
      EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds{5});
    }
    auto ending = wait_for_state(jobs, "prod", "finished");
    co_await std::move(ending);
  });
}

TEST(JobBook, AJobWithoutItsFileIsForgotten) {
  Book book;
  book.dir.write("jobs/news.toml", job("daily-news"));
  book.dir.write("jobs/other.toml", job("other"));
  book.run(&pause_news);
  fs::remove(book.dir / "jobs/news.toml");
  book.run([](Book&, JobBook& jobs) { return expect_state(jobs, "daily-news", "not there"); });
  book.dir.write("jobs/news.toml", job("daily-news"));
  book.run([](Book&, JobBook& jobs) { return expect_state(jobs, "daily-news", "waiting"); });
}

TEST(JobBook, WhatCouldNotBeStoredIsNotConfirmedAndStoredLater) {
  Book book;
  book.dir.write("jobs/news.toml", job("daily-news"));
  book.run([](Book& with, JobBook& jobs) -> coro::Task<> {
    auto db = storage::Db::open(with.dir / "data/daemon.db", storage::Access::write);
    db.exec("alter table job rename to away");
    auto pausing = jobs.steer("daily-news", JobCommand::pause);
    const auto paused = co_await std::move(pausing);
    EXPECT_TRUE(!paused && paused.error().why == Refusal::unavailable);
    if (!paused) EXPECT_THAT(paused.error().detail, HasSubstr("could not be stored"));
    auto asking = expect_state(jobs, "daily-news", "paused");
    co_await std::move(asking);
    db.exec("alter table away rename to job");
    const auto stored = [&] {
      return db.integer("select count(*) from job where state = 'paused'") == 1;
    };
    for (int i = 0; i < 100 && !stored(); ++i)
      co_await coro::sleep_for(std::chrono::milliseconds{100});
    EXPECT_TRUE(stored());
  });
}

TEST(JobBook, AJobWhoseFileCantBeRemovedStays) {
  Book book;
  book.run([](Book& with, JobBook& jobs) -> coro::Task<> {
    auto submitting = submit(jobs, job("a"));
    co_await std::move(submitting);
    fs::remove(with.dir / "data/jobs/a.toml");
    with.dir.write("data/jobs/a.toml/x", "");  // a folder, which is not unlinked
    auto removing = remove(jobs, "a", false);
    const auto refused = co_await std::move(removing);
    EXPECT_TRUE(refused && refused->why == Refusal::unavailable);
    auto asking = expect_state(jobs, "a", "invalid");
    co_await std::move(asking);
    fs::remove_all(with.dir / "data/jobs/a.toml");
    auto again = remove(jobs, "a", false);
    const auto removed = co_await std::move(again);
    EXPECT_FALSE(removed);
    auto asking_again = expect_state(jobs, "a", "not there");
    co_await std::move(asking_again);
  });
}

// Of a server that accepts and says nothing, so that the job has a run that is live.
TEST(JobBook, ASubmittedJobStopsWhenItsNetworkIsNoLongerAllowed) {
  static const support::RawListener server;
  Book book;
  book.allowed_networks = {"127.0.0.0/8"};
  book.run([](Book& with, JobBook& jobs) -> coro::Task<> {
    auto submitting =
        submit(jobs, fmt::format("[job]\nname = 'inner'\n[seeds]\nurls = ['{}']\n"
                                 "[fetch]\nallow_private_networks = ['127.0.0.0/8']\n",
                                 fmt::format("http://127.0.0.1:{}/", server.port())));
    co_await std::move(submitting);
    auto running = wait_for_state(jobs, "inner", "running");
    co_await std::move(running);
    EXPECT_TRUE(jobs.reload(with.spec_allowing({"10.0.0.0/8"})));
    auto stopping = wait_for_state(jobs, "inner", "invalid");
    co_await std::move(stopping);
    auto finding = jobs.find("inner");
    const auto found = co_await std::move(finding);
    EXPECT_TRUE(found && !found->errors.empty());
    EXPECT_TRUE(jobs.reload(with.spec_allowing({"127.0.0.0/8"})));
    auto going_on = wait_for_state(jobs, "inner", "running");
    co_await std::move(going_on);
  });
}

}  // namespace trawl::service
