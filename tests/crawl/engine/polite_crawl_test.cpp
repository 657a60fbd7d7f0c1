// What servers see of several jobs, and of hosts that are not well; over sockets, on the system's
// clock. The rules themselves are tested in virtual time (tests/crawl/hosts).
#include "tests/crawl/engine/polite_run.hpp"

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

TEST(PoliteCrawl, TwoJobsOnOneHostKeepTheDelayBetweenAnyTwoRequests) {
  LoopbackServer server;
  server.otherwise([](const SeenRequest&) { return Reply{.body = "page", .delay = Millis{20}}; });
  const auto one = list_job(server, "one", 4, Millis{100});
  const auto other = list_job(server, "other", 4, Millis{100});
  PolitenessBuckets buckets;
  MemoryStore store, other_store;
  CrawlRun run{one, store, &buckets}, other_run{other, other_store, &buckets};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(other_run.wait().reason, StopReason::done);
  EXPECT_EQ(store.totals().fetched + other_store.totals().fetched, 8U);
  const auto times = times_of({&server});
  ASSERT_EQ(times.size(), 10U);  // robots.txt twice, and it counts like any other
  for (std::size_t i = 1; i < times.size(); ++i)
    EXPECT_GE(times[i] - times[i - 1], Millis{119}) << i;  // the answer takes 20 ms
  EXPECT_EQ(server.at_once_max(), 1U);
}

