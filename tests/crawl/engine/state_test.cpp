// What one fetch knows of those before it: cookies, and pages that are fetched again.
#include "tests/crawl/engine/crawl_run.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

namespace trawl::crawl {
namespace {

using support::LoopbackServer;
using support::Reply;
using support::SeenRequest;
using test::MemoryStore;
using testing::HasSubstr;

JobSpec fetch_job(std::vector<std::string> seeds) {
  JobSpec job = impatient_job(std::move(seeds));
  job.mode = JobMode::fetch;
  job.fetch.attempts = 1;
  job.robots.policy = RobotsPolicy::ignore;
  job.output.shards = 1;
  job.politeness.per_host = 1;
  return job;
}

// Runs a job to its end; again: over what the store has.
void run(const JobSpec& job, MemoryStore& store, bool again = false) {
  CrawlRun run{job, store, again};
  EXPECT_EQ(run.wait().reason, StopReason::done);
}

std::string cookie_of(const LoopbackServer& server, std::string_view path) {
  for (const SeenRequest& request : server.requests())
    if (request.path == path) return std::string{request.header("cookie")};
  return "no request";
}

// A site behind a log-in: /login sets a cookie and redirects to the page that wants it.
void serve_login(LoopbackServer& server) {
  server.on("/login", Reply{.status = 302,
                            .headers = {{"Location", "/home"},
                                        {"Set-Cookie", "sid=42; Path=/; HttpOnly"},
                                        {"Set-Cookie", "theme=dark; Path=/other"}}});
  server.on("/home", [](const SeenRequest& request) {
    return request.header("cookie") == "sid=42" ? Reply{.body = "<title>welcome</title>"}
                                                : Reply{.status = 403};
  });
}

TEST(Cookies, AreSentBackOverARedirect) {
  LoopbackServer server;
  serve_login(server);
  auto job = fetch_job({server.url("/login")});
  job.fetch.cookies = CookieMode::session;
  MemoryStore store;
  run(job, store);
  EXPECT_EQ(store.record(server.url("/home"))->outcome.status, 200);
  EXPECT_EQ(cookie_of(server, "/login"), "");
  EXPECT_TRUE(store.cookies().empty());
}

TEST(Cookies, AreNeitherTakenNorSentByDefault) {
  LoopbackServer server;
  serve_login(server);
  MemoryStore store;
  run(fetch_job({server.url("/login")}), store);
  EXPECT_EQ(store.record(server.url("/home"))->outcome.status, 403);
  EXPECT_EQ(cookie_of(server, "/home"), "");
}

TEST(Cookies, ThatPersistAreThoseOfTheNextRun) {
  LoopbackServer server;
  serve_login(server);
  server.on("/later", Reply{.body = "later"});
  auto job = fetch_job({server.url("/login")});
  job.fetch.cookies = CookieMode::persist;
  MemoryStore store;
  run(job, store);
  ASSERT_EQ(store.cookies().size(), 2U);
  EXPECT_EQ(store.cookies()[0].value, "42");
  job.seeds.urls = {server.url("/later")};
  CrawlRun next{job, store, false, store.cookies()};
  next.wait();
  EXPECT_EQ(cookie_of(server, "/later"), "sid=42");
}

TEST(Cookies, OfARetriedAnswerCountToo) {
  LoopbackServer server;
  server.on("/", [](const SeenRequest& request) {
    if (request.header("cookie") == "pass=1") return Reply{.body = "in"};
    return Reply{.status = 503, .headers = {{"Set-Cookie", "pass=1"}}};
  });
  auto job = fetch_job({server.url()});
  job.fetch.cookies = CookieMode::session;
  job.fetch.attempts = 2;
  MemoryStore store;
  run(job, store);
  EXPECT_EQ(store.record(server.url())->outcome.status, 200);
}

// "Does it come back with my cookie?"
TEST(Cookies, APageThatRedirectsToItselfWithACookieIsAskedAgain) {
  LoopbackServer server;
  server.on("/", [](const SeenRequest& request) {
    if (request.header("cookie") == "pass=1") return Reply{.body = "in"};
    return Reply{.status = 302, .headers = {{"Set-Cookie", "pass=1"}, {"Location", "/#top"}}};
  });
  server.on("/loop",
            Reply{.status = 302, .headers = {{"Set-Cookie", "a=1"}, {"Location", "loop"}}});
  auto job = fetch_job({server.url(), server.url("/loop")});
  job.fetch.cookies = CookieMode::session;
  job.fetch.attempts = 4;
  MemoryStore store;
  run(job, store);
  EXPECT_EQ(store.record(server.url())->outcome.status, 200);
  EXPECT_EQ(server.count("/"), 2U);
  EXPECT_EQ(store.record(server.url("/loop"))->outcome.error, Errc::redirect_loop);
  EXPECT_EQ(server.count("/loop"), 2U) << "nothing was new the second time";
}

// A gate that asks for the cookie of another host, and a page that asks for one in vain.
struct Gate {
  Gate() {
    home.on("/gate", [this](const SeenRequest& request) {
      if (request.header("cookie") == "pass=1")
        return Reply{.body = "<title>in</title><a href=next>next</a>"};
      return support::redirect_to(home.url("/login"));
    });
    home.on("/login", [this](const SeenRequest&) { return support::redirect_to(other.url("/")); });
    other.on("/", [this](const SeenRequest&) { return support::redirect_to(home.url("/set")); });
    home.on("/set", Reply{.status = 302,
                          .headers = {{"Set-Cookie", "pass=1; Path=/gate"}, {"Location", "gate"}}});
    home.on("/vain", support::redirect_to("/vain-login"));
    home.on("/vain-login",
            Reply{.status = 302,
                  .headers = {{"Set-Cookie", "x=1; Path=/elsewhere"}, {"Location", "/vain"}}});
    home.on("/ever", support::redirect_to("/ever-login"));
    home.on("/ever-login", [this](const SeenRequest&) {
      return Reply{.status = 302,
                   .headers = {{"Set-Cookie", fmt::format("n={}; Path=/ever", ++logins)},
                               {"Location", "/ever"}}};
    });
  }
  LoopbackServer home, other{"127.0.0.2"};
  std::atomic<int> logins = 0;
};

TEST(Cookies, APageThatSendsItsVisitorForACookieIsAskedAgainWithIt) {
  Gate gate;
  auto job = fetch_job({gate.home.url("/gate")});
  job.mode = JobMode::crawl;
  job.fetch.cookies = CookieMode::session;
  job.fetch.attempts = 2;
  job.output.shards = 2;
  MemoryStore store;
  run(job, store);
  const auto page = store.record(gate.home.url("/gate"))->outcome;
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.title, "in");
  EXPECT_EQ(page.attempts, 2);
  EXPECT_EQ(page.error, std::nullopt);
  EXPECT_EQ(gate.home.count("/gate"), 2U);
  EXPECT_EQ(store.record(gate.home.url("/set"))->outcome.error, std::nullopt);
  EXPECT_EQ(store.record(gate.home.url("/set"))->outcome.redirect_to, gate.home.url("/gate"));
  EXPECT_EQ(gate.home.count("/next"), 1U) << "its links count";
  EXPECT_EQ(store.totals(), (StoreTotals{.fetched = 5, .bytes_wire = store.totals().bytes_wire}));

