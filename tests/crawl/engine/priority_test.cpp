// Priorities in a whole crawl: the order in which a server is asked.
#include "tests/crawl/engine/crawl_run.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>

namespace trawl::crawl {
namespace {

using support::LoopbackServer;
using support::Reply;
using testing::ElementsAre;

// A home page that links to these, and to pages that link to others; asked one after the other.
JobSpec one_at_a_time(const LoopbackServer& server) {
  JobSpec job = impatient_job({server.url()});
  job.politeness.per_host = 1;
  job.robots.policy = RobotsPolicy::ignore;
  job.output.shards = 1;
  return job;
}

std::string links(const std::vector<std::string>& paths) {
  std::string body;
  for (const std::string& path : paths) body += fmt::format("<a href={}>x</a>", path);
  return body;
}

std::vector<std::string> asked(const LoopbackServer& server) {
  std::vector<std::string> paths;
  for (const auto& request : server.requests()) paths.push_back(request.path);
  return paths;
}

}  // namespace

TEST(Priority, WithoutRulesACrawlGoesBreadthFirst) {
  LoopbackServer server;
  server.on("/", Reply{.body = links({"/a", "/b"})});
  server.on("/a", Reply{.body = links({"/a/1", "/a/2"})});
  server.on("/b", Reply{.body = links({"/b/1"})});
  server.otherwise([](const auto&) { return Reply{.body = "page"}; });
  test::MemoryStore store;
  const JobSpec job = one_at_a_time(server);
  CrawlRun{job, store}.wait();
  EXPECT_THAT(asked(server), ElementsAre("/", "/a", "/b", "/a/1", "/a/2", "/b/1"));
}

TEST(Priority, RulesChangeTheOrderWithinAHost) {
  LoopbackServer server;
  server.on("/", Reply{.body = links({"/1.pdf", "/2", "/news/3", "/4", "/go"})});
  server.on("/news/3", Reply{.body = links({"/news/5", "/6"})});
  server.on("/go", Reply{.status = 302, .headers = {{"Location", "/went"}}});
  server.otherwise([](const auto&) { return Reply{.body = "page"}; });
  JobSpec job = one_at_a_time(server);
  job.priorities = {{.match = {"*/news/*"}, .priority = 5},
                    {.match = {"*.pdf"}, .priority = -5},
                    {.match = {"*/go"}, .priority = 4}};
  job.politeness.delay = Millis{100};  // each page is read before the next is asked for
  test::MemoryStore store;
  CrawlRun{job, store}.wait();
  EXPECT_THAT(asked(server),
              ElementsAre("/", "/news/3", "/news/5", "/go", "/went", "/2", "/4", "/6", "/1.pdf"));
}

TEST(Priority, IsThatOfTheFindingAlsoInARunThatGoesOn) {
  LoopbackServer server;
  server.on("/", Reply{.body = links({"/1", "/late/2", "/3", "/first/4", "/first/5"})});
  server.otherwise([](const auto&) { return Reply{.body = "page"}; });
  JobSpec job = one_at_a_time(server);
  job.priorities = {{.match = {"*/late/*"}, .priority = -1},
                    {.match = {"*/first/*"}, .priority = 9}};
  job.limits.pages = 2;
  test::MemoryStore store;
  EXPECT_EQ(CrawlRun(job, store).wait().reason, StopReason::limit);
  job.limits.pages.reset();
  job.priorities.clear();
  CrawlRun{job, store}.wait();
  EXPECT_THAT(asked(server), ElementsAre("/", "/first/4", "/first/5", "/1", "/3", "/late/2"));
}

TEST(Priority, HoldsForWhatDoesNotFitIntoMemory) {
  LoopbackServer server;
  std::vector<std::string> paths;
  for (int i = 0; i < 400; ++i)
    paths.push_back(fmt::format("/{}/{}", i % 4 == 3 ? "first" : "page", i));
  server.on("/", Reply{.body = links(paths)});
  server.otherwise([](const auto&) { return Reply{.body = "page"}; });
  JobSpec job = one_at_a_time(server);
  job.priorities = {{.match = {"*/first/*"}, .priority = 1}};
  job.politeness.delay = Millis{5};
  const auto is_first = [](const std::string& path) { return path.starts_with("/first/"); };
  test::MemoryStore store;
  CrawlRun{job, store}.wait();
  const auto order = asked(server);
  ASSERT_EQ(order.size(), 401U);
  // While more of them is on its way from the store, which is asked in time, others may go out.
  const auto begin = order.begin() + 1, end = begin + 100;
  EXPECT_GE(std::count_if(begin, end, is_first), 90);
  std::vector<std::string> firsts;
  std::ranges::copy_if(order, std::back_inserter(firsts), is_first);
  for (std::size_t i = 0; i < firsts.size(); ++i)
    EXPECT_EQ(firsts[i], fmt::format("/first/{}", 4 * i + 3));
}

TEST(Priority, ASitemapsWordCountsUnlessTheJobSaysNo) {
  LoopbackServer server;
  const auto entry = [&](const char* path, const char* priority) {
    return fmt::format("<url><loc>{}</loc><priority>{}</priority></url>", server.url(path),
                       priority);
  };
  server.on("/map.xml", Reply{.body = "<urlset>" + entry("/low", "0.1") + entry("/usual", "0.5") +
                                      entry("/high", "0.9") + "</urlset>",
                              .content_type = "application/xml"});
  server.otherwise([](const auto&) { return Reply{.body = "page"}; });
  JobSpec job = one_at_a_time(server);
  job.seeds = {.urls = {}, .files = {}, .sitemaps = {SitemapMode::list, {server.url("/map.xml")}}};
  test::MemoryStore heard, unheard;
  CrawlRun{job, heard}.wait();
  EXPECT_THAT(asked(server), ElementsAre("/map.xml", "/high", "/usual", "/low"));
  job.seeds.sitemap_priority = false;
  CrawlRun{job, unheard}.wait();
  auto order = asked(server);
  order.erase(order.begin(), order.begin() + 4);
  EXPECT_THAT(order, ElementsAre("/map.xml", "/low", "/usual", "/high"));
}

}  // namespace trawl::crawl
