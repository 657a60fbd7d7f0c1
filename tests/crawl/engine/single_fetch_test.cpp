// One URL now, on a loop of its own, beside jobs of the same process.
#include "core/crawl/engine/single_fetch.hpp"

#include "core/coro/gather.hpp"
#include "core/coro/loop.hpp"
#include "tests/crawl/engine/crawl_run.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace trawl::crawl {
namespace {

using support::LoopbackServer;
using support::Reply;
using support::SeenRequest;
using test::MemoryStore;
using testing::HasSubstr;
using Fetched = Result<SingleFetch::Fetched>;

coro::Task<Fetched> fetch_with(const JobSpec& job, PolitenessBuckets& buckets, std::string url,
                               Millis timeout) {
  SingleFetch single{co_await coro::asio::this_coro::executor,
                     {.job = job, .buckets = buckets, .clock = system_clock()}};
  auto fetching = single.fetch(std::move(url), timeout);
  co_return co_await std::move(fetching);
}

Fetched fetch(const JobSpec& job, PolitenessBuckets& buckets, std::string url,
              Millis timeout = Millis{10'000}) {
  return coro::run_root(fetch_with(job, buckets, std::move(url), timeout));
}

TEST(SingleFetch, GivesTheRecordAndTheBody) {
  LoopbackServer server;
  server.on("/", Reply{.body = "<title>A page</title>"});
  PolitenessBuckets buckets;
  const auto fetched = fetch(impatient_job({}), buckets, server.url("/#part"));
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->record.url, server.url("/"));
  EXPECT_EQ(fetched->record.outcome.state, UrlState::fetched);
  EXPECT_EQ(fetched->record.outcome.status, 200);
  EXPECT_EQ(fetched->record.outcome.title, "A page");
  EXPECT_EQ(fetched->record.outcome.ip, "127.0.0.1");
  EXPECT_EQ(fetched->body, "<title>A page</title>");
  EXPECT_FALSE(fetched->body_cut);
  EXPECT_EQ(server.count("/robots.txt"), 1U);
}

TEST(SingleFetch, FollowsNoRedirectAndSaysWhereItGoes) {
  LoopbackServer server;
  server.on("/", Reply{.status = 302, .headers = {{"Location", "/other"}}});
  PolitenessBuckets buckets;
  const auto fetched = fetch(impatient_job({}), buckets, server.url("/"));
  EXPECT_EQ(fetched.value().record.outcome.redirect_to, server.url("/other"));
  EXPECT_EQ(server.count("/other"), 0U);
}

TEST(SingleFetch, ObeysRobotsTxtAndTheGuard) {
  LoopbackServer server;
  server.on("/robots.txt", Reply{.body = "User-agent: *\nDisallow: /closed\n"});
  PolitenessBuckets buckets;
  auto job = impatient_job({});
  auto fetched = fetch(job, buckets, server.url("/closed"));
  EXPECT_EQ(fetched.value().record.outcome.state, UrlState::excluded);
  EXPECT_EQ(fetched.value().record.outcome.error, Errc::robots);
  EXPECT_EQ(server.count("/closed"), 0U);
  job.fetch.allow_private_networks.clear();
  job.robots.policy = RobotsPolicy::ignore;
  fetched = fetch(job, buckets, server.url("/open"));
  EXPECT_EQ(fetched.value().record.outcome.error, Errc::private_address);
  EXPECT_EQ(fetched.value().record.outcome.state, UrlState::excluded);
  EXPECT_EQ(server.count("/open"), 0U);
}

TEST(SingleFetch, WhatIsNoUrlIsAnError) {
  PolitenessBuckets buckets;
  EXPECT_FALSE(fetch(impatient_job({}), buckets, "no url"));
  EXPECT_FALSE(fetch(impatient_job({}), buckets, "ftp://example.org/"));
}

TEST(SingleFetch, IsOverWhenItsTimeIs) {
  LoopbackServer server;
  server.on("/", support::never_answer());
  PolitenessBuckets buckets;
  auto job = impatient_job({});
  job.robots.policy = RobotsPolicy::ignore;
  const auto begun = system_clock().now();
  const auto fetched = fetch(job, buckets, server.url("/"), Millis{200});
  EXPECT_EQ(fetched.value().record.outcome.state, UrlState::failed);
  EXPECT_EQ(fetched.value().record.outcome.error, Errc::total_timeout);
  EXPECT_LT(system_clock().now() - begun, Millis{5'000});
}

TEST(SingleFetch, ALargeBodyIsCut) {
  LoopbackServer server;
  server.on("/", Reply{.body = std::string(3'000'000, 'x')});
  PolitenessBuckets buckets;
  auto job = impatient_job({});
  job.fetch.max_body_bytes = 1'000'000;
  const auto fetched = fetch(job, buckets, server.url("/"));
  EXPECT_EQ(fetched.value().body.size(), 1'000'000U);
  EXPECT_TRUE(fetched.value().body_cut);
  EXPECT_TRUE(fetched.value().record.outcome.truncated);
}

// It waits for its turn on the host of a job, and gets it.
TEST(SingleFetch, KeepsTheDelayBetweenItselfAndAJob) {
  LoopbackServer server;
  server.otherwise([](const SeenRequest&) { return Reply{.body = "page", .delay = Millis{10}}; });
  auto job = impatient_job({});
  for (int i = 0; i < 12; ++i) job.seeds.urls.push_back(server.url(fmt::format("/{}", i)));
  job.mode = JobMode::fetch;
  job.robots.policy = RobotsPolicy::ignore;
  job.politeness.delay = Millis{60};
  job.politeness.per_host = 1;
  PolitenessBuckets buckets;
  MemoryStore store;
  CrawlRun run{job, store, &buckets};
  while (server.count() < 2) std::this_thread::sleep_for(Millis{1});
  const auto fetched = fetch(job, buckets, server.url("/single"));
  EXPECT_EQ(fetched.value().record.outcome.status, 200);
  EXPECT_LT(server.count(), 13U);  // the job was not done yet
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(server.at_once_max(), 1U);
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 13U);
  for (std::size_t i = 1; i < requests.size(); ++i)
    EXPECT_GE(requests[i].time - requests[i - 1].time, Millis{69}) << i;
}

coro::Task<> fetch_twice(const JobSpec& job, PolitenessBuckets& buckets, std::string url) {
  coro::SharedPlaces places{1};
  {
    SingleFetch single{
        co_await coro::asio::this_coro::executor,
        {.job = job, .buckets = buckets, .clock = system_clock(), .places = &places}};
    auto one = single.fetch(url, Millis{10'000});
    auto other = single.fetch(url, Millis{10'000});
    auto both = coro::gather(std::move(one), std::move(other));
    const auto [first, second] = co_await std::move(both);
    EXPECT_EQ(first.value().record.outcome.status, 200);
    EXPECT_EQ(second.value().record.outcome.status, 200);
  }
  EXPECT_EQ(places.taken(), 0U);
}

TEST(SingleFetch, TwoAtOnceAskForRobotsTxtOnce) {
  LoopbackServer server;
  server.on("/robots.txt", Reply{.body = "User-agent: *\nDisallow: /closed\n"});
  server.on("/", Reply{.body = "page", .delay = Millis{20}});
  PolitenessBuckets buckets;
  coro::run_root(fetch_twice(impatient_job({}), buckets, server.url("/")));
  EXPECT_EQ(server.count("/robots.txt"), 1U);
  EXPECT_EQ(server.at_once_max(), 1U);
}

}  // namespace
}  // namespace trawl::crawl
