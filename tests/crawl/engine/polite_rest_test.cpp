// What a host sees after requests that are no page's: robots.txt, hops to it from elsewhere, and
// fetches that were broken off. Over sockets, on the system's clock.
#include "tests/crawl/engine/polite_run.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace trawl::crawl {
namespace {

void expect_apart(const LoopbackServer& server, Millis least) {
  const auto requests = server.requests();
  for (std::size_t i = 1; i < requests.size(); ++i)
    EXPECT_GE(requests[i].time - requests[i - 1].time, least)
        << requests[i - 1].path << " and " << requests[i].path;
}

// Each of them would ask for it anew.
TEST(PoliteRest, RobotsThatAreNeverToBeHadAreAskedForAFewTimesForAllUrls) {
  LoopbackServer server;
  server.on("/robots.txt", Reply{.status = 500});
  auto job = list_job(server, "p", 60, Millis{0});
  job.fetch.attempts = 4;
  job.fetch.host_breaker = BreakerSpec{.failures = 3, .pause = Millis{50}};
  MemoryStore store;
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(store.totals().failed, 60U);
  EXPECT_EQ(store.record(server.url("/p59"))->outcome.error, Errc::robots_unreachable);
  EXPECT_EQ(server.count(), server.count("/robots.txt"));
  EXPECT_LE(server.count(), 8U) << "three failures, and the probes";
}

TEST(PoliteRest, RulesThatAreSoonPastTheirTimeServeTheTurnThatWaitedForThem) {
  LoopbackServer server;
  server.on("/robots.txt", Reply{.body = "User-agent: *\nCrawl-delay: 0.4\n"});
  server.otherwise([](const SeenRequest&) { return Reply{.body = "page"}; });
  auto job = list_job(server, "p", 2, Millis{0});
  job.robots.ttl = Millis{100};
  MemoryStore store;
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(store.totals().fetched, 2U);
  EXPECT_LE(server.count("/robots.txt"), 2U);
  expect_apart(server, Millis{390});
}

TEST(PoliteRest, AHopOfRobotsKeepsTheCrawlDelayOfItsTarget) {
  LoopbackServer target, from[4];
  target.on("/robots.txt", Reply{.body = "User-agent: *\nCrawl-delay: 0.3\n"});
  target.otherwise([](const SeenRequest&) { return Reply{.body = "page"}; });
  MemoryStore store;
  auto job = list_job(target, "first", 1, Millis{0});
  job.output.shards = 2;  // a target that is another shard's, for some of them
  CrawlRun first{job, store};
  EXPECT_EQ(first.wait().reason, StopReason::done);
  job = list_job(target, "t", 8, Millis{0});
  job.output.shards = 2;
  int number = 0;
  for (auto& server : from) {
    server.on("/robots.txt", support::redirect_to(target.url(fmt::format("/hop{}", number++))));
    server.on("/page", Reply{.body = "page"});
    job.seeds.urls.push_back(server.url("/page"));
  }
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(store.totals().fetched, 13U);
  for (int i = 0; i < number; ++i) EXPECT_EQ(target.count(fmt::format("/hop{}", i)), 1U);
  expect_apart(target, Millis{290});
}

TEST(PoliteRest, OverloadsOfHopsSlowTheirTargetDown) {
  LoopbackServer target, from[3];
  target.otherwise([](const SeenRequest&) { return Reply{.status = 503}; });
  auto job = list_job(target, "t", 0, Millis{0});
  job.politeness.delay_max = Millis{500};
  int number = 0;
  for (auto& server : from) {
    server.on("/robots.txt", support::redirect_to(target.url(fmt::format("/hop{}", number++))));
    server.otherwise([](const SeenRequest&) { return Reply{.body = "page"}; });
    job.seeds.urls.push_back(server.url("/page"));
  }
  job.fetch.attempts = 1;
  MemoryStore store;
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(target.count(), 3U);
  expect_apart(target, Millis{490});
}

TEST(PoliteRest, AStopInMidFetchLeavesTheWaitToTheNextRun) {
  LoopbackServer server;
  server.on("/robots.txt", Reply{.status = 404});
  server.on("/p0", support::never_answer());
  auto job = list_job(server, "p", 1, Millis{0});
  job.grace = Millis{100};
  job.politeness.delay = Millis{300};
  MemoryStore store;
  CrawlRun run{job, store};
  wait_until([&] { return server.count("/p0") > 0; });
  job.politeness.delay = Millis{60'000};
  ASSERT_TRUE(run.crawler().change(live_settings(job)));
  run.crawler().stop();
  EXPECT_EQ(run.wait().reason, StopReason::interrupted);
  ASSERT_EQ(store.hosts().size(), 1U);
  const Wall next{Millis{store.hosts()[0].next_fetch_ms}};
  EXPECT_GT(next, system_clock().wall() + Millis{30'000});
  EXPECT_EQ(store.record(server.url("/p0"))->outcome.attempts, 0);
}

// From robots.txt on it is known where a name leads.
TEST(PoliteRest, SitesOfOneAddressHaveItsPlacesForTheirFirstPagesToo) {
  constexpr int sites = 6;
  LoopbackServer server;
  server.on("/robots.txt", Reply{.status = 404});
  server.otherwise([](const SeenRequest&) { return Reply{.body = "page", .delay = Millis{60}}; });
  const support::TempDir dir;
  const auto url = server.url();
  const std::string port = url.substr(url.rfind(':'));
  std::string names;
  auto job = list_job(server, "p", 0, Millis{50});
  for (int i = 0; i < sites; ++i) {
    names += fmt::format("127.0.0.1 site{}.test\n", i);
    job.seeds.urls.push_back(fmt::format("http://site{}.test{}page", i, port));
  }
  job.fetch.hosts_file = dir.write("hosts", names).string();
  job.politeness.per_ip = 1;
  MemoryStore store;
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(store.totals().fetched, std::uint64_t{sites});
  std::vector<Mono> pages;
  for (const auto& request : server.requests())
    if (request.path == "/page") pages.push_back(request.time);
  for (std::size_t i = 1; i < pages.size(); ++i) EXPECT_GE(pages[i] - pages[i - 1], Millis{59});
}

// Where they were found to be is known while nothing of theirs is queued, too.
TEST(PoliteRest, SitesOfOneAddressHaveItsPlacesWhenALatePageLeadsToThem) {
  constexpr int sites = 6;
  LoopbackServer server;
  server.on("/robots.txt", Reply{.status = 404});
  server.on("/first", Reply{.body = "page"});
  server.on("/late", Reply{.body = "page", .delay = Millis{100}});
  const support::TempDir dir;
  const auto url = server.url();
  const std::string port = url.substr(url.rfind(':'));
  std::string names, links;
  auto job = list_job(server, "p", 0, Millis{20});
  job.mode = JobMode::crawl;
  for (int i = 0; i < sites; ++i) {
    names += fmt::format("127.0.0.1 site{}.test\n", i);
    job.seeds.urls.push_back(fmt::format("http://site{}.test{}first", i, port));
    links += fmt::format("<a href=\"http://site{}.test{}late\">late</a>", i, port);
  }
  server.on("/hub", Reply{.body = links, .delay = Millis{800}});
  job.seeds.urls.push_back(server.url("/hub"));
  job.fetch.hosts_file = dir.write("hosts", names).string();
  job.politeness.per_ip = 2;  // one of them is the hub's for a while
  MemoryStore store;
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  std::vector<Mono> times;
  for (const auto& request : requests_for(server, "/late")) times.push_back(request.time);
  ASSERT_EQ(times.size(), std::size_t{sites});
  for (std::size_t i = 2; i < times.size(); ++i) EXPECT_GE(times[i] - times[i - 2], Millis{99});
}

}  // namespace
}  // namespace trawl::crawl
