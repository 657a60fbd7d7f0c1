// [[site]] in a whole crawl: each host is treated by its own settings.
#include "tests/crawl/engine/crawl_run.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace trawl::crawl {
namespace {

using support::LoopbackServer;
using support::Reply;
using support::SeenRequest;
using test::MemoryStore;

std::string host_of(const LoopbackServer& server) {
  return fmt::format("127.0.0.1:{}", server.port());
}

SiteValue value(std::string key, std::function<void(JobSpec&)> apply) {
  return {std::move(key), std::move(apply)};
}

// A home page with three pages under it.
void serve_pages(LoopbackServer& server) {
  std::string links;
  for (int i = 0; i < 3; ++i) {
    server.on(fmt::format("/p{}", i), Reply{.body = "page"});
    links += fmt::format("<a href=/p{}>x</a>", i);
  }
  server.on("/", Reply{.body = links});
}

Millis shortest_gap(const LoopbackServer& server) {
  std::vector<Mono> times;
  for (const SeenRequest& request : server.requests())
    if (request.path != "/robots.txt") times.push_back(request.time);
  Millis shortest = Millis::max();
  for (std::size_t i = 1; i < times.size(); ++i)
    shortest = std::min(shortest, std::chrono::duration_cast<Millis>(times[i] - times[i - 1]));
  return shortest;
}

}  // namespace

TEST(Site, HostsHaveTheirOwnDelayAndNumberAtOnce) {
  LoopbackServer slow, fast;
  serve_pages(slow);
  serve_pages(fast);
  JobSpec job = impatient_job({slow.url(), fast.url()});
  job.sites = {
      {.match = {host_of(slow)},
       .values = {value("politeness.delay", [](JobSpec& j) { j.politeness.delay = Millis{120}; }),
                  value("politeness.per_host", [](JobSpec& j) { j.politeness.per_host = 1; })}}};
  MemoryStore store;
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(store.totals().fetched, 8U);
  EXPECT_GE(shortest_gap(slow), Millis{115});
  EXPECT_LT(shortest_gap(fast), Millis{100});
}

// Redirects and robots.txt too: what is meant for one host goes to no other.
TEST(Site, HeadersGoToTheirHostAlone) {
  LoopbackServer own, other;
  own.on("/", support::redirect_to(other.url("/landing")));
  other.on("/landing", Reply{.body = "x"});
  JobSpec job = impatient_job({own.url()});
  job.fetch.headers = {{"X-Job", "1"}};
  job.sites = {{.match = {host_of(own)}, .values = {value("fetch.headers.x-site", [](JobSpec& j) {
                                           j.fetch.headers.emplace_back("X-Site", "secret");
                                         })}}};
  MemoryStore store;
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  ASSERT_EQ(store.totals().fetched, 2U);
  for (const SeenRequest& request : own.requests()) {
    EXPECT_EQ(request.header("X-Site"), "secret") << request.path;
    EXPECT_EQ(request.header("X-Job"), "1") << request.path;
  }
  for (const SeenRequest& request : other.requests()) {
    EXPECT_EQ(request.header("X-Site"), "") << request.path;
    EXPECT_EQ(request.header("X-Job"), "1") << request.path;
  }
}

TEST(Site, HostsHaveTheirOwnAttemptsTimesAndSizes) {
  LoopbackServer frail, usual;
  for (auto* server : {&frail, &usual}) {
    server->on("/robots.txt", Reply{.status = 404});
    server->on("/", Reply{.body = "<a href=/down>x</a><a href=/long>x</a>"});
    server->on("/down", Reply{.status = 503});
    server->on("/long", Reply{.body = std::string(2000, 'x')});
  }
  JobSpec job = impatient_job({frail.url(), usual.url()});
  job.fetch.attempts = 3;
  job.politeness.retry_after_max = Millis{1};  // no long pauses after a 503
  job.sites = {
      {.match = {host_of(frail)},
       .values = {value("fetch.attempts", [](JobSpec& j) { j.fetch.attempts = 1; }),
                  value("fetch.max_body", [](JobSpec& j) { j.fetch.max_body_bytes = 1000; })}}};
  MemoryStore store;
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(frail.count("/down"), 1U);
  EXPECT_EQ(usual.count("/down"), 3U);
  EXPECT_TRUE(store.record(frail.url("/long"))->outcome.truncated);
  EXPECT_FALSE(store.record(usual.url("/long"))->outcome.truncated);
}

TEST(Site, HostsHaveTheirOwnScopeAndNumberOfPages) {
  LoopbackServer narrow, usual;
  serve_pages(narrow);
  serve_pages(usual);
  // Its link to the other comes when that has had its two pages.
  narrow.on("/", [&](const SeenRequest&) {
    usual.wait_for("/p0", 1);
    return Reply{.body = fmt::format("<a href=/p0>x</a><a href=/p1>x</a><a href={}>x</a>",
                                     usual.url("/p3"))};
  });
  JobSpec job = impatient_job({narrow.url(), usual.url()});
  job.scope.exclude = {"*/p2"};
  job.sites = {
      {.match = {host_of(narrow)},
       .values = {value("scope.exclude", [](JobSpec& j) { j.scope.exclude = {"*/p1"}; })}},
      {.match = {host_of(usual)},
       .values = {value("limits.pages_per_host", [](JobSpec& j) { j.limits.pages_per_host = 2; }),
                  value("politeness.per_host", [](JobSpec& j) { j.politeness.per_host = 1; })}}};
  MemoryStore store;
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(store.record(narrow.url("/p1"))->outcome.error_detail, "exclude */p1");
  EXPECT_EQ(store.record(narrow.url("/p0"))->outcome.state, UrlState::fetched);
  EXPECT_EQ(store.record(usual.url("/p2"))->outcome.error_detail, "exclude */p2");
  EXPECT_EQ(usual.count() - usual.count("/robots.txt"), 2U);
  EXPECT_EQ(store.record(usual.url("/p0"))->outcome.state, UrlState::fetched);
  for (const char* path : {"/p1", "/p3"})
    EXPECT_EQ(store.record(usual.url(path))->outcome.error_detail, "limits.pages_per_host") << path;
}

TEST(Site, ADepthOfItsOwnHoldsForLinksToIt) {
  LoopbackServer server;
  server.on("/", Reply{.body = "<a href=/a>x</a>"});
  server.on("/a", Reply{.body = "<a href=/b>x</a>"});
  JobSpec job = impatient_job({server.url()});
  job.sites = {{.match = {"127.0.0.1"},
                .values = {value("scope.max_depth", [](JobSpec& j) { j.scope.max_depth = 1; })}}};
  MemoryStore store;
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(store.record(server.url("/a"))->outcome.state, UrlState::fetched);
  EXPECT_EQ(store.record(server.url("/b"))->outcome.error, Errc::depth);
}

}  // namespace trawl::crawl
