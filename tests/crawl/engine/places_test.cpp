// How jobs and shards share the fetches in flight, over sockets.
#include "tests/crawl/engine/crawl_run.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <thread>

namespace trawl::crawl {
namespace {

using support::LoopbackServer;
using support::Reply;
using support::SeenRequest;
using test::MemoryStore;

JobSpec list_job(const LoopbackServer& server, int pages, int at_once) {
  auto job = impatient_job({});
  for (int i = 0; i < pages; ++i) job.seeds.urls.push_back(server.url(fmt::format("/{}", i)));
  job.mode = JobMode::fetch;
  job.robots.policy = RobotsPolicy::ignore;
  job.politeness.per_host = at_once;
  job.fetch.concurrency = at_once;
  return job;
}

void answer_after(LoopbackServer& server, Millis delay) {
  server.otherwise([delay](const SeenRequest&) { return Reply{.body = "page", .delay = delay}; });
}

// One shard has the only host, and the other's half is not lost.
TEST(Places, AllOfAJobGoWhereTheyAreWanted) {
  LoopbackServer server;
  answer_after(server, Millis{30});
  const auto job = list_job(server, 60, 10);
  MemoryStore store;
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(store.totals().fetched, 60U);
  EXPECT_EQ(server.at_once_max(), 10U);
}

TEST(Places, AreSharedByWeightWhileTheyAreScarceAndLentWhenTheyAreNot) {
  LoopbackServer servers[2];
  answer_after(servers[0], Millis{20});
  // Counted where the requests arrive: how long a run takes to begin and to end doesn't matter.
  std::atomic<std::size_t> heavy_asked = 0, light_asked_before = 0, light_asked = 0;
  servers[1].otherwise([&](const SeenRequest&) {
    const std::size_t asked = ++heavy_asked;
    if (asked == 1) light_asked_before = servers[0].count();
    if (asked == 400) light_asked = servers[0].count();
    return Reply{.body = "page", .delay = Millis{20}};
  });
  const auto light = list_job(servers[0], 400, 100), heavy = list_job(servers[1], 400, 100);
  coro::SharedPlaces places{8};
  MemoryStore light_store, heavy_store;
  CrawlRun light_run{light, light_store, CrawlRun::Process{.places = &places, .weight = 1}};
  CrawlRun heavy_run{heavy, heavy_store, CrawlRun::Process{.places = &places, .weight = 3}};
  EXPECT_EQ(heavy_run.wait().reason, StopReason::done);
  EXPECT_NEAR(static_cast<double>(light_asked - light_asked_before), 400.0 / 3, 40);
  EXPECT_EQ(light_run.wait().reason, StopReason::done);
  EXPECT_LE(servers[1].at_once_max(), 8U);
  EXPECT_EQ(servers[0].at_once_max(), 8U);  // alone, it has them all
  EXPECT_EQ(places.taken(), 0U);
}

// What it can't fetch soon stays in its queue, where it holds no host and hears of a pause.
TEST(Places, AJobThatGetsFewLeasesFew) {
  LoopbackServer server;
  answer_after(server, Millis{10});
  const auto job = list_job(server, 600, 200);
  coro::SharedPlaces places{4};
  MemoryStore store;
  CrawlRun run{job, store, CrawlRun::Process{.places = &places}};
  while (run.crawler().progress().totals.fetched < 300) std::this_thread::sleep_for(Millis{5});
  EXPECT_LE(run.crawler().progress().in_flight, 2U * 4 + 16 + 2);
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(store.totals().fetched, 600U);
}

TEST(Places, AJobMayHaveMoreWhileItRuns) {
  LoopbackServer server;
  answer_after(server, Millis{20});
  auto job = list_job(server, 200, 2);
  job.politeness.per_host = 100;
  MemoryStore store;
  CrawlRun run{job, store};
  std::this_thread::sleep_for(Millis{100});
  EXPECT_LE(server.at_once_max(), 2U);
  auto settings = live_settings(job);
  settings.concurrency = 12;
  EXPECT_TRUE(run.crawler().change(settings));
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(server.at_once_max(), 12U);
}

// Every second one comes to nothing, and another takes its place.
TEST(Places, OfAHostAreAsManyAsItsPages) {
  LoopbackServer server;
  std::atomic<int> asked = 0;
  server.otherwise([&](const SeenRequest&) {
    Reply reply{.body = "page", .delay = Millis{20}};
    if (asked++ % 2 == 0) reply.cut = support::Cut::reset;
    return reply;
  });
  auto job = list_job(server, 40, 8);
  job.fetch.attempts = 1;
  job.limits.pages_per_host = 5;
  MemoryStore store;
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(store.totals().fetched, 5U);
  EXPECT_LE(asked, 12);
  EXPECT_EQ(count(store, job.seeds.urls, UrlState::excluded), 40U - static_cast<unsigned>(asked));
}

// More hosts than the job has places for, so that no host is ever looked for in vain.
TEST(Places, AreNotWaitedForUnseen) {
  LoopbackServer servers[28];
  auto job = list_job(servers[0], 0, 1);
  job.output.shards = 1;
  for (auto& server : servers) {
    answer_after(server, Millis{100});
    for (int i = 0; i < 2; ++i) job.seeds.urls.push_back(server.url(fmt::format("/{}", i)));
  }
  MemoryStore store;
  CrawlRun run{job, store};
  std::size_t most = 0;
  for (auto progress = run.crawler().progress(); progress.totals.fetched < 30U;
       progress = run.crawler().progress()) {
    most = std::max(most, progress.hosts_ready + progress.hosts_waiting);
    std::this_thread::sleep_for(Millis{5});
  }
  EXPECT_GT(most, 0U);
  run.crawler().stop();
  run.crawler().stop();
  run.wait();
}

}  // namespace
}  // namespace trawl::crawl
