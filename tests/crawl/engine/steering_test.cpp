// What is done to a run while it goes on, over sockets.
#include "core/coro/loop.hpp"
#include "core/crawl/job/rules_digest.hpp"
#include "tests/crawl/engine/crawl_run.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <thread>

namespace trawl::crawl {
namespace {

using support::LoopbackServer;
using support::Reply;
using support::SeenRequest;
using test::MemoryStore;
using testing::Contains;
using testing::ElementsAre;

void wait_until(const std::function<bool()>& holds) {
  const auto begun = system_clock().now();
  while (!holds() && system_clock().now() - begun < std::chrono::seconds(20))
    std::this_thread::sleep_for(Millis{2});
  ASSERT_TRUE(holds());
}

JobSpec list_job(const LoopbackServer& server, int pages) {
  auto job = impatient_job({});
  for (int i = 0; i < pages; ++i) job.seeds.urls.push_back(server.url(fmt::format("/{}", i)));
  job.mode = JobMode::fetch;
  job.robots.policy = RobotsPolicy::ignore;
  return job;
}

// Its start page links to 50 pages that take a moment, half of them in /1/.
JobSpec job_of_two_folders(LoopbackServer& server) {
  std::string links;
  for (int i = 0; i < 50; ++i) links += fmt::format(R"(<a href="/{}/{}">x</a>)", i % 2, i);
  server.on("/", Reply{.body = links});
  server.otherwise([](const SeenRequest&) { return Reply{.body = "page", .delay = Millis{10}}; });
  auto job = impatient_job({server.url("/")});
  job.politeness.per_host = 1;
  job.robots.policy = RobotsPolicy::ignore;
  return job;
}

Result<Pushed> push(Crawler& crawler, std::vector<std::string> urls) {
  return coro::run_root(crawler.push(std::move(urls)));
}

TEST(Steering, PushedUrlsAreFetchedAndCountedOnce) {
  LoopbackServer server;
  server.otherwise([](const SeenRequest&) { return Reply{.body = "page", .delay = Millis{200}}; });
  auto job = list_job(server, 2);
  MemoryStore store;
  CrawlRun run{job, store};
  wait_until([&] { return server.count() > 0; });
  const auto pushed =
      push(run.crawler(), {server.url("/a"), server.url("/b"), server.url("/0"), "no url",
                           fmt::format(R"({{"url": "{}", "method": "POST"}})", server.url("/c"))});
  ASSERT_TRUE(pushed);
  EXPECT_EQ(*pushed, (Pushed{.added = 3, .known = 1, .invalid = 1}));
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(store.totals(),
            (StoreTotals{.fetched = 5, .excluded = 1, .bytes_wire = store.totals().bytes_wire}));
  EXPECT_EQ(store.record("no url")->outcome.error_detail.substr(0, 10), "pushed:4: ");
  const auto late = push(run.crawler(), {server.url("/late")});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Errc::cancelled);
}

// What was answered for is fetched by the same run, however close its end is.
TEST(Steering, APushIsNeverLostToTheEndOfTheRun) {
  LoopbackServer server;
  server.otherwise([](const SeenRequest&) { return Reply{.body = "page"}; });
  std::size_t accepted = 0;
  for (int round = 0; round < 40; ++round) {
    const auto job = list_job(server, 3);
    MemoryStore store;
    CrawlRun run{job, store};
    std::this_thread::sleep_for(std::chrono::microseconds{round * 250});
    const auto pushed = push(run.crawler(), {server.url("/pushed")});
    EXPECT_EQ(run.wait().reason, StopReason::done);
    EXPECT_EQ(store.totals().queued, 0U);
    EXPECT_EQ(store.totals().fetched, pushed ? 4U : 3U);
    accepted += pushed ? 1 : 0;
  }
  EXPECT_GT(accepted, 0U);
}

// It is at its limit from the start, and what is brought to it waits for a larger one.
TEST(Steering, WhatIsPushedToARunThatItsLimitEndsIsQueuedOrRefusedAndTheAnswerSaysWhich) {
  LoopbackServer server;
  server.otherwise([](const SeenRequest&) { return Reply{.body = "page"}; });
  auto job = list_job(server, 2);
  job.limits.pages = 1;
  MemoryStore store;
  EXPECT_EQ((CrawlRun{job, store}.wait().reason), StopReason::limit);
  int accepted = 0;
  for (int i = 0; i < 30; ++i) {
    const auto url = server.url(fmt::format("/pushed{}", i));
    CrawlRun run{job, store};
    const auto pushed = push(run.crawler(), {url});
    EXPECT_EQ(run.wait().reason, StopReason::limit);
    EXPECT_EQ(pushed.has_value(), store.record(url).has_value()) << i;
    accepted += pushed ? 1 : 0;
  }
  EXPECT_GT(accepted, 0);
}

TEST(Steering, APushThatIsGivenUpDoesNotKeepTheRunFromEnding) {
  LoopbackServer server;
  server.otherwise([](const SeenRequest&) { return Reply{.body = "page"}; });
  const auto job = list_job(server, 1);
  MemoryStore store;
  CrawlRun run{job, store};
  {
    auto never_begun = run.crawler().push({server.url("/x")});
    wait_until([&] { return run.crawler().progress().totals.fetched == 1; });
    std::this_thread::sleep_for(Millis{50});
    EXPECT_FALSE(run.crawler().progress().seeding);
  }
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(store.totals().fetched, 1U);
}

TEST(Steering, APushWidensTheScopeAsASeedDoes) {
  LoopbackServer server, other;
  server.otherwise([](const SeenRequest&) { return Reply{.body = "page", .delay = Millis{200}}; });
  other.on("/start", Reply{.body = R"(<a href="/next">next</a>)"});
  other.on("/next", Reply{.body = "page"});
  auto job = impatient_job({server.url("/")});
  MemoryStore store;
  CrawlRun run{job, store};
  EXPECT_EQ(push(run.crawler(), {other.url("/start")}).value_or(Pushed{}).added, 1U);
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(store.record(other.url("/next"))->outcome.state, UrlState::fetched);
}

TEST(Steering, AShorterDelayHoldsAtOnce) {
  LoopbackServer server;
  server.otherwise([](const SeenRequest&) { return Reply{.body = "page"}; });
  auto job = list_job(server, 20);
  job.politeness.delay = std::chrono::minutes(10);
  job.politeness.delay_max = std::chrono::minutes(10);
  job.politeness.per_host = 1;
  MemoryStore store;
  CrawlRun run{job, store};
  wait_until([&] { return server.count() == 1; });
  auto settings = live_settings(job);
  settings.politeness.delay = Millis{5};
  EXPECT_TRUE(run.crawler().change(settings));
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(store.totals().fetched, 20U);
}

TEST(Steering, SmallPagesTooComeNoFasterThanTheBandwidth) {
  LoopbackServer server;
  server.otherwise([](const SeenRequest&) { return Reply{.body = std::string(10'000, 'x')}; });
  auto job = list_job(server, 40);
  job.limits.bandwidth = 400'000;
  MemoryStore store;
  const Mono begun = system_clock().now();
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(store.totals().fetched, 40U);
  EXPECT_GE(system_clock().now() - begun, Millis{500});
}

// At the first speed it would take minutes.
TEST(Steering, AnotherBandwidthHoldsForBodiesOnTheirWay) {
  LoopbackServer server;
  server.on("/0", Reply{.body = std::string(16 << 20, 'x')});
  auto job = list_job(server, 1);
  job.limits.bandwidth = 64 * 1024;
  MemoryStore store;
  CrawlRun run{job, store};
  wait_until([&] { return server.count() == 1; });
  auto settings = live_settings(job);
  settings.limits.bandwidth.reset();
  EXPECT_TRUE(run.crawler().change(settings));
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(store.record(server.url("/0"))->outcome.bytes_body, 16U << 20);
}

// The wait after a fetch is the one that holds when it ends.
TEST(Steering, AShorterDelayHoldsForTheFetchThatIsInFlight) {
  LoopbackServer server;
  server.otherwise([](const SeenRequest& seen) {
    return Reply{.body = "page", .delay = Millis{seen.path == "/0" ? 300 : 0}};
  });
  auto job = list_job(server, 3);
  job.politeness.delay = std::chrono::minutes(10);
  job.politeness.delay_max = std::chrono::minutes(10);
  MemoryStore store;
  CrawlRun run{job, store};
  wait_until([&] { return server.count() == 1; });
  auto settings = live_settings(job);
  settings.politeness.delay = Millis{5};
  EXPECT_TRUE(run.crawler().change(settings));
  EXPECT_EQ(run.crawler().progress().totals.fetched, 0U);
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(store.totals().fetched, 3U);
}

TEST(Steering, AChangedLimitStopsOrLetsGoOn) {
  LoopbackServer server;
  server.otherwise([](const SeenRequest&) { return Reply{.body = "page", .delay = Millis{10}}; });
  auto job = list_job(server, 100);
  job.politeness.per_host = 1;
  job.limits.pages = 10;
  MemoryStore store;
  CrawlRun run{job, store};
  wait_until([&] { return server.count() >= 3; });
  auto settings = live_settings(job);
  settings.limits.pages = 20;
  EXPECT_TRUE(run.crawler().change(settings));
  wait_until([&] { return run.crawler().progress().totals.fetched > 12; });
  settings.limits.pages = 5;
  EXPECT_TRUE(run.crawler().change(settings));
  const auto end = run.wait();
  EXPECT_EQ(end.reason, StopReason::limit);
  EXPECT_EQ(end.detail, "limits.pages = 5");
  EXPECT_LE(store.totals().fetched, 20U);
}

TEST(Steering, QueuedUrlsThatTheScopeExcludesNowAreNotFetched) {
  LoopbackServer server;
  const auto job = job_of_two_folders(server);
  MemoryStore store;
  CrawlRun run{job, store};
  wait_until([&] { return server.count() >= 5; });
  auto settings = live_settings(job);
  settings.exclude = {"re:["};
  const auto refused = run.crawler().change(settings);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::config);
  settings.exclude = {"*/1/*"};
  EXPECT_TRUE(run.crawler().change(settings));
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_GE(store.totals().excluded, 15U);
  EXPECT_EQ(store.totals().fetched + store.totals().excluded, 51U);
  const auto last = store.record(server.url("/1/49"));
  EXPECT_EQ(last->outcome.state, UrlState::excluded);
  EXPECT_EQ(last->outcome.error, Errc::scope);
  EXPECT_EQ(last->outcome.error_detail, "exclude */1/*");
  EXPECT_EQ(store.record(server.url("/0/48"))->outcome.state, UrlState::fetched);
}

TEST(Steering, NothingIsBegunAfterAStop) {
  LoopbackServer server;
  server.otherwise([](const SeenRequest&) { return Reply{.body = "page", .delay = Millis{10}}; });
  auto job = list_job(server, 100);
  job.politeness.per_host = 1;
  MemoryStore store;
  CrawlRun run{job, store};
  wait_until([&] { return server.count() >= 3; });
  run.crawler().stop();
  const auto asked = server.count();
  EXPECT_EQ(run.wait().reason, StopReason::interrupted);
  EXPECT_LE(server.count(), asked + 2);
}

TEST(Steering, WhatAChangedScopeExcludedIsJudgedByTheNextRunAlsoAfterAStop) {
  LoopbackServer server;
  const auto job = job_of_two_folders(server);
  MemoryStore store;
  store.apply(
      {.meta = {{rules_key, rules_digest(job)}, {passing_rules_key, passing_rules_digest(job)}}});
  {
    CrawlRun run{job, store};
    wait_until([&] { return server.count() >= 5; });
    auto settings = live_settings(job);
    settings.exclude = {"*/1/*"};
    EXPECT_TRUE(run.crawler().change(settings));
    wait_until([&] { return run.crawler().progress().totals.excluded >= 3; });
    run.crawler().stop();
    EXPECT_EQ(run.wait().reason, StopReason::interrupted);
  }
  EXPECT_EQ(CrawlRun(job, store).wait().reason, StopReason::done);
  EXPECT_EQ(store.totals().fetched, 51U);
}

TEST(Steering, ADeadHostAndItsRecoveryAreTold) {
  LoopbackServer server;
  std::atomic<int> asked = 0;
  server.otherwise([&](const SeenRequest&) {
    return ++asked <= 4 ? support::reset_before_head() : Reply{.body = "page"};
  });
  auto job = list_job(server, 12);
  job.politeness.per_host = 1;
  job.fetch.host_breaker = BreakerSpec{.failures = 3, .pause = Millis{50}};
  MemoryStore store;
  std::mutex mutex;
  std::vector<HostEvent> events;
  CrawlRun run{job, store, CrawlRun::Process{.on_host_event = [&](const HostEvent& event) {
                 const std::lock_guard lock{mutex};
                 events.push_back(event);
               }}};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  std::vector<HostMood> moods;
  for (const auto& event : events) moods.push_back(event.state);
  EXPECT_THAT(moods, ElementsAre(HostMood::left_alone, HostMood::left_alone, HostMood::well));
  EXPECT_EQ(events[0].host, fmt::format("127.0.0.1:{}", server.port()));
}

TEST(Steering, MetricsCountWhatCameOfEachLease) {
  LoopbackServer server;
  server.on("/", Reply{.body = R"(<a href="/ok">x</a><a href="/missing">x</a><a href="/flaky">x</a>
                      <a href="http://elsewhere.test/">x</a>)"});
  server.on("/ok", Reply{.body = "page"});
  std::atomic<int> asked = 0;
  server.on("/flaky", [&](const SeenRequest&) {
    return ++asked == 1 ? Reply{.status = 503} : Reply{.body = "page"};
  });
  auto job = impatient_job({server.url("/")});
  MemoryStore store;
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  const CrawlMetrics metrics = run.crawler().metrics();
  const auto fetches = [&](FetchOutcome outcome) {
    return metrics.fetches[static_cast<std::size_t>(outcome)];
  };
  EXPECT_EQ(fetches(FetchOutcome::status_2xx), 3U);
  EXPECT_EQ(fetches(FetchOutcome::status_4xx), 1U);
  EXPECT_EQ(fetches(FetchOutcome::retried), 1U);
  EXPECT_EQ(fetches(FetchOutcome::failed), 0U);
  EXPECT_EQ(metrics.fetch_seconds.count, 5U);
  EXPECT_EQ(metrics.phase_seconds[static_cast<std::size_t>(FetchPhase::first_byte)].count, 5U);
  EXPECT_GT(metrics.bytes_received, store.totals().bytes_wire);
  EXPECT_GT(metrics.bytes_sent, 4U * 50);
  EXPECT_GE(metrics.commit_seconds.count, 4U);
}

}  // namespace
}  // namespace trawl::crawl
