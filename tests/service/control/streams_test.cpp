// Answers that go on: results, bodies, events.
#include "service/control/body_reader.hpp"
#include "tests/service/cli/small_crawl.hpp"
#include "tests/service/control/client.hpp"
#include "tests/service/control/running_server.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

namespace trawl::test {
namespace {

using testing::HasSubstr;
using testing::Not;

std::size_t lines_of(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

void add_job(RunningServer& server, const std::string& name, const std::string& folder) {
  server.jobs.add({.name = name, .dir = folder});
}

// Waits for something that happens on the server's thread.
bool comes_true(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  return true;
}

TEST(ControlResults, AreStreamedLineByLineToTheEnd) {
  SmallCrawl crawl;
  crawl.admit_many("a.example", 1000);
  RunningServer server;
  add_job(server, "big", crawl.folder());
  const auto all = ask(server.port(), "GET /api/v1/jobs/big/results");
  EXPECT_TRUE(all.whole);
  EXPECT_EQ(all.field("content-type"), "application/x-ndjson");
  EXPECT_EQ(all.field("transfer-encoding"), "chunked");
  EXPECT_EQ(lines_of(all.body), 1000U);
  const auto first = boost::json::parse(all.body.substr(0, all.body.find('\n')));
  EXPECT_EQ(first.at("url"), "http://a.example/0");
  EXPECT_EQ(first.at("state"), "queued");
}

TEST(ControlResults, GoOnBehindTheUrlThatCameLast) {
  SmallCrawl crawl;
  crawl.admit_many("a.example", 10);
  RunningServer server;
  add_job(server, "big", crawl.folder());
  const auto page = ask(server.port(), "GET /api/v1/jobs/big/results?limit=4");
  EXPECT_EQ(lines_of(page.body), 4U);
  const auto next =
      ask(server.port(), "GET /api/v1/jobs/big/results?after=http%3A%2F%2Fa.example%2F3");
  EXPECT_EQ(lines_of(next.body), 6U);
  EXPECT_THAT(next.body, HasSubstr("http://a.example/4\""));
  EXPECT_EQ(ask(server.port(), "GET /api/v1/jobs/big/results?after=http://b/").status, 400);
  EXPECT_EQ(ask(server.port(), "GET /api/v1/jobs/big/results?state=none").status, 400);
}

TEST(ControlResults, OfAPatternGoOnBehindItsLastRecord) {
  SmallCrawl crawl;
  crawl.admit_many("a.example:81", 1000);
  RunningServer server;
  add_job(server, "big", crawl.folder());
  const std::string target = "GET /api/v1/jobs/big/results?host=a.example&url=*99&limit=4";
  const auto page = ask(server.port(), target);
  EXPECT_EQ(lines_of(page.body), 4U);
  EXPECT_THAT(page.body, HasSubstr("http://a.example:81/399\""));
  const auto last = page.body.substr(page.body.rfind('\n', page.body.size() - 2) + 1);
  const auto next =
      ask(server.port(),
          fmt::format("{}&after={}", target,
                      std::string_view{boost::json::parse(last).at("position").as_string()}));
  EXPECT_EQ(lines_of(next.body), 4U);
  EXPECT_THAT(next.body, HasSubstr("http://a.example:81/499\""));
}

TEST(ControlResults, PagesEndAlsoWhereOneUrlHasManyRecords) {
  SmallCrawl crawl;
  crawl::StoreBatch batch;
  for (int i = 0; i < 5; ++i) {
    const crawl::RequestSpec request{.method = "POST", .body = fmt::to_string(i)};
    batch.admitted.push_back(
        {.url = "http://a.example/", .host = "a.example", .request = crawl::share(request)});
  }
  crawl.apply(batch);
  RunningServer server;
  add_job(server, "big", crawl.folder());
  std::string after;
  std::size_t records = 0;
  for (int pages = 0; pages < 4; ++pages) {
    const auto page = ask(server.port(), "GET /api/v1/jobs/big/results?limit=2" + after);
    records += lines_of(page.body);
    if (page.body.empty()) break;
    const auto last = page.body.substr(page.body.rfind('\n', page.body.size() - 2) + 1);
    after = fmt::format("&after={}",
                        std::string_view{boost::json::parse(last).at("position").as_string()});
  }
  EXPECT_EQ(records, 5U);
}

TEST(ControlResults, GoOnBehindWhatIsNoUrl) {
  SmallCrawl crawl;
  crawl.apply({.admitted = {{.url = "not a url", .excluded = Errc::bad_url}}});
  crawl.admit_many("a.example", 3);
  RunningServer server;
  add_job(server, "big", crawl.folder());
  const auto first = ask(server.port(), "GET /api/v1/jobs/big/results?limit=1");
  EXPECT_THAT(first.body, HasSubstr("\"not a url\""));
  const auto next = ask(server.port(), "GET /api/v1/jobs/big/results?after=not%20a%20url");
  EXPECT_EQ(lines_of(next.body), 3U);
}

TEST(ControlResults, OfAJobThatNeverRanAreNone) {
  RunningServer server;
  add_job(server, "new", "/nonexistent/folder");
  const auto none = ask(server.port(), "GET /api/v1/jobs/new/results");
  EXPECT_EQ(none.status, 200);
  EXPECT_EQ(none.body, "");
  EXPECT_EQ(ask(server.port(), "GET /api/v1/jobs/new/explain?url=http://a/").status, 404);
  EXPECT_EQ(ask(server.port(), "GET /api/v1/jobs/new/hosts").body, R"({"hosts":[]})");
  EXPECT_EQ(ask(server.port(), "GET /api/v1/jobs/none/results").status, 404);
}

TEST(ControlResults, ComeToAClientOfHttp10WithoutChunks) {
  SmallCrawl crawl;
  crawl.admit_many("a.example", 300);
  RunningServer server;
  add_job(server, "big", crawl.folder());
  Client client{server.port()};
  client.send("GET /api/v1/jobs/big/results HTTP/1.0\r\n\r\n");
  const auto all = client.receive();
  EXPECT_FALSE(all.fields.contains("transfer-encoding"));
  EXPECT_EQ(lines_of(all.body), 300U);
}

TEST(ControlResults, AFolderThatIsMadeAnewIsOpenedAnew) {
  RunningServer server;
  const ScratchFolder place;
  add_job(server, "job", place.path() / "out");
  for (const int count : {3, 5}) {
    SmallCrawl crawl;
    crawl.admit_many("a.example", count);
    std::filesystem::remove_all(place.path() / "out");
    std::filesystem::copy(crawl.folder(), place.path() / "out");
    const auto all = ask(server.port(), "GET /api/v1/jobs/job/results");
    EXPECT_EQ(lines_of(all.body), static_cast<std::size_t>(count));
  }
}

// What `trawl runs` and `trawl changes` say.
TEST(ControlHistory, ShowsRunsAndWhatTheyFound) {
  SmallCrawl crawl;
  crawl.fetch("http://a.example/", "a.example", "", "<p>hi</p>", {.title = "hi"});
  RunningServer server;
  add_job(server, "small", crawl.folder());
  const auto port = server.port();
  EXPECT_EQ(ask(port, "GET /api/v1/jobs/small/runs").body, R"({"runs":[]})");
  EXPECT_EQ(ask(port, "GET /api/v1/jobs/small/changes").body, "");
  for (int i = 0; i < 3; ++i)
    crawl.apply({.run = crawl::RunRecord{.began_ms = 1000 + i, .mode = "crawl"}});
  crawl.apply(
      {.run = crawl::RunRecord{
           .began_ms = 2000, .ended_ms = 3000, .mode = "crawl", .end = "finished", .fetched = 1}});
  const auto runs = boost::json::parse(ask(port, "GET /api/v1/jobs/small/runs?limit=2").body);
  ASSERT_EQ(runs.at("runs").as_array().size(), 2U);
  EXPECT_TRUE(runs.at("runs").at(0).at("ended").is_null());
  EXPECT_EQ(runs.at("runs").at(1).at("end"), "finished");
  EXPECT_EQ(runs.at("runs").at(1).at("fetched"), 1);
  const auto changes = ask(port, "GET /api/v1/jobs/small/changes?since=1970-01-01");
  EXPECT_EQ(changes.status, 200);
  const auto change = boost::json::parse(changes.body);
  EXPECT_EQ(change.at("change"), "new");
  EXPECT_EQ(change.at("url"), "http://a.example/");
  EXPECT_EQ(change.at("title"), "hi");
  EXPECT_EQ(ask(port, "GET /api/v1/jobs/small/changes?since=2999-01-01").body, "");
  EXPECT_EQ(ask(port, "GET /api/v1/jobs/small/changes?since=yesterday").status, 400);
  EXPECT_EQ(ask(port, "GET /api/v1/jobs/small/runs?limit=-1").status, 400);
  EXPECT_EQ(ask(port, "GET /api/v1/jobs/none/runs").status, 404);
}

TEST(ControlHistory, GoesOnBehindACursor) {
  SmallCrawl crawl;
  crawl.fetch("http://a.example/", "a.example", "", "<p>hi</p>");
  RunningServer server;
  add_job(server, "small", crawl.folder());
  const auto poll = [&server](const std::string& after) {
    return ask(server.port(), "GET /api/v1/jobs/small/changes?after=" + after);
  };
  const auto all = poll("0");
  EXPECT_EQ(lines_of(all.body), 1U);
  const std::string cursor{all.field("trawl-cursor")};
  EXPECT_EQ(poll(cursor).body, "");
  EXPECT_EQ(poll(cursor).field("trawl-cursor"), cursor);
  crawl.fetch("http://a.example/b", "a.example", "", "<p>b</p>");
  const auto more = poll(cursor);
  EXPECT_THAT(more.body, HasSubstr("http://a.example/b"));
  EXPECT_EQ(lines_of(more.body), 1U);
  // Of a later state, and of another folder that has as many commits.
  EXPECT_EQ(poll("99").status, 410);
  EXPECT_EQ(poll(cursor.substr(0, cursor.find('-')) + "-00000001").status, 410);
  for (const char* none : {"x", "-1", "1-", "1-xyz"}) EXPECT_EQ(poll(none).status, 400) << none;
  EXPECT_EQ(poll("0&since=1h").status, 400);
}

// By its record alone the host could be asked at once.
TEST(ControlHosts, SayWhatTheRunWaitsFor) {
  SmallCrawl crawl;
  crawl.settings("[seeds]\nurls = [\"http://a.example/\"]\n");
  const auto id = crawl.admit("http://a.example/", "a.example");
  crawl.admit("http://b.example/", "b.example");
  RunningServer server;
  add_job(server, "small", crawl.folder());
  const Wall until = system_clock().wall() + Millis{60'000};
  server.jobs.set_host_holds({{id.host, crawl::WaitFor::others, until}});
  const auto hosts =
      boost::json::parse(ask(server.port(), "GET /api/v1/jobs/small/hosts").body).at("hosts");
  EXPECT_EQ(hosts.at(0).at("state"), "waiting");
  EXPECT_EQ(std::string{hosts.at(0).at("next_fetch_at").as_string()}, format_rfc3339(until));
  EXPECT_THAT(std::string{hosts.at(0).at("why").as_string()}, HasSubstr("another job"));
  EXPECT_EQ(hosts.at(1).at("state"), "ready");
  EXPECT_TRUE(hosts.at(1).at("why").is_null());
  const std::string explain = "GET /api/v1/jobs/small/explain?url=http://a.example/";
  const auto why = boost::json::parse(ask(server.port(), explain).body);
  EXPECT_EQ(std::string{why.at("not_before").as_string()}, format_rfc3339(until));
  EXPECT_THAT(std::string{why.at("not_before_reason").as_string()}, HasSubstr("another job"));
}

TEST(ControlRecord, ShowsHeadsHostsAndWhy) {
  SmallCrawl crawl;
  crawl.fetch("http://a.example/", "a.example", "Content-Type: text/html\r\n", "<p>hi</p>",
              {.content_type = "text/html", .charset = "utf-8"});
  crawl.settings("[seeds]\nurls = [\"http://a.example/\"]\n");
  RunningServer server;
  add_job(server, "small", crawl.folder());
  const auto port = server.port();
  const auto record =
      boost::json::parse(ask(port, "GET /api/v1/jobs/small/record?url=http://a.example/").body);
  EXPECT_EQ(record.at("record").at("url"), "http://a.example/");
  EXPECT_THAT(std::string{record.at("request_head").as_string()}, HasSubstr("GET / HTTP/1.1"));
  EXPECT_THAT(std::string{record.at("response_head").as_string()}, HasSubstr("200 OK"));
  const auto hosts = boost::json::parse(ask(port, "GET /api/v1/jobs/small/hosts").body);
  EXPECT_EQ(hosts.at("hosts").at(0).at("host"), "a.example");
  EXPECT_EQ(hosts.at("hosts").at(0).at("state"), "drained");
  EXPECT_EQ(hosts.at("hosts").at(0).at("fetched"), 1);
  const auto why = ask(port, "GET /api/v1/jobs/small/explain?url=a.example/other");
  EXPECT_EQ(why.status, 200);
  EXPECT_TRUE(boost::json::parse(why.body).is_object());
  EXPECT_EQ(ask(port, "GET /api/v1/jobs/small/record?url=http://a.example/none").status, 404);
  EXPECT_EQ(ask(port, "GET /api/v1/jobs/small/record?url=http%3A%2F%2F%5B").status, 400);
  EXPECT_EQ(ask(port, "GET /api/v1/jobs/small/record").status, 400);
}

TEST(ControlRecord, ABodyIsShownAndNeverRun) {
  SmallCrawl crawl;
  const std::string html = "<script>alert(1)</script>" + std::string(3'000'000, 'x');
  crawl.fetch("http://a.example/", "a.example", "", html, {.content_type = "text/html"});
  crawl.fetch("http://a.example/s", "a.example", "", "<svg/>", {.content_type = "image/svg+xml"});
  crawl.fetch("http://a.example/i", "a.example", "", "png", {.content_type = "image/png"});
  crawl.admit("http://a.example/q", "a.example");
  RunningServer server;
  add_job(server, "small", crawl.folder());
  const auto body = [&](const std::string& url) {
    return ask(server.port(), "GET /api/v1/jobs/small/body?url=" + url);
  };
  const auto page = body("http://a.example/");
  EXPECT_EQ(page.body, html);
  EXPECT_TRUE(page.whole);
  EXPECT_EQ(page.field("content-type"), "text/plain");
  EXPECT_THAT(page.field("content-security-policy"), HasSubstr("sandbox; default-src 'none'"));
  EXPECT_EQ(page.field("x-content-type-options"), "nosniff");
  EXPECT_EQ(body("http://a.example/s").field("content-type"), "text/plain");
  EXPECT_EQ(body("http://a.example/i").field("content-type"), "image/png");
  EXPECT_EQ(body("http://a.example/q").status, 404);
}

TEST(ControlRecord, ABodyThatIsDamagedIsAnErrorAndNoHalfPage) {
  SmallCrawl crawl;
  crawl.fetch("http://a.example/", "a.example", "", "hello");
  crawl.damage_warc("http://a.example/", "a.example");
  RunningServer server;
  add_job(server, "small", crawl.folder());
  EXPECT_EQ(ask(server.port(), "GET /api/v1/jobs/small/body?url=http://a.example/").status, 500);
}

TEST(ControlRecord, AReaderThatLeavesABodyLeavesNoThreadBehind) {
  SmallCrawl crawl;
  std::string big(40'000'000, 'x');
  crawl.fetch("http://a.example/", "a.example", "", big);
  RunningServer server;
  add_job(server, "small", crawl.folder());
  const auto leaves_a_body = [&] {
    Client client{server.port(), 4096};
    client.ask("GET /api/v1/jobs/small/body?url=http://a.example/");
    const bool begun = client.read_until("\r\n\r\n").contains("200 OK");
    client.reset();
    return begun;
  };
  for (int i = 0; i < 20; ++i)  // more than may be read at once
    ASSERT_TRUE(comes_true(leaves_a_body)) << i;
}

// A search for a revisit's original reads all WARC files, and the loop has other clients.
TEST(BodyReader, IsLeftWithoutWaitingForItsThread) {
  std::atomic<bool> left = false, told = false;
  {
    service::control::BodyThreads threads;
    {
      service::control::BodyReader reader{
          threads, [&](const std::atomic<bool>& stop, const service::BodyOutput&) {
            comes_true([&] { return left.load(); });
            told = left && stop;
            return Result<>{};
          }};
    }
    left = true;
  }
  EXPECT_TRUE(told);
}

TEST(ControlEvents, ReachEverybodyWhoListens) {
  RunningServer server;
  Client all{server.port()}, one{server.port()};
  all.ask("GET /api/v1/events");
  one.ask("GET /api/v1/events?job=docs");
  EXPECT_THAT(all.read_until(": trawl"), HasSubstr("text/event-stream"));
  EXPECT_THAT(one.read_until(": trawl"), HasSubstr("200 OK"));
  server.jobs.emit("state", "other", R"({"job":"other","state":"paused"})");
  server.jobs.emit("state", "docs", "{\"job\":\"docs\",\n\"state\":\"running\"}");
  const std::string seen = all.read_until(R"("running"})");
  EXPECT_THAT(seen, HasSubstr("event: state\ndata: {\"job\":\"other\",\"state\":\"paused\"}\n\n"));
  EXPECT_THAT(seen, HasSubstr("data: {\"job\":\"docs\", \"state\":\"running\"}\n"));
  EXPECT_THAT(one.read_until(R"("running"})"), Not(HasSubstr("other")));
}

TEST(ControlEvents, OfAClientThatReadsNothingAreBoundedAndCounted) {
  RunningServer server;
  Client slow{server.port(), 2048};
  slow.ask("GET /api/v1/events");
  slow.read_until(": trawl");
  const std::string data = "{\"job\":\"docs\",\"x\":\"" + std::string(20'000, 'x') + "\"}";
  for (int i = 0; i < 3000; ++i) {
    server.jobs.emit("state", "docs", data);
    server.jobs.emit("progress", "docs", "{\"tick\":" + std::to_string(i) + "}");
    if (i % 100 == 0) std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  const std::string seen = slow.read_until("event: lagged");
  EXPECT_THAT(seen, HasSubstr("event: lagged"));
  EXPECT_LT(seen.size(), 40'000'000U);
}

TEST(ControlEvents, AClientThatLeavesIsForgottenAtOnce) {
  RunningServer server;
  const auto listens_and_leaves = [&] {
    Client client{server.port()};
    client.ask("GET /api/v1/events");
    return client.read_until(": trawl").contains("200 OK");
  };
  for (int i = 0; i < 1000; ++i)  // more than may listen at once
    ASSERT_TRUE(comes_true(listens_and_leaves)) << i;
}

}  // namespace
}  // namespace trawl::test