  run(job, store, true);  // all of it, and no cookie was kept
  EXPECT_EQ(store.record(gate.home.url("/gate"))->outcome.status, 200);
  EXPECT_EQ(gate.home.count("/gate"), 4U);
}

TEST(Cookies, ARedirectBackIsALoopWithoutANewCookieOrWithEverNewOnes) {
  Gate gate;
  auto job = fetch_job({gate.home.url("/vain"), gate.home.url("/ever")});
  job.fetch.cookies = CookieMode::session;
  job.fetch.attempts = 3;
  MemoryStore store;
  run(job, store);
  EXPECT_EQ(store.record(gate.home.url("/vain-login"))->outcome.error, Errc::redirect_loop);
  EXPECT_EQ(gate.home.count("/vain"), 1U);
  // The cookie is new for /ever alone; /ever-login is known by then.
  EXPECT_EQ(store.record(gate.home.url("/ever"))->outcome.error, Errc::redirect_loop);
  EXPECT_EQ(gate.home.count("/ever"), 2U);
  EXPECT_EQ(gate.home.count("/ever-login"), 1U);
  EXPECT_EQ(store.totals().queued, 0U);
}

TEST(Cookies, WithoutThemARedirectBackIsALoop) {
  Gate gate;
  auto job = fetch_job({gate.home.url("/gate")});
  MemoryStore store;
  run(job, store);
  EXPECT_EQ(store.record(gate.home.url("/set"))->outcome.error, Errc::redirect_loop);
  EXPECT_EQ(gate.home.count("/gate"), 1U);
}

// A server with a page that knows its ETag, and counts the times it was sent whole.
struct TaggedPage {
  TaggedPage() {
    server.on("/", [](const SeenRequest& request) {
      if (request.header("if-none-match") == "\"v1\"") return Reply{.status = 304};
      return Reply{.headers = {{"ETag", "\"v1\""},
                               {"Content-Disposition", "inline; filename=\"../one.html\""}},
                   .body = "<title>one</title>"};
    });
  }
  Outcome record() const { return store.record(server.url())->outcome; }
  void again() { run(job, store, true); }
  void answer_with(Reply reply) { server.on("/", std::move(reply)); }  // from now on

