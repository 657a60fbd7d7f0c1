// Runs that end before the site does, and what the next one makes of them.
#include "tests/e2e/program.hpp"

#include <fmt/format.h>

#include <csignal>

namespace trawl::e2e {
namespace {

using crawl::UrlState;

constexpr int site_pages = 120;

std::vector<std::string> numbered(int pages) {
  std::vector<std::string> links;
  for (int i = 1; i <= pages; ++i) links.push_back(fmt::format("/p{}", i));
  return links;
}

// A home page with links to all others.
void serve_pages(LoopbackServer& server, int pages, Millis delay = Millis{0}) {
  server.on("/", Reply{.body = page("home", numbered(pages))});
  for (int i = 1; i <= pages; ++i)
    server.on(fmt::format("/p{}", i),
              Reply{.body = page(fmt::format("page {}", i), {"/"}), .delay = delay});
}

void expect_each_once(const LoopbackServer& server, int pages) {
  EXPECT_EQ(server.count("/"), 1U);
  for (int i = 1; i <= pages; ++i) EXPECT_EQ(server.count(fmt::format("/p{}", i)), 1U) << i;
}

TEST(Resume, ContinuesBehindALimitAndSaysWhenAllIsDone) {
  LoopbackServer server;
  serve_pages(server, site_pages);
  const TempDir dir;
  const auto crawl = Arguments{"crawl", server.url()} + loopback(dir / "out");

  const auto first = run_trawl(crawl + Arguments{"--max-pages", "50"});
  EXPECT_EQ(first.exit_code, 11) << first.err;
  EXPECT_EQ(count(read_records(dir / "out"), UrlState::fetched), 50U);
  EXPECT_EQ(server.count(), 51U);  // with robots.txt

  const auto again = run_trawl(crawl + Arguments{"--max-pages", "50"});
  EXPECT_EQ(again.exit_code, 11) << again.err;
  EXPECT_EQ(server.count(), 51U);

  const auto more = run_trawl(crawl + Arguments{"--max-pages", "100"});
  EXPECT_EQ(more.exit_code, 11) << more.err;
  EXPECT_EQ(count(read_records(dir / "out"), UrlState::fetched), 100U);

  const auto rest = run_trawl(crawl);
  EXPECT_EQ(rest.exit_code, 0) << rest.err;
  expect_each_once(server, site_pages);
  const auto seen = server.count();

  const auto done = run_trawl(crawl);
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_THAT(done.err, testing::HasSubstr("all is done"));
  EXPECT_EQ(server.count(), seen);
  EXPECT_EQ(expect_sound(dir / "out"), std::size_t{site_pages} + 1);
}

// A job file that names other seeds than before means these; a command means them too.
TEST(Resume, ACommandAddsItsSeedsToThoseOfBefore) {
  LoopbackServer one, other;
  serve_pages(one, 10);
  serve_pages(other, 3);
  const TempDir dir;
  const auto options = loopback(dir / "out");
  const auto first =
      run_trawl(Arguments{"crawl", one.url()} + options + Arguments{"--max-pages", "4"});
  EXPECT_EQ(first.exit_code, 11) << first.err;
  const auto second = run_trawl(Arguments{"crawl", other.url()} + options);
  EXPECT_EQ(second.exit_code, 0) << second.err;
  expect_each_once(one, 10);
  expect_each_once(other, 3);
  EXPECT_EQ(count(read_records(dir / "out"), UrlState::excluded), 0U);
}

TEST(Resume, FinishesWhatIsInFlightWhenInterrupted) {
  for (const int signal : {SIGINT, SIGTERM}) {
    SCOPED_TRACE(signal);
    LoopbackServer server;
    serve_pages(server, 40, Millis{150});
    const TempDir dir;
    const auto crawl = Arguments{"crawl", server.url()} +
                       loopback(dir / "out", {"--set", "politeness.per_host=4"});

    Subprocess run{trawl(crawl)};
    ASSERT_TRUE(server.wait_for("/p6", 1));
    const auto asked = system_clock().now();
    run.send_signal(signal);
    const auto& end = run.wait();
    EXPECT_EQ(end.exit_code, 10) << end.err;
    EXPECT_LT(system_clock().now() - asked, Millis{5000});
    const auto records = read_records(dir / "out");
    EXPECT_GT(count(records, UrlState::queued), 10U);
    // What had been asked for is kept, robots.txt apart.
    EXPECT_EQ(count(records, UrlState::fetched), server.count() - 1);

    const auto rest = run_trawl(crawl);
    EXPECT_EQ(rest.exit_code, 0) << rest.err;
    expect_each_once(server, 40);
    EXPECT_EQ(expect_sound(dir / "out"), 41U);
  }
}

// Pages that never end, on as many connections as there are.
void serve_stalls(LoopbackServer& server) {
  server.on("/", Reply{.body = page("home", numbered(20))});
  for (int i = 1; i <= 20; ++i) server.on(fmt::format("/p{}", i), support::never_answer());
}

TEST(Resume, EndsAtOnceWhenInterruptedTwice) {
  LoopbackServer server;
  serve_stalls(server);
  const TempDir dir;
  Subprocess run{trawl(Arguments{"crawl", server.url()} + loopback(dir / "out"))};
  ASSERT_TRUE(server.wait_for("/p5", 1));
  run.send_signal(SIGINT);
  ASSERT_TRUE(run.wait_for_output("once more to stop now")) << run.err();
  EXPECT_TRUE(run.is_running());
  const auto asked = system_clock().now();
  run.send_signal(SIGINT);
  const auto& end = run.wait();
  EXPECT_EQ(end.exit_code, 10) << end.err;
  EXPECT_LT(system_clock().now() - asked, Millis{3000});  // grace is 10 s
  const auto records = read_records(dir / "out");
  EXPECT_EQ(count(records, UrlState::fetched), 1U);
  EXPECT_EQ(count(records, UrlState::queued), 20U);
  EXPECT_EQ(expect_sound(dir / "out"), 1U);
}

TEST(Resume, GivesUpWhatIsInFlightAfterTheGrace) {
  LoopbackServer server;
  serve_stalls(server);
  const TempDir dir;
  Subprocess run{trawl(Arguments{"crawl", server.url()} +
                       loopback(dir / "out", {"--set", "job.grace=500ms"}))};
  ASSERT_TRUE(server.wait_for("/p5", 1));
  const auto asked = system_clock().now();
  run.send_signal(SIGTERM);
  const auto& end = run.wait();
  const auto took = system_clock().now() - asked;
  EXPECT_EQ(end.exit_code, 10) << end.err;
  EXPECT_GE(took, Millis{500});
  EXPECT_LT(took, Millis{5000});
  EXPECT_EQ(count(read_records(dir / "out"), UrlState::queued), 20U);
}

TEST(Resume, ACrawlOfAListsFolderSaysWhyItFollowsNothing) {
  LoopbackServer server;
  server.on("/", Reply{.body = page("home", {"/1"})});
  server.on("/1", Reply{.body = page("1", {})});
  const TempDir dir;
  const auto out = loopback(dir / "out");
  EXPECT_EQ(run_trawl(Arguments{"fetch", server.url()} + out).exit_code, 0);
  for (int i = 0; i < 2; ++i)
    EXPECT_THAT(run_trawl(Arguments{"crawl", server.url()} + out).err,
                testing::HasSubstr("it was fetched as a list, which follows no links: --again"));
  run_trawl(Arguments{"crawl", server.url(), "--again"} + out);
  EXPECT_EQ(server.count("/1"), 1U);
  EXPECT_THAT(run_trawl(Arguments{"crawl", server.url()} + out).err,
              testing::Not(testing::HasSubstr("list")));
}

// What an earlier run excluded is judged by the rules of the one that runs.
TEST(Resume, OtherRulesAdmitWhatWasExcluded) {
  LoopbackServer server;
  server.on("/", Reply{.body = page("home", {"/1", "/private/", "/left"})});
  server.on("/robots.txt", Reply{.body = "User-agent: *\nDisallow: /private/\n"});
  server.on("/1", Reply{.body = page("1", {"/2"})});
  server.on("/2", Reply{.body = page("2", {"/3"})});
  for (const char* leaf : {"/3", "/private/", "/left"})
    server.on(leaf, Reply{.body = page("a leaf", {})});
  const TempDir dir;
  const auto run = [&](const Arguments& more) {
    const auto ended = run_trawl(Arguments{"crawl", server.url()} + loopback(dir / "out") + more);
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    return ended.err;
  };
  const Arguments narrow{"--depth", "1", "--set", R"(scope.exclude=["*/left"])"};
  run(narrow);
  EXPECT_EQ(count(read_records(dir / "out"), UrlState::fetched), 2U);
  EXPECT_THAT(run(narrow), testing::HasSubstr("nothing was left to fetch"));
  EXPECT_THAT(run({"--set", R"(scope.exclude=["*/left"])"}),
              testing::HasSubstr("1 URL that was excluded by other rules is queued"));
  EXPECT_EQ(server.count("/3"), 1U);
  EXPECT_EQ(server.count("/left"), 0U);
  run({});
  EXPECT_EQ(server.count("/left"), 1U);
  EXPECT_EQ(server.count("/private/"), 0U);
  run({"--set", "robots.policy=ignore"});
  EXPECT_EQ(server.count("/private/"), 1U);
  EXPECT_EQ(server.count("/"), 1U);  // nothing is fetched again
  EXPECT_EQ(read_records(dir / "out").size(), 6U);
}

TEST(Resume, AHigherLimitFetchesWhatALowerOneCut) {
  LoopbackServer server;
  server.on("/", Reply{.body = page("home", {"/long", "/short"})});
  server.on("/long", Reply{.headers = {{"ETag", "\"1\""}},
                           .body = page("long", {}) + std::string(100'000, 'x')});
  server.on("/short", Reply{.body = page("short", {})});
  const TempDir dir;
  const auto run = [&](const std::string& max_body) {
    const auto ended = run_trawl(Arguments{"crawl", server.url()} +
                                 loopback(dir / "out", {"--set", "fetch.max_body=" + max_body}));
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    return ended.err;
  };
  const auto length = [&] {
    const auto records = read_records(dir / "out");
    const auto& outcome = records.at(server.url("/long")).outcome;
    EXPECT_EQ(outcome.truncated, outcome.bytes_body < 100'000);
    return outcome.bytes_body;
  };
  for (int i = 0; i < 2; ++i) run("10KiB");
  EXPECT_EQ(server.count("/long"), 1U);
  run("5KiB");  // a lower one changes nothing
  EXPECT_EQ(server.count("/long"), 1U);
  const auto list = run_trawl(Arguments{"fetch", server.url("/short")} + loopback(dir / "out"));
  EXPECT_EQ(list.exit_code, 0) << list.err;
  EXPECT_EQ(server.count("/long"), 1U);
  EXPECT_THAT(run("1MiB"),
              testing::HasSubstr("a body that was cut by a lower fetch.max_body is queued"));
  EXPECT_GT(length(), 100'000U);
  run("off");
  EXPECT_EQ(server.count("/long"), 2U);
  EXPECT_EQ(server.count("/short"), 1U);
}

TEST(Resume, AListInACrawlsFolderIsNoOtherRule) {
  LoopbackServer server, elsewhere;
  server.on("/", Reply{.body = page("home", {"/deep", elsewhere.url("/x")})});
  server.on("/only", Reply{.body = page("only", {})});
  const TempDir dir;
  run_trawl(Arguments{"crawl", server.url(), "--depth", "0"} + loopback(dir / "out"));
  const auto list = run_trawl(Arguments{"fetch", server.url("/only")} + loopback(dir / "out"));
  EXPECT_EQ(list.exit_code, 0) << list.err;
  EXPECT_EQ(server.count("/only"), 1U);
  EXPECT_EQ(server.count("/deep"), 0U);
  EXPECT_EQ(elsewhere.count(), 0U);
}

// What was fetched before is left out and taken back like anything else.
TEST(Resume, AnExcludeThatIsTakenBackIsNoMore) {
  LoopbackServer server;
  server.on("/", Reply{.body = page("home", {"/a"})});
  server.on("/a", Reply{.body = page("a", {})});
  const TempDir dir;
  const auto crawl = Arguments{"crawl", server.url()};
  const auto excluding = Arguments{"--set", R"(scope.exclude=["*/a"])", "--again"};
  run_trawl(crawl + loopback(dir / "out"));
  run_trawl(crawl + excluding + loopback(dir / "out"));
  EXPECT_EQ(count(read_records(dir / "out"), UrlState::excluded), 1U);
  run_trawl(crawl + loopback(dir / "out"));
  EXPECT_EQ(count(read_records(dir / "out"), UrlState::fetched), 2U);
  EXPECT_EQ(server.count("/a"), 2U);
}

// Who crawls an intranet for the first time forgets to allow it.
TEST(Resume, ANetworkThatIsAllowedNowIsAskedAtOnce) {
  LoopbackServer server;
  server.on("/", Reply{.body = page("home", {})});
  const TempDir dir;
  const auto forgotten =
      run_trawl({"crawl", server.url(), "-o", (dir / "out").string(), "--delay", "0"});
  EXPECT_EQ(server.count("/"), 0U) << forgotten.err;
  const auto allowed = run_trawl(Arguments{"crawl", server.url()} + loopback(dir / "out"));
  EXPECT_EQ(allowed.exit_code, 0) << allowed.err;
  EXPECT_EQ(server.count("/"), 1U);
}

TEST(Resume, WhatFailedIsTriedOnceMoreOnRequest) {
  LoopbackServer server;
  server.on("/good", Reply{.body = page("good", {})});
  server.on("/bad", support::reset_before_head());
  const TempDir dir;
  const auto fetch =
      Arguments{"fetch", server.url("/good"), server.url("/bad"), "--set", "fetch.attempts=1"} +
      loopback(dir / "out");
  run_trawl(fetch);
  EXPECT_EQ(count(read_records(dir / "out"), UrlState::failed), 1U);
  EXPECT_THAT(run_trawl(fetch).err, testing::HasSubstr("--retry-failed tries the failed URL"));
  server.on("/bad", Reply{.body = page("better", {})});
  const auto retried = run_trawl(fetch + Arguments{"--retry-failed"});
  EXPECT_EQ(retried.exit_code, 0) << retried.err;
  EXPECT_EQ(count(read_records(dir / "out"), UrlState::fetched), 2U);
  EXPECT_EQ(server.count("/good"), 1U);
}

// docs/scope.md, "Is the link followed?".
TEST(Requisites, AreTakenFromAnywhereOnRequest) {
  LoopbackServer site, elsewhere;
  const std::string shown = fmt::format(
      "<link rel=stylesheet href='{0}/s.css'><img src='{0}/moved.png'>"
      "<iframe src='{0}/frame'></iframe><a href='{0}/page'>a</a><img src='{0}/none'>",
      elsewhere.url(""));
  site.on("/docs/", Reply{.body = "<img src='/up.png'>" + shown});
  site.on("/up.png", Reply{.body = "png", .content_type = "image/png"});
  elsewhere.on("/s.css", Reply{.body = "@font-face{src:url(/f.woff)}", .content_type = "text/css"});
  elsewhere.on("/f.woff", Reply{.body = "font", .content_type = "font/woff"});
  elsewhere.on("/moved.png", support::redirect_to("/here.png"));
  elsewhere.on("/here.png", Reply{.body = "png", .content_type = "image/png"});
  elsewhere.on("/none", Reply{.status = 404, .body = "<img src='/advert.png'>"});
  const TempDir dir;
  const auto crawl = Arguments{"crawl", site.url("/docs/"), "--scope", "prefix"};
  EXPECT_EQ(run_trawl(crawl + loopback(dir / "out")).exit_code, 0);
  EXPECT_EQ(elsewhere.count(), 0U);
  EXPECT_EQ(site.count("/up.png"), 0U);
  const auto whole = run_trawl(
      crawl + Arguments{"--set", "scope.requisites=any", "--set", R"(scope.include=["*/docs/*"])"} +
      loopback(dir / "whole"));
  EXPECT_EQ(whole.exit_code, 0) << whole.err;
  EXPECT_EQ(site.count("/up.png"), 1U);
  for (const char* got : {"/s.css", "/f.woff", "/moved.png", "/here.png", "/none"})
    EXPECT_EQ(elsewhere.count(got), 1U) << got;
  for (const char* link : {"/frame", "/page", "/advert.png"})
    EXPECT_EQ(elsewhere.count(link), 0U) << link;
}

}  // namespace
}  // namespace trawl::e2e
