// Pages that are fetched again when their time has come, run after run on one folder.
#include "storage/open.hpp"
#include "tests/e2e/program.hpp"

#include <fmt/format.h>

#include <atomic>
#include <csignal>
#include <thread>
#include <vector>

namespace trawl::e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// Of the view `history`, as text.
std::string history(const std::filesystem::path& folder, const std::string& url,
                    const std::string& columns) {
  auto db = storage::open_results(folder);
  auto statement = db.prepare(fmt::format("SELECT {} FROM history WHERE url = ?1", columns));
  auto rows = statement.query(std::string_view{url});
  return rows.next() ? std::string{rows.text(0)} : "no row";
}

// Seconds from its last fetch to its next.
constexpr const char* due_after =
    "cast(round((julianday(next_due) - julianday(last_checked)) * 86400) AS int)";

class Recrawl : public testing::Test {
 protected:
  void SetUp() override {
    server_.on("/", Reply{.body = page("home", {"/same", "/ticks", "/goes"})});
    server_.on("/same", [](const SeenRequest& request) {
      if (request.header("if-none-match") == "\"1\"") return Reply{.status = 304};
      return Reply{.headers = {{"ETag", "\"1\""}}, .body = "same"};
    });
    server_.on("/ticks", [this](const SeenRequest&) {
      return Reply{.body = fmt::format("tick {}", ++ticks_)};
    });
    server_.on("/goes", [this](const SeenRequest&) {
      return there_ ? Reply{.body = "here"} : Reply{.status = 404, .body = "not here"};
    });
  }

  Finished run(const std::string& every) {
    return run_trawl(
        Arguments{"crawl", server_.url("/")} +
        loopback(folder(), Arguments{"--set", fmt::format("recrawl.every={}", every)}));
  }
  std::filesystem::path folder() { return dir_ / "out"; }

  TempDir dir_;
  std::atomic<int> ticks_ = 0;
  std::atomic<bool> there_ = true;
  LoopbackServer server_;
};

// The same body may be another page for whoever makes an index.
TEST_F(Recrawl, APageWhoseHeaderAloneChangedIsChanged) {
  std::atomic<int> seen = 0;
  server_.on("/", [&seen](const SeenRequest&) {
    const int time = ++seen;
    Reply reply{.headers = {{"Content-Type", time < 3 ? "text/html; charset=iso-8859-1"
                                                      : "text/html; charset=utf-8"}},
                .body = "<title>caf\u00e9</title>"};
    if (time > 1) reply.headers.emplace_back("X-Robots-Tag", "noindex");
    return reply;
  });
  for (int times = 0; times < 4; ++times) {
    if (times > 0) std::this_thread::sleep_for(Millis{1100});
    ASSERT_EQ(run("1s").exit_code, 0);
  }
  EXPECT_EQ(history(folder(), server_.url("/"), "fetches || ' ' || changes"), "4 2");
}

TEST_F(Recrawl, FetchesWhatIsDueAndSaysWhenTheNextIs) {
  const auto first = run("1h");
  ASSERT_EQ(first.exit_code, 0) << first.err;
  EXPECT_THAT(first.err, HasSubstr("next due in 59 m"));
  // Nothing is due yet.
  const auto second = run("1h");
  EXPECT_EQ(second.exit_code, 0);
  EXPECT_THAT(second.err, AllOf(HasSubstr("nothing was left to fetch"), HasSubstr("next due in")));
  EXPECT_EQ(server_.count("/same"), 1U);
  // A shorter interval holds for pages of before.
  std::this_thread::sleep_for(Millis{1100});
  ASSERT_EQ(run("1s").exit_code, 0);
  EXPECT_EQ(server_.count("/same"), 2U);
  EXPECT_EQ(server_.count("/ticks"), 2U);
  EXPECT_EQ(
      history(folder(), server_.url("/same"), "fetches || ' ' || changes || ' ' || unchanged"),
      "2 0 1");
  EXPECT_EQ(
      history(folder(), server_.url("/ticks"), "fetches || ' ' || changes || ' ' || unchanged"),
      "2 1 0");
  EXPECT_EQ(read_records(folder()).at(server_.url("/same")).outcome.revisit,
            crawl::Revisit::not_modified);
  expect_archived(folder(), read_records(folder()));
}

