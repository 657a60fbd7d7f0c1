// The whole way over a site with everything in it, compared with what its server has seen.
#include "service/demo/site.hpp"
#include "tests/e2e/program.hpp"

#include <fmt/format.h>

namespace trawl::e2e {
namespace {

using crawl::UrlState;

// The demo site, its home page linking to another host too.
Reply demo_reply(const service::demo::Site& site, const SeenRequest& request) {
  auto answer = site.answer(request.target, "http://127.0.0.1");
  Reply reply{.status = answer.status, .body = answer.body, .content_type = answer.content_type};
  if (!answer.location.empty()) reply.headers.emplace_back("Location", answer.location);
  if (request.path == "/") reply.body += R"(<a href="http://elsewhere.invalid/x">elsewhere</a>)";
  return reply;
}

TEST(Program, CrawlsEveryReachableUrlOnce) {
  const service::demo::Site site{60};
  LoopbackServer server;
  server.otherwise([&](const SeenRequest& request) { return demo_reply(site, request); });
  const TempDir dir;
  const auto folder = dir / "out";

  const auto run = run_trawl(Arguments{"crawl", server.url()} + loopback(folder));

  ASSERT_EQ(run.exit_code, 0) << run.err;
  for (const auto& path : site.reachable()) EXPECT_EQ(server.count(path), 1U) << path;
  EXPECT_EQ(server.count("/robots.txt"), 1U);
  EXPECT_EQ(server.count(), site.reachable().size() + 1);

  const auto records = read_records(folder);
  EXPECT_EQ(count(records, UrlState::fetched), site.reachable().size());
  EXPECT_EQ(count(records, UrlState::excluded), 2U);
  EXPECT_EQ(error_of(records, server.url("/private/notes.html")), "robots");
  EXPECT_EQ(error_of(records, "http://elsewhere.invalid/x"), "scope");
  const auto& moved = records.at(server.url("/latest")).outcome;
  EXPECT_EQ(moved.status, 301);
  EXPECT_EQ(moved.redirect_to, server.url("/"));
  const auto& removed = records.at(server.url("/guide/removed.html"));
  EXPECT_EQ(removed.outcome.state, UrlState::fetched);
  EXPECT_EQ(removed.outcome.status, 404);
  EXPECT_EQ(removed.via, server.url("/"));
  EXPECT_EQ(records.at(server.url("/")).outcome.title, "The libharbour manual");
  EXPECT_EQ(expect_sound(folder), site.reachable().size());
}

TEST(Program, SaysTheSameInResultsStatsAndDatabase) {
  const service::demo::Site site{20};
  LoopbackServer server;
  server.otherwise([&](const SeenRequest& request) { return demo_reply(site, request); });
  const TempDir dir;
  const auto folder = (dir / "out").string();
  ASSERT_EQ(run_trawl(Arguments{"crawl", server.url()} + loopback(folder)).exit_code, 0);

  const auto records = read_records(folder);
  const auto listed = run_trawl({"results", folder});
  ASSERT_EQ(listed.exit_code, 0) << listed.err;
  EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(listed.out, '\n')), records.size());
  const auto missing = run_trawl({"results", folder, "--status", "404"});
  EXPECT_EQ(std::ranges::count(missing.out, '\n'), 1);
  EXPECT_THAT(missing.out, testing::HasSubstr("/guide/removed.html"));
  const auto excluded = run_trawl({"results", folder, "--state", "excluded"});
  EXPECT_EQ(std::ranges::count(excluded.out, '\n'), 2);

  const auto stats = run_trawl({"stats", folder});
  EXPECT_EQ(stats.exit_code, 0) << stats.err;
  EXPECT_THAT(stats.out, testing::HasSubstr(fmt::to_string(site.reachable().size())));

  const auto body = run_trawl({"cat", folder, server.url("/downloads/changes.txt")});
  EXPECT_EQ(body.out, site.answer("/downloads/changes.txt", "").body);
}

}  // namespace
}  // namespace trawl::e2e
