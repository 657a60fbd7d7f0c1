// robots.txt over several runs on one store: what is kept, what is asked for again, and what holds
// while it can't be had.

#include "tests/crawl/engine/crawl_run.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace trawl::crawl {
namespace {

using support::LoopbackServer;
using support::Reply;
using support::SeenRequest;
using test::MemoryStore;

const std::string closed = "User-agent: *\nDisallow: /closed\n";

JobSpec job_for(LoopbackServer& server, const std::string& path) {
  return impatient_job({server.url(path)});
}

void run(const JobSpec& job, Store& store) {
  CrawlRun crawl{job, store};
  EXPECT_EQ(crawl.wait().reason, StopReason::done);
}

TEST(RobotsGate, AnswersFromTheStoreAfterARestart) {
  LoopbackServer server;
  server.on("/robots.txt", Reply{.body = closed});
  server.on("/a", Reply{.body = "a"});
  MemoryStore store;
  run(job_for(server, "/a"), store);
  run(job_for(server, "/closed"), store);
  EXPECT_EQ(server.count("/robots.txt"), 1U);
  EXPECT_EQ(server.count("/closed"), 0U);
  EXPECT_EQ(count(store, {server.url("/closed")}, UrlState::excluded), 1U);
}

TEST(RobotsGate, KeepsTheRulesOfAVisitThatIsGivenUp) {
  LoopbackServer server;
  server.on("/robots.txt", Reply{.body = closed});
  server.on("/silent", support::never_answer());
  MemoryStore store;
  const auto job = job_for(server, "/silent");
  {
    CrawlRun crawl{job, store};
    while (server.count("/silent") == 0) std::this_thread::sleep_for(std::chrono::milliseconds{1});
    crawl.crawler().stop();
    crawl.crawler().stop();
    EXPECT_EQ(crawl.wait().reason, StopReason::interrupted);
  }
  const auto url = server.url();
  const auto kept = store.robots(url.substr(0, url.size() - 1));
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->body, closed);
}

TEST(RobotsGate, GoesByOlderRulesWhileNewerOnesCannotBeHad) {
  LoopbackServer server;
  server.on("/robots.txt", [&](const SeenRequest&) {
    return server.count("/robots.txt") == 1 ? Reply{.body = closed} : Reply{.status = 503};
  });
  for (const auto* path : {"/a", "/b"}) server.on(path, Reply{.body = path});
  MemoryStore store;
  run(job_for(server, "/a"), store);

  auto job = impatient_job({server.url("/b"), server.url("/closed")});
  job.robots.ttl = Millis{1};  // so the stored rules are past their time
  run(job, store);

  EXPECT_GE(server.count("/robots.txt"), 2U);
  EXPECT_EQ(count(store, {server.url("/b")}, UrlState::fetched), 1U);
  EXPECT_EQ(count(store, {server.url("/closed")}, UrlState::excluded), 1U);
}

// Also where older rules stand in.
TEST(RobotsGate, WaitsAsLongAsAsked) {
  LoopbackServer server;
  server.on("/robots.txt", [&](const SeenRequest&) {
    return server.count("/robots.txt") == 1
               ? Reply{.body = closed}
               : Reply{.status = 503, .headers = {{"Retry-After", "1"}}};
  });
  for (const auto* path : {"/a", "/b"}) server.on(path, Reply{.body = path});
  MemoryStore store;
  run(job_for(server, "/a"), store);
  auto job = job_for(server, "/b");
  job.robots.ttl = Millis{1};
  run(job, store);
  EXPECT_EQ(count(store, {server.url("/b")}, UrlState::fetched), 1U);
  const auto requests = server.requests();
  EXPECT_GE(requests.back().time - requests[requests.size() - 2].time,
            std::chrono::milliseconds{990});
}

// Asked for its Sitemap lines alone, it is a request like any other.
TEST(RobotsGate, KeepsTheDelayAlsoWhereRulesAreIgnored) {
  LoopbackServer server;
  server.on("/robots.txt", Reply{.body = fmt::format("Sitemap: {}\n", server.url("/s.xml"))});
  server.on("/a", Reply{.body = "a"});
  server.on("/s.xml", Reply{.body = "<urlset></urlset>", .content_type = "text/xml"});
  MemoryStore store;
  auto job = job_for(server, "/a");
  job.robots.policy = RobotsPolicy::ignore;
  job.seeds.sitemaps.mode = SitemapMode::automatic;
  job.politeness.delay = Millis{300};
  job.politeness.per_host = 1;
  run(job, store);
  EXPECT_EQ(count(store, {server.url("/a"), server.url("/s.xml")}, UrlState::fetched), 2U);
  const auto requests = server.requests();
  for (std::size_t i = 1; i < requests.size(); ++i)
    EXPECT_GE(requests[i].time - requests[i - 1].time, std::chrono::milliseconds{290}) << i;
}

// 429 is "later", and Retry-After says when: the page waits as long.
TEST(RobotsGate, WaitsAsLongAsA429Asks) {
  using Clock = std::chrono::steady_clock;
  LoopbackServer server;
  std::atomic<Clock::rep> refused = 0, asked = 0;
  server.on("/robots.txt", [&](const SeenRequest&) {
    if (server.count("/robots.txt") > 1) return Reply{.status = 404};
    refused = Clock::now().time_since_epoch().count();
    return Reply{.status = 429, .headers = {{"Retry-After", "1"}}};
  });
  server.on("/a", [&](const SeenRequest&) {
    asked = Clock::now().time_since_epoch().count();
    return Reply{.body = "a"};
  });
  MemoryStore store;
  auto job = job_for(server, "/a");
  job.fetch.attempts = 4;
  run(job, store);
  EXPECT_EQ(count(store, {server.url("/a")}, UrlState::fetched), 1U);
  EXPECT_GE(Clock::duration{asked - refused}, std::chrono::milliseconds{990});
}

}  // namespace
}  // namespace trawl::crawl
