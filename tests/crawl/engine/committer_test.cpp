// What becomes of URLs that are admitted more than once.
#include "core/crawl/engine/committer.hpp"

#include "core/coro/gather.hpp"
#include "core/coro/loop.hpp"
#include "tests/support/memory_store.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <deque>

namespace trawl::crawl {
namespace {

NewUrl url(const std::string& path, int depth, std::optional<Errc> excluded = {}) {
  return {.url = "http://h" + path, .host = "h", .depth = depth, .excluded = excluded};
}

coro::Task<std::vector<Published>> open_and_commit(Committer& committer, std::vector<NewUrl> urls) {
  auto opening = committer.open();
  co_await std::move(opening);
  Commit commit;
  commit.admitted = std::move(urls);
  auto committing = committer.commit(std::move(commit));
  auto published = co_await std::move(committing);
  co_return published;
}

// A run of its own on the store, as after a restart.
std::vector<Published> admit(test::MemoryStore& store, std::vector<NewUrl> urls) {
  Committer committer{store, nullptr};
  auto published = coro::run_root(open_and_commit(committer, std::move(urls)));
  EXPECT_EQ(committer.totals(), store.totals());
  return published;
}

coro::Task<int> commit_each(Committer& committer, std::vector<NewUrl> urls) {
  int failed = 0;
  for (NewUrl& url : urls) {
    Commit commit;
    commit.admitted.push_back(std::move(url));
    try {
      auto committing = committer.commit(std::move(commit));
      co_await std::move(committing);
    } catch (const Failure&) {
      ++failed;
    }
  }
  co_return failed;
}

// What it knows of URLs is ahead of the store then: "/far" counts as refused, "/a" as seen.
TEST(Committer, NothingIsCommittedAfterAFailure) {
  test::MemoryStore store;
  Committer committer{store, nullptr};
  coro::run_root(committer.open());
  EXPECT_EQ(coro::run_root(commit_each(committer, {url("/", 0)})), 0);
  store.fail_next(Error{Errc::io, "the disk is broken"});
  EXPECT_EQ(coro::run_root(commit_each(
                committer, {url("/far", 9, Errc::depth), url("/far", 1), url("/a", 1)})),
            3);
  EXPECT_EQ(store.totals(), StoreTotals{.queued = 1});
}

// Ten visits on their way, whose commits come at about one time.
TEST(Committer, WhatIsOnItsWayTogetherIsCommittedTogether) {
  test::MemoryStore store;
  Committer committer{store, nullptr};
  coro::run_root(committer.open());
  constexpr std::size_t visits = 10;
  std::deque<Committer::Expected> expected;
  std::vector<coro::Task<std::vector<Published>>> commits;
  for (std::size_t i = 0; i < visits; ++i) {
    expected.emplace_back(committer);
    Commit commit;
    commit.admitted.push_back(url(fmt::format("/{}", i), 0));
    commits.push_back(committer.commit(std::move(commit)));
  }
  EXPECT_EQ(coro::run_root(coro::gather(std::move(commits))).size(), visits);
  EXPECT_EQ(store.totals(), StoreTotals{.queued = visits});
  EXPECT_LE(committer.commit_seconds().count, visits / 2);
}

// Others that come to nothing hold nobody up for long.
TEST(Committer, ACommitThatStaysAloneIsCommitted) {
  test::MemoryStore store;
  Committer committer{store, nullptr};
  coro::run_root(committer.open());
  std::deque<Committer::Expected> expected;
  for (int i = 0; i < 10; ++i) expected.emplace_back(committer);
  EXPECT_EQ(coro::run_root(commit_each(committer, {url("/a", 0), url("/b", 0)})), 0);
  EXPECT_EQ(store.totals(), StoreTotals{.queued = 2});
}

TEST(Committer, WithinOneBatchTheNearerWayWins) {
  test::MemoryStore store;
  const auto published = admit(store, {url("/a", 9, Errc::depth), url("/b", 1),
                                       url("/a", 9, Errc::depth), url("/a", 2), url("/a", 1)});
  ASSERT_EQ(published.size(), 2U);
  EXPECT_EQ(store.totals(), StoreTotals{.queued = 2});
  EXPECT_EQ(store.record("http://h/a")->depth, 2);
}

TEST(Committer, ARefusalForDepthGivesWayToASeedOfALaterRun) {
  test::MemoryStore store;
  EXPECT_TRUE(admit(store, {url("/a", 9, Errc::depth)}).empty());
  EXPECT_TRUE(admit(store, {url("/a", 8, Errc::depth)}).empty());
  EXPECT_EQ(store.totals(), StoreTotals{.excluded = 1});
  EXPECT_EQ(admit(store, {url("/a", 0)}).size(), 1U);
  EXPECT_TRUE(admit(store, {url("/a", 0), url("/a", 9, Errc::depth)}).empty());
  EXPECT_EQ(store.totals(), StoreTotals{.queued = 1});
}

coro::Task<> leave_out(Committer& committer, UrlId id) {
  Commit commit;
  commit.update =
      UrlUpdate{.id = id, .outcome = {.state = UrlState::excluded, .error = Errc::scope}};
  auto committing = committer.commit(std::move(commit));
  co_await std::move(committing);
}

coro::Task<std::vector<Published>> judge_anew(Committer& committer) {
  auto reading = committer.refusals(UrlId{});
  auto refused = co_await std::move(reading);
  Commit commit;
  for (RefusedUrl& one : refused) commit.admitted.push_back(std::move(one.url));
  auto committing = committer.commit(std::move(commit));
  auto published = co_await std::move(committing);
  co_return published;
}

// Or else a rule that only its turn knows would have it refused and queued again for ever.
TEST(Committer, WhatIsRefusedAtItsTurnIsAdmittedAnewOnceInARun) {
  test::MemoryStore store;
  const UrlId id = admit(store, {url("/a", 1)}).at(0).url.id;
  Committer committer{store, nullptr};
  coro::run_root(committer.open());
  coro::run_root(leave_out(committer, id));
  const auto published = coro::run_root(judge_anew(committer));
  ASSERT_EQ(published.size(), 1U);
  EXPECT_EQ(store.totals(), StoreTotals{.queued = 1});
  EXPECT_TRUE(coro::run_root(judge_anew(committer)).empty());
  coro::run_root(leave_out(committer, published[0].url.id));
  EXPECT_TRUE(coro::run_root(judge_anew(committer)).empty());
  EXPECT_EQ(store.totals(), StoreTotals{.excluded = 1});
  EXPECT_EQ(committer.totals(), store.totals());
}

TEST(Committer, ARefusalStaysUntilTheUrlIsAdmitted) {
  test::MemoryStore store;
  admit(store, {url("/a", 9, Errc::depth)});
  EXPECT_TRUE(admit(store, {url("/a", 1, Errc::scope)}).empty());
  EXPECT_EQ(store.record("http://h/a")->outcome.error, Errc::depth);
  EXPECT_EQ(admit(store, {url("/a", 0)}).size(), 1U);
  EXPECT_EQ(store.totals(), StoreTotals{.queued = 1});
}

}  // namespace
}  // namespace trawl::crawl
