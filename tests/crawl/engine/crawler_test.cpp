// The engine's own ends: done, stopped, limited, failed; each without a task or a thread left over.
#include "tests/crawl/engine/crawl_run.hpp"
#include "tests/support/store_wrapper.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <thread>

namespace trawl::crawl {
namespace {

using support::LoopbackServer;
using support::Reply;
using support::SeenRequest;
using test::MemoryStore;

std::string links_to(const std::vector<std::string>& urls) {
  std::string text = "<!DOCTYPE html>";
  for (const auto& url : urls) text += fmt::format("<a href=\"{}\">x</a>", url);
  return text;
}

// A home page and numbered pages that it links to; returns all URLs.
std::vector<std::string> serve(LoopbackServer& server, int pages, const Reply& reply) {
  std::vector<std::string> urls;
  for (int i = 0; i < pages; ++i) {
    const auto path = fmt::format("/p{}", i);
    server.on(path, reply);
    urls.push_back(server.url(path));
  }
  server.on("/", Reply{.body = links_to(urls)});
  urls.push_back(server.url());
  return urls;
}

TEST(Crawler, FetchesEachUrlOnceOverManyShards) {
  std::vector<std::unique_ptr<LoopbackServer>> servers;
  std::vector<std::string> homes;
  for (int i = 0; i < 6; ++i) {
    servers.push_back(std::make_unique<LoopbackServer>());
    homes.push_back(servers.back()->url());
  }
  // Every page links to every page of every server.
  std::vector<std::string> all = homes;
  for (const auto& server : servers)
    for (int i = 0; i < 20; ++i) all.push_back(server->url(fmt::format("/p{}", i)));
  for (const auto& server : servers)
    server->otherwise([&](const SeenRequest& request) {
      return request.path == "/robots.txt" ? Reply{.status = 404} : Reply{.body = links_to(all)};
    });
  auto job = impatient_job({homes.front()});
  job.scope.mode = ScopeMode::any;
  job.output.shards = 4;
  MemoryStore store;

  CrawlRun run{job, store};
  const auto end = run.wait();

  EXPECT_EQ(end.reason, StopReason::done);
  EXPECT_FALSE(end.had_nothing_to_do);
  EXPECT_EQ(count(store, all, UrlState::fetched), all.size());
  EXPECT_EQ(store.totals().queued, 0U);
  for (const auto& server : servers) EXPECT_EQ(server->count(), 22U);
  EXPECT_EQ(run.crawler().progress().in_flight, 0U);
  EXPECT_EQ(run.crawler().progress().run.pages, all.size());

  CrawlRun again{job, store};
  EXPECT_TRUE(again.wait().had_nothing_to_do);
}

TEST(Crawler, StopsWithinTheGraceAndLeavesTheRestQueued) {
  LoopbackServer server;
  const auto urls = serve(server, 60, {.body = "page", .delay = Millis{50}});
  const auto job = impatient_job({server.url()});
  MemoryStore store;
  {
    CrawlRun run{job, store};
    ASSERT_TRUE(server.wait_for("/p9", 1));
    run.crawler().stop();
    EXPECT_EQ(run.wait().reason, StopReason::interrupted);
  }
  const auto fetched = count(store, urls, UrlState::fetched);
  EXPECT_EQ(fetched, server.count() - 1);
  EXPECT_EQ(store.totals().queued, urls.size() - fetched);

  CrawlRun rest{job, store};
  EXPECT_EQ(rest.wait().reason, StopReason::done);
  EXPECT_EQ(count(store, urls, UrlState::fetched), urls.size());
  EXPECT_EQ(server.count(), urls.size() + 1);
}

TEST(Crawler, GivesUpWhatIsInFlightOnTheSecondStop) {
  LoopbackServer server;
  const auto urls = serve(server, 30, support::never_answer());
  const auto job = impatient_job({server.url()});
  MemoryStore store;
  CrawlRun run{job, store};
  ASSERT_TRUE(server.wait_for("/p7", 1));
  const auto asked = system_clock().now();
  run.crawler().stop();
  run.crawler().stop();
  EXPECT_EQ(run.wait().reason, StopReason::interrupted);
  EXPECT_LT(system_clock().now() - asked, Millis{3000});
  EXPECT_EQ(store.totals().queued, 30U);
}

TEST(Crawler, StopsWhileItPausesAndGoesOnAfterwards) {
  LoopbackServer server;
  const auto urls = serve(server, 20, {.body = "page", .delay = Millis{20}});
  const auto job = impatient_job({server.url()});
  MemoryStore store;
  CrawlRun run{job, store};
  ASSERT_TRUE(server.wait_for("/p1", 1));
  run.crawler().pause(true);
  EXPECT_TRUE(run.crawler().progress().paused);
  run.crawler().pause(false);
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(count(store, urls, UrlState::fetched), urls.size());

  MemoryStore other;
  CrawlRun held{job, other};
  held.crawler().pause(true);
  held.crawler().stop();
  EXPECT_EQ(held.wait().reason, StopReason::interrupted);
}

TEST(Crawler, NeverFetchesMoreThanItsLimit) {
  LoopbackServer server;
  serve(server, 100, {.body = "page"});
  auto job = impatient_job({server.url()});
  job.limits.pages = 17;
  job.output.shards = 4;
  MemoryStore store;
  CrawlRun run{job, store};
  const auto end = run.wait();
  EXPECT_EQ(end.reason, StopReason::limit);
  EXPECT_EQ(end.detail, "limits.pages = 17");
  EXPECT_EQ(store.totals().fetched, 17U);
  EXPECT_EQ(server.count(), 18U);
}

TEST(Crawler, FetchesNothingMoreOnceItsBytesAreUsedUp) {
  LoopbackServer server;
  serve(server, 100, {.body = std::string(1'000, 'x')});
  auto job = impatient_job({server.url()});
  job.limits.bytes = 5'000;
  MemoryStore store;
  std::size_t asked = 0;
  for (int i = 0; i < 3; ++i) {
    CrawlRun run{job, store};
    EXPECT_EQ(run.wait().reason, StopReason::limit);
    if (i == 0) asked = server.count();
    EXPECT_EQ(server.count(), asked);
  }
  EXPECT_GT(store.totals().queued, 0U);
}

// What the pages were received with before is nothing that this round is to be stopped for.
TEST(Crawler, CountsTheBytesOfEachRoundOfItsOwn) {
  LoopbackServer server;
  serve(server, 100, {.body = std::string(1'000, 'x')});
  auto job = impatient_job({server.url()});
  job.limits.bytes = 200'000;
  MemoryStore store;
  for (int i = 0; i < 5; ++i) {
    CrawlRun run{job, store, i > 0};
    EXPECT_EQ(run.wait().reason, StopReason::done);
  }
  EXPECT_GT(store.totals().bytes_wire, 200'000U);
  EXPECT_EQ(store.totals().fetched, 101U);
  job.limits.bytes = 5'000;
  CrawlRun short_round{job, store, true};
  EXPECT_EQ(short_round.wait().reason, StopReason::limit);
  EXPECT_GT(store.totals().queued, 0U);
  const auto asked = server.count();
  // What robots.txt took is of the run alone, so that a page or two more may be asked for.
  CrawlRun next{job, store};
  EXPECT_EQ(next.wait().reason, StopReason::limit);
  EXPECT_LE(server.count(), asked + 3);
}

TEST(Crawler, LeavesARecordOfEachRun) {
  LoopbackServer server;
  serve(server, 3, {.body = "page"});
  auto job = impatient_job({server.url()});
  MemoryStore store;
  job.limits.pages = 2;
  CrawlRun{job, store}.wait();
  job.limits.pages.reset();
  CrawlRun{job, store}.wait();
  const auto runs = store.runs();
  ASSERT_EQ(runs.size(), 2U);
  EXPECT_EQ(runs[0].mode, "crawl");
  EXPECT_EQ(runs[0].end, "limit");
  EXPECT_EQ(runs[0].detail, "limits.pages = 2");
  EXPECT_EQ(runs[0].fetched, 2U);
  EXPECT_EQ(runs[0].queued, 2U);
  EXPECT_GT(runs[0].bytes_wire, 0U);
  EXPECT_GE(*runs[0].ended_ms, runs[0].began_ms);
  EXPECT_EQ(runs[1].end, "finished");
  EXPECT_EQ(runs[1].detail, "");
  EXPECT_EQ(runs[1].fetched, 2U);
  EXPECT_EQ(runs[1].queued, 0U);
}

// A page that fails gives its place under the limit to another one.
TEST(Crawler, FillsItsLimitWithPagesThatCanBeHad) {
  LoopbackServer server;
  serve(server, 40, {.body = "page"});
  for (int i = 0; i < 40; i += 2) server.on(fmt::format("/p{}", i), support::reset_before_head());
  auto job = impatient_job({server.url()});
  job.limits.pages = 20;
  job.fetch.attempts = 2;
  MemoryStore store;
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::limit);
  EXPECT_EQ(store.totals().fetched, 20U);
}

// The long way to /goal is answered first, the short one late: / > /a > /b > /goal, / > /late >
// /goal.
void serve_two_ways(LoopbackServer& server) {
  server.on("/", Reply{.body = links_to({"/a", "/late"})});
  server.on("/a", Reply{.body = links_to({"/b"})});
  server.on("/b", Reply{.body = links_to({"/goal", "/far"})});
  server.on("/late", Reply{.body = links_to({"/goal"}), .delay = Millis{300}});
  server.on("/goal", Reply{.body = links_to({"/beyond"})});
}

TEST(Crawler, AUrlBeyondTheDepthIsFetchedWhenAShorterWayTurnsUp) {
  LoopbackServer server;
  serve_two_ways(server);
  auto job = impatient_job({server.url()});
  job.scope.max_depth = 2;
  job.output.shards = 1;
  MemoryStore store;
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  const auto goal = store.record(server.url("/goal"));
  EXPECT_EQ(goal->outcome.state, UrlState::fetched);
  EXPECT_EQ(goal->depth, 2);
  EXPECT_EQ(goal->via, server.url("/late"));
  EXPECT_EQ(server.count("/goal"), 1U);
  for (const auto* path : {"/far", "/beyond"}) {
    EXPECT_EQ(store.record(server.url(path))->outcome.error, Errc::depth);
    EXPECT_EQ(server.count(path), 0U);
  }
  EXPECT_EQ(store.totals(), run.crawler().progress().totals);
}

TEST(Crawler, AShorterWayCountsAfterARestartToo) {
  LoopbackServer server;
  serve_two_ways(server);
  auto job = impatient_job({server.url()});
  job.scope.max_depth = 2;
  MemoryStore store;
  {
    CrawlRun run{job, store};
    ASSERT_TRUE(server.wait_for("/b", 1));
    ASSERT_TRUE(server.wait_for("/late", 1));
    while (run.crawler().progress().totals.excluded < 2) std::this_thread::yield();
    run.crawler().stop();
    run.crawler().stop();
    EXPECT_EQ(run.wait().reason, StopReason::interrupted);
  }
  ASSERT_EQ(store.record(server.url("/goal"))->outcome.error, Errc::depth);
  CrawlRun again{job, store};
  EXPECT_EQ(again.wait().reason, StopReason::done);
  EXPECT_EQ(store.record(server.url("/goal"))->outcome.state, UrlState::fetched);
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

TEST(Crawler, SleepsWhileItsHostsMustWait) {
  LoopbackServer server;
  serve(server, 3, {.body = "page"});
  auto job = impatient_job({server.url()});
  job.politeness.delay = Millis{400};
  job.limits.pages = 1000;
  job.output.shards = 4;
  MemoryStore store;
  const double before = cpu_seconds();
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_LT(cpu_seconds() - before, 0.6);  // of at least 1.2 s on the clock, on every core
}

// The redirect is not fetched again, and what is queued finds links before the seeds are read.
TEST(Crawler, KnowsAfterARestartWhereItsSeedsRedirectedTo) {
  LoopbackServer home, moved;
  home.on("/", support::redirect_to(moved.url("/")));
  moved.on("/", Reply{.body = links_to({moved.url("/a")})});
  moved.on("/a", Reply{.body = "a"});
  MemoryStore store;
  auto job = impatient_job({home.url("/")});
  job.limits.pages = 1;
  {
    CrawlRun run{job, store};
    EXPECT_EQ(run.wait().reason, StopReason::limit);
  }
  ASSERT_EQ(moved.count("/"), 0U);
  job.limits.pages.reset();
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(count(store, {moved.url("/a")}, UrlState::fetched), 1U);
}

TEST(Crawler, EndsWithTheStoresFailure) {
  LoopbackServer server;
  serve(server, 50, {.body = "page", .delay = Millis{20}});
  const auto job = impatient_job({server.url()});
  // Fails in mid-crawl, when commits come from all shards.
  class BrokenStore final : public test::StoreWrapper {
   public:
    std::vector<UrlId> apply(const StoreBatch& batch) override {
      if (++applied_ > 8) throw Failure(Errc::io, "the disk is broken");
      return StoreWrapper::apply(batch);
    }

   private:
    int applied_ = 0;
  } store;
  CrawlRun run{job, store};
  try {
    run.wait();
    FAIL() << "a store that fails ended the crawl well";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Errc::io);
  }
}

}  // namespace
}  // namespace trawl::crawl
