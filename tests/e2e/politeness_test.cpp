// What the servers see of the pauses that were promised to them.
#include "tests/e2e/program.hpp"

#include <fmt/format.h>

namespace trawl::e2e {
namespace {

constexpr int pages = 6;
constexpr Millis answer_time{60};

void serve_chain(LoopbackServer& server) {
  std::vector<std::string> links;
  for (int i = 0; i < pages; ++i) {
    links.push_back(fmt::format("/p{}", i));
    server.on(links.back(), Reply{.body = page("leaf", {}), .delay = answer_time});
  }
  server.on("/", Reply{.body = page("home", links), .delay = answer_time});
}

// When the pages were asked for, robots.txt apart.
std::vector<Mono> page_times(const LoopbackServer& server) {
  std::vector<Mono> times;
  for (const auto& request : server.requests())
    if (request.path != "/robots.txt") times.push_back(request.time);
  return times;
}

TEST(Politeness, KeepsTheDelayOnEachHostAndCrawlsHostsSideBySide) {
  LoopbackServer one, other;
  serve_chain(one);
  serve_chain(other);
  const TempDir dir;
  const auto run =
      run_trawl({"crawl", one.url(), other.url(), "-o", (dir / "out").string(), "--delay", "200ms",
                 "--set", "politeness.adaptive=off", "--set", "limits.min_free_disk=off", "--set",
                 R"(fetch.allow_private_networks=["127.0.0.0/8"])"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  for (const LoopbackServer* server : {&one, &other}) {
    const auto times = page_times(*server);
    ASSERT_EQ(times.size(), std::size_t{pages} + 1);
    // From the end of one to the start of the next; the answer itself takes its time.
    for (std::size_t i = 1; i < times.size(); ++i)
      EXPECT_GE(times[i] - times[i - 1], Millis{200} + answer_time) << i;
    EXPECT_EQ(server->at_once_max(), 1U);
  }
  const auto first = page_times(one), second = page_times(other);
  EXPECT_LT(first.front(), second[2]);
  EXPECT_LT(second.front(), first[2]);
}

TEST(Politeness, ObeysTheCrawlDelayOfRobotsTxt) {
  LoopbackServer server;
  server.on("/robots.txt", Reply{.body = "User-agent: *\nCrawl-delay: 0.3\nDisallow: /p1\n",
                                 .content_type = "text/plain"});
  serve_chain(server);
  const TempDir dir;
  const auto run = run_trawl(Arguments{"crawl", server.url()} + loopback(dir / "out"));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto times = page_times(server);
  ASSERT_EQ(times.size(), std::size_t{pages});
  for (std::size_t i = 1; i < times.size(); ++i)
    EXPECT_GE(times[i] - times[i - 1], Millis{300}) << i;
  EXPECT_EQ(server.count("/p1"), 0U);
  EXPECT_EQ(error_of(read_records(dir / "out"), server.url("/p1")), "robots");
}

}  // namespace
}  // namespace trawl::e2e
