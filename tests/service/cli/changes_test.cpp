#include "service/cli/changes.hpp"

#include "core/base/result.hpp"
#include "tests/service/cli/small_crawl.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace trawl::service::cli {
namespace {

namespace json = boost::json;
using crawl::Outcome;
using test::answer_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ChangesBetween : public testing::Test {
 protected:
  static void put(test::SmallCrawl& crawl, const std::string& url, Outcome outcome) {
    crawl.end(crawl.admit(url, "h"), test::SmallCrawl::fetched(std::move(outcome)));
  }
  static void end(test::SmallCrawl& crawl, const std::string& url, Outcome outcome) {
    crawl.end(crawl.admit(url, "h"), std::move(outcome));
  }
  std::vector<std::string> lines() {
    TextOutput out, err;
    EXPECT_EQ(run_changes({.folders = {before_.folder(), now_.folder()}}, out, err), ExitCode::ok);
    said_ = err.text;
    std::vector<std::string> all;
    std::istringstream text{out.text};
    for (std::string line; std::getline(text, line);) all.push_back(line);
    return all;
  }

  test::SmallCrawl before_, now_;
  std::string said_;
};

TEST_F(ChangesBetween, PagesThatDifferAreNamed) {
  put(before_, "http://h/same", answer_of("sha256:1"));
  put(now_, "http://h/same", answer_of("sha256:1"));
  put(before_, "http://h/other", answer_of("sha256:1"));
  put(now_, "http://h/other", answer_of("sha256:2"));
  put(before_, "http://h/moved", answer_of("sha256:1"));
  put(now_, "http://h/moved", {.status = 301, .digest = "sha256:1", .redirect_to = "http://h/a"});
  put(now_, "http://h/new", answer_of("sha256:3"));
  put(before_, "http://h/gone", answer_of("sha256:4"));
  put(now_, "http://h/gone", answer_of("sha256:5", 404));
  put(before_, "http://h/unlinked", answer_of("sha256:6"));
  EXPECT_THAT(lines(),
              ElementsAre("changed   200      http://h/other", "changed   200>301  http://h/moved",
                          "new       200      http://h/new", "gone      200>404  http://h/gone",
                          "gone      200      http://h/unlinked"));
  EXPECT_THAT(said_, HasSubstr("1 new, 2 changed, 2 gone, 0 failed, 0 excluded from "));
}

TEST_F(ChangesBetween, WhatWasNoPageIsNotMissed) {
  put(before_, "http://h/404", answer_of("sha256:1", 404));
  put(now_, "http://h/404", answer_of("sha256:1", 404));
  put(before_, "http://h/unlinked", answer_of("sha256:1", 500));
  EXPECT_THAT(lines(), IsEmpty());
}

TEST_F(ChangesBetween, WhatCouldNotBeFetchedOrIsExcludedIsNamedAndWhatIsQueuedIsNot) {
  for (const char* url : {"http://h/failed", "http://h/excluded", "http://h/queued"})
    put(before_, url, answer_of("sha256:1"));
  end(now_, "http://h/failed", {.state = crawl::UrlState::failed, .error = Errc::reset});
  now_.admit("http://h/excluded", "h", Errc::robots);
  now_.admit("http://h/queued", "h");
  end(now_, "http://h/new-and-failed", {.state = crawl::UrlState::failed, .error = Errc::reset});
  now_.admit("http://h/new-and-excluded", "h", Errc::robots);
  EXPECT_THAT(lines(), ElementsAre("failed    reset    http://h/failed",
                                   "excluded  robots   http://h/excluded"));
}

TEST_F(ChangesBetween, WhatWasSoInTheOldOneAlreadyIsNoDifference) {
  Outcome excluded = answer_of("sha256:1"), failed = answer_of("sha256:1");
  excluded.state = crawl::UrlState::excluded;
  excluded.error = Errc::scope;
  failed.error = Errc::reset;
  excluded.revisit = failed.revisit = crawl::Revisit::kept;
  for (auto* crawl : {&before_, &now_}) {
    end(*crawl, "http://h/excluded", excluded);
    put(*crawl, "http://h/failed", failed);
  }
  put(before_, "http://h/other", failed);
  end(now_, "http://h/other", excluded);
  EXPECT_THAT(lines(), ElementsAre("excluded  scope    http://h/other"));
}

TEST_F(ChangesBetween, ACrawlThatIsNotFinishedSaysSo) {
  put(before_, "http://h/a", answer_of("sha256:1"));
  now_.admit("http://h/a", "h");
  EXPECT_THAT(lines(), IsEmpty());
  EXPECT_THAT(said_, HasSubstr(", which is not finished: 1 queued"));
}

TEST_F(ChangesBetween, AsJsonWithTheStatusBefore) {
  put(before_, "http://h/a", answer_of("sha256:1", 500));
  put(now_, "http://h/a", answer_of("sha256:2"));
  TextOutput out, err;
  run_changes({.folders = {before_.folder(), now_.folder()}, .format = "jsonl", .quiet = true}, out,
              err);
  const auto line = json::parse(out.text).as_object();
  EXPECT_EQ(line.at("change"), "changed");
  EXPECT_EQ(line.at("status"), 200);
  EXPECT_EQ(line.at("status_before"), 500);
  EXPECT_EQ(line.at("digest"), "sha256:2");
  EXPECT_EQ(err.text, "");
}

TEST(Changes, TwoFoldersHaveNoTime) {
  TextOutput out, err;
  EXPECT_THROW(run_changes({.folders = {"a", "b"}, .since = "1h"}, out, err), Failure);
  EXPECT_THROW(run_changes({.folders = {"a", "b", "c"}}, out, err), Failure);
}

class ChangesSince : public testing::Test {
 protected:
  static Wall at(int second) { return Wall{std::chrono::seconds{1'700'000'000 + second}}; }

  // A page as its row in the history has it; seconds.
  void put(const std::string& url, Outcome outcome,
           std::optional<crawl::PageHistory> history = {}) {
    const auto id = crawl_.admit(url, "h");
    crawl::StoreBatch batch{.updates = {{.id = id, .outcome = std::move(outcome)}}};
    batch.updates.front().history = std::move(history);
    crawl_.apply(batch);
  }
  std::string lines() {
    TextOutput out, err;
    run_changes({.folders = {crawl_.folder()}, .since = format_rfc3339(at(100))}, out, err);
    said_ = err.text;
    return out.text;
  }
  static crawl::RunRecord run_at(int second, std::string end, std::uint64_t fetched) {
    const auto ms = at(second).time_since_epoch().count();
    return {.began_ms = ms, .ended_ms = ms + 1, .end = std::move(end), .fetched = fetched};
  }
  static Outcome fetched(int second, int status = 200) {
    return test::SmallCrawl::fetched({.status = status, .fetched_at = at(second)});
  }

  test::SmallCrawl crawl_;
  std::string said_;
};

TEST_F(ChangesSince, TheHistoryOfEachPageSaysIt) {
  put("http://h/old", fetched(50));
  put("http://h/new", fetched(150));
  const auto history = [](int first, int changed, int checked) {
    return crawl::PageHistory{.first_seen = at(first),
                              .last_changed = at(changed),
                              .last_checked = at(checked),
                              .fetches = 2};
  };
  put("http://h/unchanged", fetched(150), history(10, 20, 150));
  put("http://h/changed", fetched(150), history(10, 150, 150));
  auto gone = history(10, 150, 150);
  gone.gone_since = at(150);
  put("http://h/gone", fetched(150, 404), gone);
  gone.gone_since = gone.last_changed = at(60);
  put("http://h/long-gone", fetched(150, 404), gone);
  auto kept = fetched(50);
  kept.error = Errc::reset;
  kept.revisit = crawl::Revisit::kept;
  kept.state = crawl::UrlState::failed;
  put("http://h/failed", kept, history(10, 50, 150));
  kept.state = crawl::UrlState::excluded;
  kept.error = Errc::robots;
  put("http://h/excluded", kept, history(10, 50, 150));
  crawl_.admit("http://h/queued", "h");
  // Asked for again, and not brought yet.
  put("http://h/retried", fetched(50), history(10, 50, 50));
  crawl_.end(crawl_.id("http://h/retried"),
             {.state = crawl::UrlState::queued, .error = Errc::reset});
  // Each time an answer, though none that can be decoded.
  auto undecoded = fetched(150);
  undecoded.error = Errc::decode;
  put("http://h/undecoded", undecoded, history(10, 20, 150));
  const auto post = std::make_shared<crawl::RequestSpec>(crawl::RequestSpec{.method = "POST"});
  const auto id = crawl_.apply({.admitted = {{.url = "http://h/", .host = "h", .request = post}}});
  crawl_.end(id.front(), fetched(150));
  EXPECT_EQ(lines(),
            "new       200      http://h/new\n"
            "changed   200      http://h/changed\n"
            "gone      404      http://h/gone\n"
            "failed    reset    http://h/failed\n"
            "excluded  robots   http://h/excluded\n");
  EXPECT_THAT(
      said_, HasSubstr("1 new, 1 changed, 1 gone, 1 failed, 1 excluded since 2023-11-14T22:15:00"));
}

// It began with the first of those that were broken off, and one that did nothing is none.
TEST_F(ChangesSince, TheLastRunIsTheOneThatOthersWentOnWith) {
  put("http://h/old", fetched(50));
  put("http://h/new", fetched(150));
  crawl_.apply({.run = run_at(10, "finished", 1)});
  crawl_.apply({.run = run_at(140, "limit", 1)});
  crawl_.apply({.run = crawl::RunRecord{.began_ms = at(160).time_since_epoch().count()}});
  crawl_.apply({.run = run_at(170, "finished", 1)});
  crawl_.apply({.run = run_at(180, "finished", 0)});
  TextOutput out, err;
  run_changes({.folders = {crawl_.folder()}}, out, err);
  EXPECT_EQ(out.text, "new       200      http://h/new\n");
}

TEST_F(ChangesSince, WithoutATimeItIsTheLastRun) {
  put("http://h/old", fetched(50));
  put("http://h/new", fetched(150));
  TextOutput out, err;
  EXPECT_THROW(run_changes({.folders = {crawl_.folder()}}, out, err), Failure);
  for (const int began : {10, 100}) crawl_.apply({.run = run_at(began, "finished", 1)});
  run_changes({.folders = {crawl_.folder()}}, out, err);
  EXPECT_EQ(out.text, "new       200      http://h/new\n");
}

// Times that are missing are none, and not the beginning of 1970.
TEST_F(ChangesSince, ATimeBeforeAllTimesFindsNothingGone) {
  put("http://h/page", fetched(50));
  for (const char* since : {"1970-01-01", "1969-12-31", "30000d"}) {
    TextOutput out, err;
    run_changes({.folders = {crawl_.folder()}, .since = since}, out, err);
    EXPECT_EQ(out.text, "new       200      http://h/page\n") << since;
  }
}

TEST_F(ChangesSince, ManyPagesAreReadInPieces) {
  for (int i = 0; i < 700; ++i) put("http://h/" + std::to_string(i), fetched(i < 600 ? 50 : 150));
  lines();
  EXPECT_THAT(said_, HasSubstr("100 new, 0 changed"));
}

}  // namespace
}  // namespace trawl::service::cli
