// URLs that have mirrors need not wait for a host that is to be left alone for long.
#include "core/crawl/hosts/frontier.hpp"
#include "virtual_time.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace trawl::crawl {
namespace {

const SharedRequest mirrored = share({.mirrors = {"http://other.test/"}});

QueuedUrl file_url(std::int64_t seq) {
  QueuedUrl url = queued_url(1, seq);
  url.request = mirrored;
  return url;
}

HostAccess access(const Acquired& acquired) {
  return std::get<Lease>(acquired).access;
}

}  // namespace

TEST(FrontierMirrors, TheyGoOutWhileTheirHostIsLeftAlone) {
  Frontier frontier(1);
  for (std::int64_t seq = 1; seq <= 3; ++seq) frontier.push(1, "h1.test", file_url(seq));
  const auto first = frontier.acquire(at_ms(0));
  ASSERT_EQ(leased(first), 1);
  EXPECT_EQ(access(first), HostAccess::turn);
  frontier.block(1, at_ms(60'000));
  frontier.release(1, at_ms(50));
  const auto second = frontier.acquire(at_ms(60));
  ASSERT_EQ(leased(second), 2);
  EXPECT_EQ(access(second), HostAccess::waits);
  EXPECT_TRUE(is_idle(frontier.acquire(at_ms(61))));  // one at a time all the same
  frontier.release(1, Mono::min());
  EXPECT_EQ(leased(frontier.acquire(at_ms(62))), 3);
}

TEST(FrontierMirrors, AsManyAtOnceAsElse) {
  Frontier frontier(2);
  for (std::int64_t seq = 1; seq <= 3; ++seq) frontier.push(1, "h1.test", file_url(seq));
  frontier.block(1, at_ms(60'000));
  EXPECT_EQ(leased(frontier.acquire(at_ms(0))), 1);
  EXPECT_EQ(leased(frontier.acquire(at_ms(0))), 2);
  EXPECT_TRUE(is_idle(frontier.acquire(at_ms(0))));
}

TEST(FrontierMirrors, AShortWaitIsTheirsToo) {
  Frontier frontier(1);
  frontier.push(1, "h1.test", file_url(1));
  frontier.push(1, "h1.test", file_url(2));
  EXPECT_EQ(leased(frontier.acquire(at_ms(0))), 1);
  frontier.release(1, at_ms(5'000));
  EXPECT_EQ(wake_ms(frontier.acquire(at_ms(1))), 5'000);
  const auto next = frontier.acquire(at_ms(5'000));
  ASSERT_EQ(leased(next), 2);
  EXPECT_EQ(access(next), HostAccess::turn);
  frontier.release(1, at_ms(3'605'000));  // Retry-After
  frontier.push(1, "h1.test", file_url(3));
  EXPECT_EQ(access(frontier.acquire(at_ms(5'001))), HostAccess::waits);
}

TEST(FrontierMirrors, OneWithoutThemOrThatNeedsItsHostWaits) {
  QueuedUrl needs = file_url(1);
  needs.needs_host = true;
  for (const QueuedUrl& url : {queued_url(1, 1), needs}) {
    Frontier frontier(1);
    frontier.push(1, "h1.test", url);
    frontier.block(1, at_ms(60'000));
    EXPECT_EQ(wake_ms(frontier.acquire(at_ms(0))), 60'000);
    EXPECT_EQ(access(frontier.acquire(at_ms(60'000))), HostAccess::turn);
  }
}

// Its turn was for its mirrors when it was given, and comes when the host has not long to wait.
TEST(FrontierMirrors, WhoComesLateForATurnWaitsForTheHostAfterAll) {
  Frontier frontier(1);
  frontier.push(1, "h1.test", file_url(1));
  frontier.block(1, at_ms(60'000));
  EXPECT_EQ(wake_ms(frontier.acquire(at_ms(56'000))), 60'000);
  EXPECT_EQ(access(frontier.acquire(at_ms(60'000))), HostAccess::turn);
}

TEST(FrontierMirrors, OneThatWaitsForItsNextAttemptIsNoneUntilThen) {
  Frontier frontier(1);
  frontier.push(1, "h1.test", file_url(1));
  frontier.block(1, at_ms(60'000));
  auto acquired = frontier.acquire(at_ms(0));
  ASSERT_EQ(leased(acquired), 1);
  frontier.retry(std::move(std::get<Lease>(acquired).url), at_ms(7'000));
  frontier.release(1, Mono::min());
  EXPECT_EQ(wake_ms(frontier.acquire(at_ms(1))), 7'000);
  EXPECT_EQ(access(frontier.acquire(at_ms(7'000))), HostAccess::waits);
}

TEST(FrontierMirrors, ADrainedHostLeavesThemToTheirMirrors) {
  Frontier frontier(1);
  frontier.push(1, "h1.test", file_url(1));
  frontier.drain(1, at_ms(60'000));
  EXPECT_EQ(access(frontier.acquire(at_ms(0))), HostAccess::given_up);
}

}  // namespace trawl::crawl