TEST_F(Recrawl, NoticesPagesThatAreGoneAndThatComeBack) {
  ASSERT_EQ(run("1s").exit_code, 0);
  there_ = false;
  std::this_thread::sleep_for(Millis{1100});
  ASSERT_EQ(run("1s").exit_code, 0);
  const std::string url = server_.url("/goes");
  EXPECT_THAT(history(folder(), url, "gone_since"), HasSubstr("T"));
  EXPECT_EQ(read_records(folder()).at(url).outcome.status, 404);
  EXPECT_THAT(run_trawl({"stats", folder().string(), "--format", "json"}).out,
              AllOf(HasSubstr("\"gone\":1"), HasSubstr("\"next_due\":\"")));
  EXPECT_THAT(run_trawl({"stats", folder().string()}).out, HasSubstr("gone"));
  const auto told = run_trawl({"explain", folder().string(), url});
  EXPECT_THAT(told.out,
              AllOf(HasSubstr("gone since"), HasSubstr("fetched 2 times"), HasSubstr("again at")));
  // Twice as late as the others. Not told by waiting: this machine may be busy for seconds.
  EXPECT_EQ(history(folder(), url, due_after), "2");
  EXPECT_EQ(history(folder(), server_.url("/ticks"), due_after), "1");
  there_ = true;
  std::this_thread::sleep_for(Millis{2100});
  ASSERT_EQ(run("1s").exit_code, 0);
  EXPECT_EQ(server_.count("/goes"), 3U);
  EXPECT_EQ(history(folder(), url, "coalesce(gone_since, 'there')"), "there");
}

TEST_F(Recrawl, AnAdaptiveIntervalFollowsThePage) {
  const std::string every = R"({min="1s",max="30d"})";
  ASSERT_EQ(run(every).exit_code, 0);
  std::this_thread::sleep_for(Millis{1100});
  ASSERT_EQ(run(every).exit_code, 0);
  EXPECT_EQ(server_.count("/ticks"), 2U);
  EXPECT_EQ(server_.count("/same"), 2U);
  EXPECT_EQ(history(folder(), server_.url("/same"), "cast(interval_s AS int)"), "2");
  EXPECT_EQ(history(folder(), server_.url("/ticks"), "cast(interval_s AS int)"), "1");
  EXPECT_EQ(history(folder(), server_.url("/same"), due_after), "2");
  EXPECT_EQ(history(folder(), server_.url("/ticks"), due_after), "1");
}

TEST_F(Recrawl, APlainJobFetchesNothingAgainAndOneWithAnIntervalTakesItsFolderOver) {
  ASSERT_EQ(run("off").exit_code, 0);
  EXPECT_EQ(history(folder(), server_.url("/same"), "coalesce(next_due, 'never')"), "never");
  EXPECT_EQ(history(folder(), server_.url("/same"), "fetches"), "1");
  std::this_thread::sleep_for(Millis{1100});
  ASSERT_EQ(run("1s").exit_code, 0);
  EXPECT_EQ(server_.count("/same"), 2U);
  const auto last = run("off");
  EXPECT_THAT(last.err, AllOf(HasSubstr("nothing was left"), Not(HasSubstr("next due"))));
}

