// Each route over a real socket, and what HTTP asks of a server.
#include "tests/service/control/client.hpp"
#include "tests/service/control/running_server.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trawl::test {
namespace {

using service::control::Asset;
using testing::ElementsAre;
using testing::HasSubstr;

boost::json::value parsed(const std::string& text) {
  return boost::json::parse(text);
}

TEST(ControlApi, ListsJobsWithTheirFigures) {
  RunningServer server;
  const auto answer = ask(server.port(), "GET /api/v1/jobs");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.field("content-type"), "application/json");
  const auto json = parsed(answer.body);
  const auto& job = json.at("jobs").at(0);
  EXPECT_EQ(job.at("name"), "docs");
  EXPECT_EQ(job.at("state"), "running");
  EXPECT_TRUE(job.at("schedule").is_null());
  EXPECT_TRUE(job.at("progress").is_null());
  EXPECT_EQ(job.at("totals").at("queued"), 0);
  EXPECT_FALSE(job.as_object().contains("settings"));
}

TEST(ControlApi, ShowsAJobWithItsSettingsAndErrors) {
  RunningServer server;
  service::JobView broken{.name = "broken", .state = service::JobState::invalid};
  broken.errors = {{"broken.toml", 3, 7, "fetch.attempts", "expected a number"}};
  broken.progress.emplace();
  broken.progress->run.errors = {{Errc::dns, 3}};
  broken.outcomes = {0, 12, 0, 3, 0, 1, 4, 5, 6};
  server.jobs.add(broken);
  const auto job = parsed(ask(server.port(), "GET /api/v1/jobs/broken").body);
  EXPECT_EQ(job.at("settings"), "");
  EXPECT_EQ(job.at("errors").at(0).at("line"), 3);
  EXPECT_EQ(job.at("progress").at("errors").at("dns"), 3);
  EXPECT_EQ(boost::json::serialize(job.at("statuses")), R"({"2xx":12,"4xx":3,"other":1})");
  EXPECT_EQ(ask(server.port(), "GET /api/v1/jobs/none").status, 404);
}

TEST(ControlApi, TakesAJobAndSaysWhereItIs) {
  RunningServer server;
  const auto taken = ask(server.port(), "POST /api/v1/jobs?name=new",
                         "Content-Type: application/toml\r\n", "[seeds]\n");
  EXPECT_EQ(taken.status, 201);
  EXPECT_EQ(taken.field("location"), "/api/v1/jobs/new");
  const auto json =
      ask(server.port(), "POST /api/v1/jobs", "Content-Type: application/json\r\n", "{}");
  EXPECT_EQ(json.status, 201);
  EXPECT_EQ(ask(server.port(), "POST /api/v1/jobs?name=bare", "", "[seeds]").status, 201);
  EXPECT_THAT(server.jobs.calls(), ElementsAre("submit new toml [seeds]\n", "submit  json {}",
                                               "submit bare toml [seeds]"));
}

TEST(ControlApi, TellsEveryErrorOfAJobThatIsRefused) {
  RunningServer server;
  server.jobs.refuse_submit({service::Refusal::invalid,
                             "2 errors",
                             {{"a.toml", 1, 2, "x", "unknown"}, {"a.toml", 2, 2, "y", "unknown"}}});
  const auto refused = ask(server.port(), "POST /api/v1/jobs", "", "x = 1");
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(refused.field("content-type"), "application/problem+json");
  const auto json = parsed(refused.body);
  EXPECT_EQ(json.at("errors").as_array().size(), 2U);
  EXPECT_EQ(json.at("title"), "Unprocessable Entity");
  server.jobs.refuse_submit({service::Refusal::exists, "there is a job docs already"});
  EXPECT_EQ(ask(server.port(), "POST /api/v1/jobs", "", "x = 1").status, 409);
  server.jobs.refuse_submit({service::Refusal::forbidden, "a path outside of data_dir"});
  EXPECT_EQ(ask(server.port(), "POST /api/v1/jobs", "", "x = 1").status, 403);
  server.jobs.refuse_submit({service::Refusal::unavailable, "shutting down"});
  const auto later = ask(server.port(), "POST /api/v1/jobs", "", "x = 1");
  EXPECT_EQ(later.status, 503);
  EXPECT_EQ(later.field("retry-after"), "1");
}

