// robots.txt as hostile or broken servers have it, and one that changes under way: nothing is
// fetched before its rules are known, and what it says is read as far as the bounds go.
#include "tests/crawl/engine/crawl_run.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <vector>

namespace trawl::crawl {
namespace {

using support::LoopbackServer;
using support::Reply;
using support::SeenRequest;
using test::MemoryStore;
using testing::HasSubstr;

// Crawls /open and /closed of a server whose robots.txt is answered so; returns both records.
struct Seen {
  Outcome open, closed;
  std::size_t pages = 0;   // requests for them
  std::size_t robots = 0;  // for robots.txt
};
Seen crawl_with(const LoopbackServer::Handler& robots, Millis first_byte = Millis{20'000}) {
  LoopbackServer server;
  server.on("/robots.txt", robots);
  for (const auto* path : {"/open", "/closed"}) server.on(path, Reply{.body = "page"});
  auto job = impatient_job({server.url("/open"), server.url("/closed")});
  job.mode = JobMode::fetch;
  job.politeness.per_host = 1;
  job.fetch.attempts = 2;
  job.fetch.timeouts.first_byte = first_byte;
  MemoryStore store;
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  return {store.record(server.url("/open"))->outcome, store.record(server.url("/closed"))->outcome,
          server.count("/open") + server.count("/closed"), server.count("/robots.txt")};
}
Seen crawl_with(Reply reply, Millis first_byte = Millis{20'000}) {
  return crawl_with([reply = std::move(reply)](const SeenRequest&) { return reply; }, first_byte);
}

void expect_failed(const Seen& seen, Errc error) {
  for (const Outcome* outcome : {&seen.open, &seen.closed}) {
    EXPECT_EQ(outcome->state, UrlState::failed);
    EXPECT_EQ(outcome->error, error);
    EXPECT_THAT(outcome->error_detail, HasSubstr("robots.txt"));
  }
  EXPECT_EQ(seen.pages, 0U);
}

void expect_rules(const Seen& seen) {
  EXPECT_EQ(seen.open.state, UrlState::fetched);
  EXPECT_EQ(seen.closed.state, UrlState::excluded);
  EXPECT_EQ(seen.closed.error, Errc::robots);
  EXPECT_EQ(seen.pages, 1U);
  EXPECT_EQ(seen.robots, 1U);
}

void expect_no_rules(const Seen& seen) {
  EXPECT_EQ(seen.open.state, UrlState::fetched);
  EXPECT_EQ(seen.closed.state, UrlState::fetched);
  EXPECT_EQ(seen.robots, 1U);
}

constexpr const char* rules = "User-agent: *\nDisallow: /closed\n";

TEST(RobotsFaults, AServersErrorIsNoLeave) {
  expect_failed(crawl_with(Reply{.status = 500}), Errc::robots_unreachable);
  expect_failed(crawl_with(Reply{.status = 503, .body = rules}), Errc::robots_unreachable);
}

TEST(RobotsFaults, SilenceIsTheUrlsOwnTimeout) {
  expect_failed(crawl_with(support::never_answer(), Millis{150}), Errc::first_byte_timeout);
}

// RFC 9309 2.3.1.2: after five hops it counts as unavailable, which is leave. Between two hops lies
// the delay.
TEST(RobotsFaults, RedirectsEndAfterFiveHopsThatKeepTheDelayAndGiveLeave) {
  LoopbackServer server;
  std::mutex mutex;
  std::vector<std::chrono::steady_clock::time_point> asked;
  const auto hop = [&](int to) {
    return [&, to](const SeenRequest&) {
      const std::lock_guard lock{mutex};
      asked.push_back(std::chrono::steady_clock::now());
      return support::redirect_to(fmt::format("/hop{}", to));
    };
  };
  server.on("/robots.txt", hop(1));
  for (int i = 1; i < 10; ++i) server.on(fmt::format("/hop{}", i), hop(i + 1));
  server.on("/open", Reply{.body = "page"});
  auto job = impatient_job({server.url("/open")});
  job.mode = JobMode::fetch;
  job.politeness.delay = Millis{50};
  MemoryStore store;
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(store.record(server.url("/open"))->outcome.state, UrlState::fetched);
  ASSERT_EQ(asked.size(), 6U);
  for (std::size_t i = 1; i < asked.size(); ++i) EXPECT_GE(asked[i] - asked[i - 1], Millis{50});
}

TEST(RobotsFaults, ARedirectInACircleOrToNowhereIsAskedForOnce) {
  for (const auto& reply :
       {support::redirect_to("/robots.txt"), support::redirect_to(""), Reply{.status = 301}}) {
    const auto seen = crawl_with(reply);
    EXPECT_EQ(seen.open.state, UrlState::fetched);
    EXPECT_EQ(seen.robots, 1U);
  }
}

// Half a rule would forbid more than the site wrote, or allow it.
// It comes from whoever is crawled.
TEST(RobotsFaults, ARedirectToANameOfDotsOrOfEndlessLengthIsAskedForOnce) {
  for (const int dots : {50, 5'000, 95'000}) {
    LoopbackServer server;
    server.on("/robots.txt",
              support::redirect_to("http://a" + std::string(dots, '.') + "/robots.txt"));
    server.on("/p", Reply{.body = "page"});
    auto job = impatient_job({server.url("/p")});
    job.fetch.attempts = 1;
    MemoryStore store;
    CrawlRun run{job, store};
    EXPECT_EQ(run.wait().reason, StopReason::done) << dots;
    EXPECT_EQ(server.count("/robots.txt"), 1U) << dots;
  }
}

TEST(RobotsFaults, ALineThatTheBoundCutsIsNoRule) {
  const std::string last = "Disallow: /";
  std::string body = rules;
  body += std::string(512 * 1024 - body.size() - last.size() - 1, '#') + "\n" + last + "private\n";
  expect_rules(crawl_with(Reply{.body = body, .content_type = "text/plain"}));
}

// What the rest would have said nobody knows.
TEST(RobotsFaults, RulesThatBreakOffAreNoRules) {
  for (const auto cut : {support::Cut::close, support::Cut::reset})
    expect_failed(crawl_with(Reply{.body = fmt::format("{}Disallow: /open\n", rules),
                                   .cut = cut,
                                   .cut_after = std::string_view{rules}.size()}),
                  Errc::body_truncated);
}

// The other server's trouble is not taken for the host's own, which would be given up for it.
TEST(RobotsFaults, ARedirectToAServerThatIsNotThereIsNoLeave) {
  std::string gone;
  {
    const LoopbackServer server;
    gone = server.url("/robots.txt");
  }
  expect_failed(crawl_with(support::redirect_to(gone)), Errc::robots_unreachable);
}

TEST(RobotsFaults, OfTenMebibytesTheFirstPartCounts) {
  std::string body = rules;
  body.resize(10 << 20, '#');
  body += "\nUser-agent: *\nDisallow: /open\n";
  expect_rules(crawl_with(Reply{.body = std::move(body), .content_type = "text/plain"}));
}

TEST(RobotsFaults, OfAMillionRulesThoseWithinTheBoundCount) {
  std::string body = rules;
  for (int i = 0; i < 1'000'000; ++i) body += fmt::format("Disallow: /x{}\n", i);
  const auto begun = system_clock().now();
  expect_rules(crawl_with(Reply{.body = std::move(body), .content_type = "text/plain"}));
  EXPECT_LT(system_clock().now() - begun, std::chrono::seconds(10));
}

TEST(RobotsFaults, RulesAmidBinaryOrHtmlStillHold) {
  std::string binary("\0\xff\xfe\x80\x01", 5);
  for (int i = 0; i < 12; ++i) binary += binary.substr(0, 2000);
  expect_rules(crawl_with(Reply{.body = binary + "\n" + rules + binary}));
  expect_no_rules(crawl_with(Reply{.body = binary}));
  expect_no_rules(crawl_with(Reply{.body = "<!DOCTYPE html><html><p>Not found</p></html>"}));
  expect_rules(crawl_with(Reply{.body = fmt::format("<html>\n{}</html>\n", rules)}));
}

// RFC 9309 2.3 wants UTF-8; with a byte order mark UTF-16 is plain enough.
TEST(RobotsFaults, Utf16WithAByteOrderMarkIsRead) {
  std::string utf16 = "\xff\xfe";
  for (const char c : std::string_view{rules}) utf16 += {c, '\0'};
  expect_rules(crawl_with(Reply{.body = utf16, .content_type = "text/plain"}));
}

// What was queued under the old rules goes by the new ones once those are known.
TEST(RobotsFaults, QueuedUrlsGoByTheRulesThatCameInTheMeantime) {
  LoopbackServer server;
  std::atomic<bool> changed = false;
  server.on("/robots.txt", [&](const SeenRequest&) {
    return changed ? Reply{.body = "User-agent: *\nDisallow: /\n"} : Reply{.status = 404};
  });
  std::vector<std::string> urls;
  for (int i = 0; i < 6; ++i) urls.push_back(server.url(fmt::format("/p{}", i)));
  server.otherwise([&](const SeenRequest& request) {
    if (request.path == "/p2") changed = true;
    return Reply{.body = "page", .delay = Millis{20}};
  });
  auto job = impatient_job(urls);
  job.mode = JobMode::fetch;
  job.politeness.per_host = 1;
  job.robots.ttl = Millis{5};
  MemoryStore store;
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(count(store, {urls[0], urls[1], urls[2]}, UrlState::fetched), 3U);
  EXPECT_EQ(count(store, {urls[3], urls[4], urls[5]}, UrlState::excluded), 3U);
  for (const auto* path : {"/p3", "/p4", "/p5"}) EXPECT_EQ(server.count(path), 0U);
}

}  // namespace
}  // namespace trawl::crawl