TEST(PoliteCrawl, TheWaitAfterRobotsIsThatOfTheNextRunToo) {
  LoopbackServer server;
  server.otherwise([](const SeenRequest&) { return Reply{.body = "page"}; });
  const auto job = list_job(server, "one", 1, Millis{60'000});
  MemoryStore store;
  CrawlRun run{job, store};
  wait_until([&] { return run.crawler().progress().hosts_waiting == 1; });
  wait_until([&] { return run.crawler().host_waits().size() == 1; });
  EXPECT_EQ(run.crawler().host_waits().front().what, WaitFor::pace);
  run.crawler().keep_meta("note", "kept");
  std::this_thread::sleep_for(Millis{700});  // two rounds of the crawler's watch
  run.crawler().stop();
  run.wait();
  EXPECT_EQ(store.meta("note"), "kept");
  EXPECT_EQ(server.count(), 1U) << "robots.txt alone";
  ASSERT_EQ(store.hosts().size(), 1U);
  const Wall next{Millis{store.hosts()[0].next_fetch_ms}};
  EXPECT_GT(next, system_clock().wall() + Millis{30'000});
}

TEST(PoliteCrawl, AJobWithALongerDelayGetsOnBesideAQuickOne) {
  LoopbackServer server;
  server.otherwise([](const SeenRequest&) { return Reply{.body = "page"}; });
  const auto quick = list_job(server, "quick", 300, Millis{30});
  const auto slow = list_job(server, "slow", 5, Millis{150});
  PolitenessBuckets buckets;
  MemoryStore store, slow_store;
  CrawlRun run{quick, store, &buckets};
  wait_until([&] { return server.count() > 5; });
  CrawlRun slow_run{slow, slow_store, &buckets};
  EXPECT_EQ(slow_run.wait().reason, StopReason::done);
  EXPECT_EQ(slow_store.totals().fetched, 5U);
  EXPECT_GT(run.crawler().progress().totals.queued, 0U) << "it did not wait for the end";
  run.crawler().stop();
  run.wait();
  const auto requests = server.requests();
  int of_quick = 0;
  for (std::size_t i = 1; i < requests.size(); ++i) {
    const bool is_slow = requests[i].path.starts_with("/slow");
    of_quick += is_slow ? 0 : 1;
    EXPECT_GE(requests[i].time - requests[i - 1].time, is_slow ? Millis{149} : Millis{29}) << i;
  }
  EXPECT_GE(of_quick, 12);
}

TEST(PoliteCrawl, TwoHostsOnOneAddressAreNeverAskedAtOnceWithPerIpOne) {
  constexpr Millis answer_time{40};
  LoopbackServer servers[2];
  std::vector<JobSpec> jobs;
  for (auto& server : servers) {
    server.otherwise(
        [=](const SeenRequest&) { return Reply{.body = "page", .delay = answer_time}; });
    jobs.push_back(list_job(server, "p", 4, Millis{0}));
    jobs.back().politeness.per_ip = 1;
  }
  PolitenessBuckets buckets;
  MemoryStore stores[2];
  CrawlRun run{jobs[0], stores[0], &buckets}, other{jobs[1], stores[1], &buckets};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(other.wait().reason, StopReason::done);
  const auto times = times_of({&servers[0], &servers[1]});
  ASSERT_EQ(times.size(), 10U);
  for (std::size_t i = 1; i < times.size(); ++i)
    EXPECT_GE(times[i] - times[i - 1], answer_time - Millis{1}) << i;
}

TEST(PoliteCrawl, APausedJobHoldsTheOtherUpForAMomentOnly) {
  LoopbackServer server;
  server.otherwise([](const SeenRequest&) { return Reply{.body = "page"}; });
  const auto one = list_job(server, "one", 30, Millis{20});
  const auto other = list_job(server, "other", 5, Millis{20});
  PolitenessBuckets buckets;
  MemoryStore store, other_store;
  CrawlRun paused{one, store, &buckets}, run{other, other_store, &buckets};
  wait_until([&] { return server.count() > 2; });
  paused.crawler().pause(true);
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_GT(paused.crawler().progress().totals.queued, 0U);
  paused.crawler().stop();
  paused.wait();
}

TEST(PoliteCrawl, ADeadHostIsGivenUpAfterItsProbesAndTheCrawlEnds) {
  LoopbackServer dead, good;
  dead.otherwise([](const SeenRequest&) { return support::reset_before_head(); });
  good.otherwise([](const SeenRequest&) { return Reply{.body = "page"}; });
  auto job = list_job(dead, "d", 40, Millis{0});
  for (int i = 0; i < 10; ++i) job.seeds.urls.push_back(good.url(fmt::format("/g{}", i)));
  job.robots.policy = RobotsPolicy::ignore;
  job.fetch.host_breaker = BreakerSpec{.failures = 3, .pause = Millis{100}};
  MemoryStore store;
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(store.totals().failed, 40U);
  EXPECT_EQ(store.totals().fetched, 10U);
  EXPECT_EQ(dead.count(), 3U + limits::breaker_probes_max);  // instead of 160
  std::size_t not_asked = 0;
  for (int i = 0; i < 40; ++i) {
    const auto record = store.record(dead.url(fmt::format("/d{}", i)));
    EXPECT_EQ(record->outcome.error, Errc::reset);
    if (!record->outcome.error_detail.contains("fetch.host_breaker")) continue;
    ++not_asked;
    EXPECT_THAT(record->outcome.error_detail,
                HasSubstr(fmt::format("after {} failures in a row and {} failed probes; the last: "
                                      "reset",
                                      3 + limits::breaker_probes_max, limits::breaker_probes_max)));
  }
  EXPECT_GE(not_asked, 38U);
}

TEST(PoliteCrawl, AHostThatComesBackIsFetchedWhole) {
  LoopbackServer server;
  std::atomic<int> asked = 0;
  server.otherwise([&](const SeenRequest&) {
    return ++asked <= 4 ? support::reset_before_head() : Reply{.body = "page"};
  });
  auto job = list_job(server, "p", 12, Millis{0});
  job.robots.policy = RobotsPolicy::ignore;
  job.fetch.host_breaker = BreakerSpec{.failures = 3, .pause = Millis{50}};
  MemoryStore store;
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(store.totals().fetched, 12U);
  EXPECT_EQ(server.count(), 12U + 4U);
  EXPECT_EQ(run.crawler().progress().hosts_backing_off, 0U);
  EXPECT_EQ(store.hosts().at(0).health, std::nullopt);
}

TEST(PoliteCrawl, AnOpenBreakerIsRememberedOverARestart) {
  LoopbackServer server;
  std::atomic<bool> dead = true;
  server.otherwise([&](const SeenRequest&) {
    return dead ? support::reset_before_head() : Reply{.body = "page"};
  });
  auto job = list_job(server, "p", 5, Millis{0});
  job.robots.policy = RobotsPolicy::ignore;
  job.fetch.host_breaker = BreakerSpec{.failures = 2, .pause = std::chrono::hours(1)};
  MemoryStore store;
  const auto run_for_a_moment = [&] {
    CrawlRun run{job, store};
    wait_until([&] { return run.crawler().progress().hosts_backing_off == 1; });
    std::this_thread::sleep_for(Millis{150});
    run.crawler().stop();
    EXPECT_EQ(run.wait().reason, StopReason::interrupted);
  };
  run_for_a_moment();
  EXPECT_EQ(server.count(), 2U);
  ASSERT_TRUE(store.hosts().at(0).health);
  EXPECT_EQ(store.hosts().at(0).health->failures_in_a_row, 2);
  dead = false;
  run_for_a_moment();
  EXPECT_EQ(server.count(), 2U);
  EXPECT_EQ(store.totals(), StoreTotals{.queued = 5});
}

// Whoever asks for what failed to be fetched again, or wants no breaker, need not wait for one; and
// what the store remembers of it ends with the first answer.
TEST(PoliteCrawl, AnOpenBreakerOfAnEarlierRunEndsWithTheFirstAnswer) {
  for (const bool asked_again : {true, false}) {
    LoopbackServer server;
    std::atomic<bool> dead = true;
    server.otherwise([&](const SeenRequest&) {
      return dead ? support::reset_before_head() : Reply{.body = "page"};
    });
    auto job = list_job(server, "p", 3, Millis{0});
    job.robots.policy = RobotsPolicy::ignore;
    job.fetch.host_breaker = BreakerSpec{.failures = 2, .pause = std::chrono::hours(1)};
    job.fetch.attempts = 1;
    MemoryStore store;
    {
      CrawlRun run{job, store};
      wait_until([&] { return run.crawler().progress().hosts_backing_off == 1; });
      run.crawler().stop();
      run.wait();
    }
    ASSERT_TRUE(store.hosts().at(0).health);
    dead = false;
    if (!asked_again) job.fetch.host_breaker.reset();
    CrawlRun run{job, store, CrawlRun::Process{.again = Again::failed}};
    EXPECT_EQ(run.wait().reason, StopReason::done);
    EXPECT_EQ(store.totals().fetched, 3U);
    const auto health = store.hosts().at(0).health.value_or(HealthRecord{});
    EXPECT_EQ(health.open_until_ms, 0) << asked_again;
  }
}

// docs/faults.md row 44: 429 and 503 with Retry-After pause the host, and its URLs stay queued.
TEST(PoliteCrawl, ARetryAfterHoldsOverARestartAndTheUrlStaysQueued) {
  for (const auto& [status, value] :
       {std::pair{429, "3600"}, std::pair{503, "Fri, 31 Dec 2100 23:59:59 GMT"}}) {
    LoopbackServer server;
    server.otherwise([&](const SeenRequest&) {
      return Reply{.status = status, .headers = {{"Retry-After", value}}};
    });
    auto job = list_job(server, "p", 3, Millis{0});
    job.robots.policy = RobotsPolicy::ignore;
    job.politeness.retry_after_max = std::chrono::hours(2);
    MemoryStore store;
    for (int i = 0; i < 2; ++i) {
      CrawlRun run{job, store};
      wait_until([&] {
        return run.crawler().progress().next_fetch_in.value_or(Millis{0}) >
               std::chrono::minutes(50);
      });
      EXPECT_LE(*run.crawler().progress().next_fetch_in, job.politeness.retry_after_max);
      EXPECT_EQ(run.crawler().progress().hosts_backing_off, 1U);
      run.crawler().stop();
      EXPECT_EQ(run.wait().reason, StopReason::interrupted);
      EXPECT_EQ(server.count(), 1U) << i;
      EXPECT_EQ(store.totals(), StoreTotals{.queued = 3});
    }
    EXPECT_EQ(store.hosts().at(0).health->overloads_in_a_row, 1);
  }
}

TEST(PoliteCrawl, AHostThatNeverAnswersDoesNotHoldUpTheOthers) {
  LoopbackServer silent;
  silent.otherwise([](const SeenRequest&) { return support::never_answer(); });
  std::vector<std::unique_ptr<LoopbackServer>> good;
  auto job = list_job(silent, "s", 20, Millis{0});
  for (int i = 0; i < 8; ++i) {
    good.push_back(std::make_unique<LoopbackServer>());
    good.back()->otherwise([](const SeenRequest&) { return Reply{.body = "page"}; });
    for (int n = 0; n < 20; ++n) job.seeds.urls.push_back(good.back()->url(fmt::format("/g{}", n)));
  }
  job.fetch.concurrency = 4;
  MemoryStore store;
  CrawlRun run{job, store};
  wait_until([&] { return run.crawler().progress().totals.fetched == 160; });
  EXPECT_EQ(silent.count(), 1U);  // its robots.txt is still awaited
  run.crawler().stop();
  run.crawler().stop();
  run.wait();
}

}  // namespace
}  // namespace trawl::crawl