TEST(ControlApi, SteersChangesFeedsAndRemoves) {
  RunningServer server;
  const auto port = server.port();
  const auto paused = ask(port, "POST /api/v1/jobs/docs/pause");
  EXPECT_EQ(paused.status, 200);
  EXPECT_EQ(parsed(paused.body).at("state"), "paused");
  for (const auto* word : {"resume", "cancel", "run"})
    EXPECT_EQ(ask(port, fmt::format("POST /api/v1/jobs/docs/{}", word)).status, 200);
  const auto as_json = "Content-Type: application/json; charset=utf-8\r\n";
  EXPECT_EQ(
      ask(port, "PATCH /api/v1/jobs/docs", as_json, R"({"politeness": {"delay": "2s"}})").status,
      200);
  const auto urls = ask(port, "POST /api/v1/jobs/docs/urls", as_json, R"({"urls": ["http://a/"]})");
  EXPECT_EQ(urls.body, R"({"added":1,"known":0,"invalid":0})");
  EXPECT_EQ(ask(port, "POST /api/v1/jobs/docs/urls", "Content-Type: text/plain\r\n", "http://b/\n")
                .status,
            200);
  EXPECT_EQ(ask(port, "DELETE /api/v1/jobs/docs?data=no").status, 400);
  EXPECT_EQ(ask(port, "DELETE /api/v1/jobs/docs?data=delete").status, 204);
  EXPECT_EQ(ask(port, "DELETE /api/v1/jobs/docs").status, 404);
  EXPECT_THAT(
      server.jobs.calls(),
      ElementsAre("steer docs pause", "steer docs resume", "steer docs cancel", "steer docs run",
                  "change docs politeness.delay=\"2s\"", "push docs http://a/",
                  "push docs http://b/", "remove docs delete", "remove docs keep"));
}

TEST(ControlApi, FetchesOneUrlAndGivesItsBody) {
  RunningServer server;
  const auto as_json = "Content-Type: application/json\r\n";
  const auto text = ask(server.port(), "POST /api/v1/fetch", as_json, R"({"url": "http://a/"})");
  const auto json = parsed(text.body);
  EXPECT_EQ(json.at("record").at("url"), "http://a/");
  EXPECT_EQ(json.at("body"), "hello");
  EXPECT_EQ(json.at("body_cut"), false);
  server.jobs.set_fetch(
      [](service::FetchNow) { return service::FetchedNow{.body = "\xFF\xFE", .body_cut = true}; });
  const auto bytes = ask(server.port(), "POST /api/v1/fetch", as_json, R"({"url": "http://a/"})");
  EXPECT_EQ(parsed(bytes.body).at("body_base64"), "//4=");
}

TEST(ControlApi, SaysHowTheDaemonIs) {
  RunningServer server;
  EXPECT_EQ(ask(server.port(), "GET /healthz").body, "ok\n");
  EXPECT_EQ(ask(server.port(), "GET /readyz").status, 200);
  server.jobs.set_ready(false);
  EXPECT_EQ(ask(server.port(), "GET /readyz").status, 503);
  const auto json = parsed(ask(server.port(), "GET /api/v1/status").body);
  EXPECT_EQ(json.at("jobs").at("running"), 1);
  EXPECT_GT(json.at("resident_bytes").to_number<std::uint64_t>(), 1'000'000U);
  EXPECT_EQ(ask(server.port(), "GET /metrics").status, 404);
}

TEST(ControlApi, AListThatCouldNotBeMadeIsNoEmptyOne) {
  RunningServer server;
  server.jobs.refuse_list({service::Refusal::unavailable, "see the daemon's log"});
  for (const auto* request : {"GET /api/v1/jobs", "GET /api/v1/status"}) {
    const auto answer = ask(server.port(), request);
    EXPECT_EQ(answer.status, 503) << request;
    EXPECT_EQ(parsed(answer.body).at("detail"), "see the daemon's log");
  }
}

TEST(ControlApi, AsksForATokenWhereItHasOne) {
  RunningServer server{[](RunningServer::Parts& parts) {
    parts.token = "secret";
    parts.metrics = [] { return "trawl_up 1\n"; };
    parts.assets = [](std::string_view path) {
      return path == "/" ? std::optional{Asset{"text/html; charset=utf-8", "<p>", "\"1\""}}
                         : std::nullopt;
    };
  }};
  const auto port = server.port();
  const auto refused = ask(port, "GET /api/v1/jobs");
  EXPECT_EQ(refused.status, 401);
  EXPECT_THAT(refused.field("www-authenticate"), HasSubstr("Bearer"));
  EXPECT_EQ(ask(port, "GET /api/v1/jobs", "Authorization: Bearer wrong\r\n").status, 401);
  EXPECT_EQ(ask(port, "GET /api/v1/jobs", "Authorization: Bearer secret\r\n").status, 200);
  EXPECT_EQ(ask(port, "GET /metrics").status, 401);
  EXPECT_EQ(ask(port, "GET /metrics", "Authorization: Bearer secret\r\n").body, "trawl_up 1\n");
  EXPECT_EQ(ask(port, "GET /healthz").status, 200);
  EXPECT_EQ(ask(port, "GET /nothing").status, 404);
  const auto page = ask(port, "GET /");
  EXPECT_EQ(page.body, "<p>");
  EXPECT_THAT(page.field("content-security-policy"), HasSubstr("script-src 'self'"));
  for (const char* same : {"\"1\"", "W/\"1\"", "\"0\", \"1\"", "*"})
    EXPECT_EQ(ask(port, "GET /", fmt::format("If-None-Match: {}\r\n", same)).status, 304) << same;
  EXPECT_EQ(ask(port, "GET /", "If-None-Match: \"0\", W/\"2\"\r\n").status, 200);
}

TEST(ControlApi, SetsHeadersThatKeepBrowsersAndCachesAway) {
  RunningServer server;
  for (const auto* request : {"GET /api/v1/jobs", "GET /none", "PUT /api/v1/jobs"}) {
    const auto answer = ask(server.port(), request);
    EXPECT_EQ(answer.field("x-content-type-options"), "nosniff") << request;
    EXPECT_EQ(answer.field("referrer-policy"), "no-referrer") << request;
    EXPECT_EQ(answer.field("cache-control"), "no-store") << request;
    EXPECT_THAT(answer.field("content-security-policy"), HasSubstr("frame-ancestors 'none'"));
    EXPECT_FALSE(answer.fields.contains("access-control-allow-origin"));
  }
}

TEST(ControlApi, MethodsAndPathsThatItHasNotAreProblems) {
  RunningServer server;
  const auto port = server.port();
  const auto options = ask(port, "OPTIONS /api/v1/jobs/docs");
  EXPECT_EQ(options.status, 405);
  EXPECT_EQ(options.field("allow"), "GET, HEAD, PATCH, DELETE");
  EXPECT_EQ(ask(port, "GET /api/v1/jobs/docs/pause").status, 405);
  EXPECT_EQ(ask(port, "GET /api/v2/jobs").status, 404);
  EXPECT_EQ(ask(port, "TRACE /").status, 405);
  EXPECT_EQ(ask(port, "GET /api/v1/jobs?x=1").status, 400);
  EXPECT_EQ(ask(port, "GET /api/v1/jobs/docs/results?statsu=1").status, 400);
  EXPECT_EQ(ask(port, "GET http://localhost/healthz").status, 200);
  EXPECT_EQ(ask(port, "GET http://evil.example/healthz").status, 421);
}

TEST(ControlApi, AHeadHasTheFieldsAndNoBody) {
  RunningServer server;
  Client client{server.port()};
  client.ask("HEAD /healthz");
  const auto head = client.receive(true);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.field("content-length"), "3");
  client.ask("GET /healthz");  // nothing of a body is in the way
  EXPECT_EQ(client.receive().body, "ok\n");
}

TEST(ControlApi, BodiesNeedAKnownType) {
  RunningServer server;
  const auto form = "Content-Type: application/x-www-form-urlencoded\r\n";
  EXPECT_EQ(ask(server.port(), "POST /api/v1/jobs", form, "a=b").status, 415);
  EXPECT_EQ(ask(server.port(), "POST /api/v1/jobs/docs/pause", form, "a=b").status, 415);
  EXPECT_EQ(ask(server.port(), "PATCH /api/v1/jobs/docs", "", "{}").status, 415);
  EXPECT_TRUE(server.jobs.calls().empty());
}

TEST(ControlApi, NobodyWithoutATokenHasABodyRead) {
  RunningServer server{std::string{"secret"}};
  const std::string head =
      "GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
  Client client{server.port()};
  client.send(head + "Content-Length: 1000000\r\n\r\n");  // of which nothing comes
  EXPECT_EQ(client.receive().status, 413);
}

TEST(ControlApi, PipelinedRequestsAreAnsweredInTheirOrder) {
  RunningServer server;
  Client client{server.port()};
  client.send(
      "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
      "POST /api/v1/jobs/docs/urls HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
      "Transfer-Encoding: chunked\r\n\r\n9\r\nhttp://a/\r\n0\r\n\r\n"
      "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n"
      "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.receive().body, "ok\n");
  EXPECT_EQ(client.receive().body, R"({"added":1,"known":0,"invalid":0})");
  EXPECT_EQ(client.receive().status, 404);
  EXPECT_EQ(client.receive().body, "ready\n");
  EXPECT_TRUE(client.is_closed());
}

TEST(ControlApi, ABodyThatWaitsForLeaveGetsItOnlyWhenItIsWanted) {
  RunningServer server;
  Client client{server.port()};
  client.send(
      "POST /api/v1/jobs/docs/urls HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
      "Content-Length: 9\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.receive().status, 100);
  client.send("http://a/");
  EXPECT_EQ(client.receive().body, R"({"added":1,"known":0,"invalid":0})");
  Client unwanted{server.port()};
  unwanted.send(
      "POST /api/v1/jobs/docs/pause HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"
      "Content-Length: 9\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(unwanted.receive().status, 415);
}

TEST(ControlApi, SpeaksHttp10) {
  RunningServer server;
  Client client{server.port()};
  client.send("GET /healthz HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.receive().body, "ok\n");
  EXPECT_TRUE(client.is_closed());
}

}  // namespace
}  // namespace trawl::test
