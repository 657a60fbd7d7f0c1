// A disk without room: the committer waits and tries again, and the crawl waits with it.
#include "core/crawl/engine/disk_room.hpp"
#include "tests/crawl/engine/crawl_run.hpp"
#include "tests/support/store_wrapper.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <limits>
#include <thread>

namespace trawl::crawl {
namespace {

using support::LoopbackServer;
using support::Reply;
using test::MemoryStore;

constexpr int for_good = std::numeric_limits<int>::max();

TEST(RoomRetryDelay, DoublesUpToTheLongest) {
  EXPECT_EQ(room_retry_delay(1), Millis{250});
  EXPECT_EQ(room_retry_delay(2), Millis{500});
  EXPECT_EQ(room_retry_delay(6), Millis{8000});
  EXPECT_EQ(room_retry_delay(7), Millis{10'000});
  EXPECT_EQ(room_retry_delay(1'000'000), Millis{10'000});
}

TEST(HasRoom, IsTriedAndLeavesNothing) {
  const support::TempDir dir;
  EXPECT_TRUE(has_room(dir.path(), 4096));
  EXPECT_FALSE(has_room(dir.path(), 1ULL << 62));
  EXPECT_FALSE(has_room(dir / "missing", 1));
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

class NumberedRecord final : public Prepared {
 public:
  explicit NumberedRecord(int number) : number(number) {}
  int number;
};

// Fails as it is told; what is in it shows in `kept`.
class ScriptedArchive final : public Archive {
 public:
  std::unique_ptr<Prepared> prepare(Exchange) const override { return nullptr; }
  bool has(const ArchivePosition&) const override { return true; }
  void recover(const std::vector<ArchiveMark>&) override {}
  ArchivePosition append(Prepared& prepared) override {
    if (fail_append) throw Failure(*std::exchange(fail_append, std::nullopt));
    unsynced.push_back(static_cast<NumberedRecord&>(prepared).number);
    return {"f", kept.size() + unsynced.size(), 1};
  }
  void sync() override {
    if (fail_syncs > 0) {
      --fail_syncs;
      unsynced.clear();
      throw Failure(sync_error);
    }
    kept.insert(kept.end(), unsynced.begin(), unsynced.end());
    unsynced.clear();
  }
  bool can_append_again() const override { return again; }
  std::vector<ArchiveMark> take_marks() override { return {{"f", kept.size()}}; }
  void on_committed() override {
    if (fail_committed) throw Failure(*std::exchange(fail_committed, std::nullopt));
  }

  std::optional<Error> fail_append;
  std::optional<Error> fail_committed;
  int fail_syncs = 0;
  Error sync_error;
  bool again = true;
  std::vector<int> unsynced, kept;
};

Commit numbered(int number) {
  Commit commit;
  commit.admitted.push_back({.url = fmt::format("http://h/{}", number), .host = "h"});
  commit.archived = std::make_unique<NumberedRecord>(number);
  return commit;
}

coro::Task<> commit_numbers(Committer& committer, int count) {
  for (int i = 1; i <= count; ++i) {
    auto committing = committer.commit(numbered(i));
    co_await std::move(committing);
  }
}

std::optional<Errc> run_commits(Store& store, Archive& archive, int count,
                                std::vector<std::string>* said = nullptr) {
  Committer committer{store, &archive, Millis{1}};
  committer.on_stall([said](const std::optional<Error>& why) {
    if (said != nullptr) said->push_back(why ? why->message() : "goes on");
  });
  try {
    coro::run_root(committer.open());
    coro::run_root(commit_numbers(committer, count));
  } catch (const Failure& failure) {
    return failure.code();
  }
  return std::nullopt;
}

// docs/faults.md row 60.
TEST(Committer, WaitsForRoomInTheStoreAndWritesNothingTwice) {
  test::StoreWrapper store;
  store.inner.fail_next(Error{Errc::disk_full, "no room"}, 3);
  ScriptedArchive archive;
  std::vector<std::string> said;
  EXPECT_EQ(run_commits(store, archive, 3, &said), std::nullopt);
  EXPECT_EQ(archive.kept, (std::vector{1, 2, 3}));
  EXPECT_EQ(store.totals(), StoreTotals{.queued = 3});
  EXPECT_EQ(said, (std::vector<std::string>{"disk_full: no room", "goes on"}));
}

// docs/faults.md row 59.
TEST(Committer, WaitsForRoomInTheArchive) {
  MemoryStore store;
  ScriptedArchive archive;
  archive.fail_append = Error{Errc::disk_full, "no room"};
  archive.fail_syncs = 2;
  archive.sync_error = Error{Errc::disk_full, "no room"};
  EXPECT_EQ(run_commits(store, archive, 2), std::nullopt);
  EXPECT_EQ(archive.kept, (std::vector{1, 2}));
}

// docs/faults.md row 62.
TEST(Committer, WritesABatchAgainWhoseSyncFailedButNotForEver) {
  MemoryStore store;
  ScriptedArchive archive;
  archive.fail_syncs = 1;
  archive.sync_error = Error{Errc::io, "the disk is broken"};
  EXPECT_EQ(run_commits(store, archive, 2), std::nullopt);
  EXPECT_EQ(archive.kept, (std::vector{1, 2}));
  archive.fail_syncs = for_good;
  EXPECT_EQ(run_commits(store, archive, 1), Errc::io);
  EXPECT_EQ(archive.fail_syncs, for_good - 3);
}

TEST(Committer, EndsWhereTheArchiveCannotWriteItsBatchAgain) {
  MemoryStore store;
  ScriptedArchive archive;
  archive.again = false;
  archive.fail_syncs = 1;
  archive.sync_error = Error{Errc::disk_full, "no room"};
  EXPECT_EQ(run_commits(store, archive, 1), Errc::disk_full);
  EXPECT_EQ(store.totals(), StoreTotals{});
}

// Nothing is to fail there; if it does, it is the run that ends, and no row is there twice.
TEST(Committer, AppliesNothingTwiceThatIsInTheStore) {
  MemoryStore store;
  ScriptedArchive archive;
  archive.fail_committed = Error{Errc::disk_full, "no room"};
  EXPECT_EQ(run_commits(store, archive, 1), Errc::disk_full);
  EXPECT_EQ(store.totals(), StoreTotals{.queued = 1});
}

std::vector<std::string> serve(LoopbackServer& server, int pages) {
  std::vector<std::string> urls;
  std::string home = "<!DOCTYPE html>";
  for (int i = 0; i < pages; ++i) {
    const auto path = fmt::format("/p{}", i);
    server.on(path, Reply{.body = "page"});
    urls.push_back(server.url(path));
    home += fmt::format("<a href=\"{}\">x</a>", path);
  }
  server.on("/", Reply{.body = home});
  return urls;
}

bool wait_until(const std::function<bool()>& holds) {
  for (int i = 0; i < 1000 && !holds(); ++i) std::this_thread::sleep_for(Millis{5});
  return holds();
}

// docs/faults.md rows 59 and 60: paused, with what is in flight bounded, and then on by itself.
TEST(Crawler, PausesWhileTheDiskIsFullAndGoesOnByItself) {
  LoopbackServer server;
  const auto urls = serve(server, 300);
  auto job = impatient_job({server.url()});
  job.fetch.concurrency = 8;
  test::StoreWrapper store;
  store.inner.fail_next(Error{Errc::disk_full, "no room"}, 0);
  CrawlRun run{job, store};
  ASSERT_TRUE(server.wait_for("/p20", 1));
  store.inner.fail_again(for_good);
  ASSERT_TRUE(wait_until([&] { return run.crawler().progress().paused; }));
  std::this_thread::sleep_for(Millis{100});
  const auto asked = server.count();
  EXPECT_LE(asked, 200U);
  std::this_thread::sleep_for(Millis{100});
  EXPECT_EQ(server.count(), asked);
  // 250, 500 ms, …: it is asked rarely.
  EXPECT_GE(store.inner.failures_left(), for_good - 3);
  store.inner.fail_again(0);
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(count(store.inner, urls, UrlState::fetched), urls.size());
  EXPECT_EQ(server.count(), urls.size() + 2);  // nothing was fetched again
}

// Where nothing else is written, that alone finds no room.
class NoRoomForNews final : public test::StoreWrapper {
 public:
  std::optional<UrlId> bring_forward(const SitemapNews& news, UrlId after, Millis least, Wall now,
                                     std::size_t max) override {
    if (++tries < 3) throw Failure(Error{Errc::disk_full, "no room"});
    return inner.bring_forward(news, after, least, now, max);
  }
  int tries = 0;
};

TEST(Crawler, WaitsForRoomForWhatASitemapSaysOfKnownPages) {
  LoopbackServer server;
  server.on("/", Reply{.body = "home"});
  server.on("/map.xml",
            Reply{.body = fmt::format("<urlset><url><loc>{}</loc><lastmod>2024-01-01</lastmod>"
                                      "</url></urlset>",
                                      server.url()),
                  .content_type = "application/xml"});
  auto job = impatient_job({server.url()});
  job.seeds.sitemaps = {.mode = SitemapMode::list, .urls = {server.url("/map.xml")}};
  job.recrawl.every = RecrawlInterval{std::chrono::hours{1}, std::chrono::hours{24}};
  NoRoomForNews store;
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(store.tries, 3);
  EXPECT_EQ(store.inner.record(server.url("/map.xml"))->outcome.state, UrlState::fetched);
}

TEST(Crawler, CanBeInterruptedWhileTheDiskIsFull) {
  LoopbackServer server;
  serve(server, 50);
  auto job = impatient_job({server.url()});
  job.grace = Millis{300};
  test::StoreWrapper store;
  store.inner.fail_next(Error{Errc::disk_full, "no room"}, for_good);
  CrawlRun run{job, store};
  ASSERT_TRUE(wait_until([&] { return run.crawler().progress().paused; }));
  run.crawler().stop();
  EXPECT_EQ(run.wait().reason, StopReason::interrupted);
}

}  // namespace
}  // namespace trawl::crawl