// Killed between any two of its steps, a round leaves each page either queued or with a time.
TEST_F(Recrawl, ARoundThatIsKilledIsContinued) {
  std::vector<std::string> links;
  for (int i = 0; i < 300; ++i) links.push_back(fmt::format("/page/{}", i));
  server_.on("/", Reply{.body = page("home", links)});
  server_.otherwise([](const SeenRequest& request) { return Reply{.body = request.path}; });
  ASSERT_EQ(run("1s").exit_code, 0);
  std::this_thread::sleep_for(Millis{1100});
  for (const int life : {30, 45, 60, 80, 100, 130}) {
    Subprocess killed{
        trawl(Arguments{"crawl", server_.url("/")} +
              loopback(folder(), {"--concurrency", "2", "--set", "recrawl.every=1s"}))};
    std::this_thread::sleep_for(Millis{life});
    killed.send_signal(SIGKILL);
    killed.wait();
    auto db = storage::open_results(folder());
    EXPECT_EQ(db.integer("SELECT count(*) FROM url u WHERE state = 1 AND NOT EXISTS(SELECT 1 FROM "
                         "url_history h WHERE h.host_id = u.host_id AND h.seq = u.seq AND "
                         "next_ms IS NOT NULL)"),
              0);
  }
  ASSERT_EQ(run("1s").exit_code, 0);
  auto db = storage::open_results(folder());
  EXPECT_EQ(db.integer("SELECT count(*) FROM history WHERE url LIKE '%/page/%' AND "
                       "(fetches < 2 OR next_due IS NULL)"),
            0);
  EXPECT_EQ(db.integer("SELECT count(*) FROM results WHERE state = 'fetched'"), 301);
  EXPECT_EQ(db.integer("SELECT count(*) FROM url WHERE state = 0"), 0);
  EXPECT_EQ(db.integer("SELECT (SELECT count(*) FROM url) - (queued + fetched + failed + excluded) "
                       "FROM progress"),
            0);
}

TEST_F(Recrawl, APageThatMayNotBeFetchedOneDayIsAskedForTheNext) {
  std::atomic<bool> closed = false;
  server_.on("/robots.txt", [&](const SeenRequest&) {
    return Reply{.body = closed ? "User-agent: *\nDisallow: /same\n" : ""};
  });
  const auto run_with_fresh_rules = [&] {
    return run_trawl(Arguments{"crawl", server_.url("/"), "--set", "robots.ttl=1s"} +
                     loopback(folder(), Arguments{"--set", "recrawl.every=1s"}));
  };
  ASSERT_EQ(run_with_fresh_rules().exit_code, 0);
  EXPECT_EQ(server_.count("/same"), 1U);
  closed = true;
  std::this_thread::sleep_for(Millis{1100});
  ASSERT_EQ(run_with_fresh_rules().exit_code, 0);
  EXPECT_EQ(server_.count("/same"), 1U);
  EXPECT_EQ(history(folder(), server_.url("/same"), due_after), "1");
  closed = false;
  std::this_thread::sleep_for(Millis{1100});
  const auto last = run_with_fresh_rules();
  ASSERT_EQ(last.exit_code, 0) << last.err;
  EXPECT_EQ(server_.count("/same"), 2U);
}

TEST_F(Recrawl, WhatChangedSinceATimeCanBeAskedFor) {
  ASSERT_EQ(run("1s").exit_code, 0);
  std::this_thread::sleep_for(Millis{1500});
  ASSERT_EQ(run("1s").exit_code, 0);
  // Between the two runs; all pages were fetched since then.
  const auto db = read_records(folder());
  const Wall second = *db.at(server_.url("/ticks")).outcome.fetched_at;
  const std::string since = format_rfc3339(second - Millis{700});
  const auto fetched = run_trawl({"results", folder().string(), "--since", since});
  EXPECT_THAT(fetched.out, AllOf(HasSubstr("/ticks\""), HasSubstr("/same\"")));
  const auto changed = run_trawl({"results", folder().string(), "--changed-since", since});
  EXPECT_THAT(changed.out, AllOf(HasSubstr("/ticks\""), Not(HasSubstr("/same\""))));
}

}  // namespace
}  // namespace trawl::e2e
