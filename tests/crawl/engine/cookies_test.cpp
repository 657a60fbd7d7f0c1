// What one fetch knows of those before it by their cookies.
#include "tests/crawl/engine/fetch_job.hpp"

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

}  // namespace
}  // namespace trawl::crawl