  LoopbackServer server;
  MemoryStore store;
  JobSpec job = fetch_job({server.url()});
};

TEST(FetchedAgain, AnUnchangedPageKeepsItsRecord) {
  TaggedPage site;
  run(site.job, site.store);
  const Outcome first = site.record();
  EXPECT_EQ(first.filename, "one.html");
  EXPECT_EQ(first.revisit, Revisit::none);
  site.again();
  const Outcome second = site.record();
  EXPECT_EQ(site.server.count("/"), 2U);
  EXPECT_EQ(site.server.requests().back().header("if-none-match"), "\"v1\"");
  EXPECT_EQ(second.state, UrlState::fetched);
  EXPECT_EQ(second.status, 200);
  EXPECT_EQ(second.revisit, Revisit::not_modified);
  EXPECT_EQ(second.title, "one");
  EXPECT_EQ(second.digest, first.digest);
  EXPECT_EQ(second.filename, "one.html");
  EXPECT_EQ(second.attempts, 1);
  EXPECT_GT(second.fetched_at, first.fetched_at);
  EXPECT_EQ(site.store.totals().fetched, 1U);
}

TEST(FetchedAgain, AChangedPageTakesTheRecord) {
  TaggedPage site;
  run(site.job, site.store);
  site.answer_with(Reply{.headers = {{"ETag", "\"v2\""}}, .body = "<title>two</title>"});
  site.again();
  EXPECT_EQ(site.record().title, "two");
  EXPECT_EQ(site.record().etag, "\"v2\"");
  EXPECT_EQ(site.record().revisit, Revisit::none);
  EXPECT_EQ(site.record().filename, "");
}

TEST(FetchedAgain, IsAskedForInFullWhenTheJobSaysSo) {
  TaggedPage site;
  run(site.job, site.store);
  site.job.fetch.conditional = false;
  site.again();
  EXPECT_EQ(site.server.requests().back().header("if-none-match"), "");
  EXPECT_EQ(site.record().revisit, Revisit::none);
}

// docs/faults.md, row 12.
TEST(FetchedAgain, NothingThatIsNoPageTakesAPagesPlace) {
  TaggedPage site;
  run(site.job, site.store);
  site.job.fetch.conditional = false;
  const std::string digest = site.record().digest;
  const auto expect_kept = [&](std::string_view what, UrlState state, Errc error) {
    site.again();
    EXPECT_EQ(site.record().digest, digest) << what;
    EXPECT_EQ(site.record().title, "one") << what;
    EXPECT_EQ(site.record().status, 200) << what;
    EXPECT_EQ(site.record().revisit, Revisit::kept) << what;
    EXPECT_EQ(site.record().state, state) << what;
    EXPECT_EQ(site.record().error, error) << what;
  };
  site.answer_with(Reply{.status = 304});
  expect_kept("304", UrlState::fetched, Errc::protocol);
  site.answer_with(
      Reply{.status = 206, .headers = {{"Content-Range", "bytes 0-3/100"}}, .body = "<tit"});
  expect_kept("206", UrlState::fetched, Errc::protocol);
  site.answer_with(support::reset_before_head());
  expect_kept("reset", UrlState::failed, Errc::reset);
  site.answer_with(
      Reply{.body = "<title>half</title>", .cut = support::Cut::close, .cut_after = 5});
  expect_kept("half", UrlState::failed, Errc::body_truncated);
  // An answer that is a page of its own does, whatever its status.
  site.answer_with(Reply{.status = 404, .body = "<title>gone</title>"});
  site.again();
  EXPECT_EQ(site.record().status, 404);
  EXPECT_EQ(site.record().title, "gone");
  EXPECT_EQ(site.record().revisit, Revisit::none);
}

TEST(FetchedAgain, APageIsKeptThroughSeveralAttempts) {
  TaggedPage site;
  run(site.job, site.store);
  const std::string digest = site.record().digest;
  site.job.fetch.attempts = 3;
  site.answer_with(support::reset_before_head());
  site.again();
  EXPECT_EQ(site.server.count("/"), 4U);
  EXPECT_EQ(site.record().state, UrlState::failed);
  EXPECT_EQ(site.record().error, Errc::reset);
  EXPECT_EQ(site.record().attempts, 3);
  EXPECT_EQ(site.record().revisit, Revisit::kept);
  EXPECT_EQ(site.record().status, 200);
  EXPECT_EQ(site.record().digest, digest);
  EXPECT_EQ(site.record().filename, "one.html");
}

TEST(FetchedAgain, APageIsAskedAboutAgainAfterAnAttemptThatFailed) {
  TaggedPage site;
  run(site.job, site.store);
  site.job.fetch.attempts = 3;
  site.server.on("/", [first = std::make_shared<bool>(true)](const SeenRequest& request) {
    if (std::exchange(*first, false)) return support::reset_before_head();
    return Reply{.status = request.header("if-none-match") == "\"v1\"" ? 304 : 200};
  });
  site.again();
  EXPECT_EQ(site.record().state, UrlState::fetched);
  EXPECT_EQ(site.record().error, std::nullopt);
  EXPECT_EQ(site.record().revisit, Revisit::not_modified);
  EXPECT_EQ(site.record().title, "one");
}

// Attempts that bring no error of their own don't make it a sound one.
TEST(FetchedAgain, ADamagedPageIsNotTakenForASoundOneAfterARetry) {
  TaggedPage site;
  site.answer_with(Reply{.headers = {{"ETag", "\"v1\""}, {"Content-Encoding", "gzip"}},
                         .body = "no gzip at all"});
  run(site.job, site.store);
  ASSERT_EQ(site.record().error, Errc::decode);
  site.job.fetch.attempts = 3;
  site.server.on("/", [first = std::make_shared<bool>(true)](const SeenRequest& request) {
    if (std::exchange(*first, false)) return Reply{.status = 503};
    if (!request.header("if-none-match").empty()) return Reply{.status = 304};
    return Reply{.body = "<title>sound</title>"};
  });
  site.again();
  EXPECT_EQ(site.record().title, "sound");
  EXPECT_EQ(site.record().error, std::nullopt);
}

// What is archived of it has a record of its own there.
TEST(FetchedAgain, ABrokenRedirectTakesNoPagesPlace) {
  TaggedPage site;
  run(site.job, site.store);
  site.answer_with(Reply{.status = 301,
                         .headers = {{"Location", "/elsewhere"}},
                         .body = "moved for good",
                         .cut = support::Cut::close,
                         .cut_after = 3});
  site.again();
  EXPECT_EQ(site.record().status, 200);
  EXPECT_EQ(site.record().revisit, Revisit::kept);
  EXPECT_EQ(site.record().redirect_to, "");
}

TEST(FetchedAgain, AnAnswerOfAnyStatusOutlastsWhatIsNone) {
  TaggedPage site;
  site.answer_with(Reply{.status = 412, .body = "<title>refused</title>"});
  run(site.job, site.store);
  site.answer_with(Reply{.status = 304});
  site.again();
  EXPECT_EQ(site.record().status, 412);
  EXPECT_EQ(site.record().title, "refused");
  EXPECT_EQ(site.record().revisit, Revisit::kept);
  EXPECT_EQ(site.record().error, Errc::protocol);
  EXPECT_EQ(site.server.requests().back().header("if-none-match"), "");
  site.answer_with(support::reset_before_head());
  site.again();
  EXPECT_EQ(site.record().status, 412);
  EXPECT_EQ(site.record().revisit, Revisit::kept);
  EXPECT_EQ(site.record().error, Errc::reset);
}

TEST(FetchedForTheFirstTime, AnUnasked304OrPartIsNoPage) {
  LoopbackServer server;
  server.on("/304", Reply{.status = 304});
  server.on("/206", Reply{.status = 206, .body = "part"});
  MemoryStore store;
  run(fetch_job({server.url("/304"), server.url("/206")}), store);
  for (const int status : {304, 206}) {
    const auto outcome = store.record(server.url("/" + std::to_string(status)))->outcome;
    EXPECT_EQ(outcome.state, UrlState::fetched) << status;
    EXPECT_EQ(outcome.status, status);
    EXPECT_EQ(outcome.error, Errc::protocol) << status;
    EXPECT_THAT(outcome.error_detail, HasSubstr(std::to_string(status)));
  }
}

TEST(FetchedAgain, PagesPerHostAreCountedOnce) {
  TaggedPage site;
  site.job.limits.pages_per_host = 1;
  run(site.job, site.store);
  site.again();
  EXPECT_EQ(site.record().state, UrlState::fetched);
  EXPECT_EQ(site.record().revisit, Revisit::not_modified);
}

}  // namespace
}  // namespace trawl::crawl
