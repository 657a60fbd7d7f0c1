#include "service/cli/changes.hpp"

#include "core/base/result.hpp"
#include "service/cli/forget.hpp"
#include "service/cli/requeue.hpp"
#include "tests/service/cli/small_crawl.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace trawl::service::cli {
namespace {

namespace json = boost::json;
using crawl::Outcome;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Outcome of(std::string digest, int status = 200) {
  return {.status = status, .digest = std::move(digest)};
}

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
  put(before_, "http://h/same", of("sha256:1"));
  put(now_, "http://h/same", of("sha256:1"));
  put(before_, "http://h/other", of("sha256:1"));
  put(now_, "http://h/other", of("sha256:2"));
  put(before_, "http://h/moved", of("sha256:1"));
  put(now_, "http://h/moved", {.status = 301, .digest = "sha256:1", .redirect_to = "http://h/a"});
  put(now_, "http://h/new", of("sha256:3"));
  put(before_, "http://h/gone", of("sha256:4"));
  put(now_, "http://h/gone", of("sha256:5", 404));
  put(before_, "http://h/unlinked", of("sha256:6"));
  EXPECT_THAT(lines(),
              ElementsAre("changed   200      http://h/other", "changed   200>301  http://h/moved",
                          "new       200      http://h/new", "gone      200>404  http://h/gone",
                          "gone      200      http://h/unlinked"));
  EXPECT_THAT(said_, HasSubstr("1 new, 2 changed, 2 gone, 0 failed, 0 excluded from "));
}

TEST_F(ChangesBetween, WhatWasNoPageIsNotMissed) {
  put(before_, "http://h/404", of("sha256:1", 404));
  put(now_, "http://h/404", of("sha256:1", 404));
  put(before_, "http://h/unlinked", of("sha256:1", 500));
  EXPECT_THAT(lines(), IsEmpty());
}

TEST_F(ChangesBetween, WhatCouldNotBeFetchedOrIsExcludedIsNamedAndWhatIsQueuedIsNot) {
  for (const char* url : {"http://h/failed", "http://h/excluded", "http://h/queued"})
    put(before_, url, of("sha256:1"));
  end(now_, "http://h/failed", {.state = crawl::UrlState::failed, .error = Errc::reset});
  now_.admit("http://h/excluded", "h", Errc::robots);
  now_.admit("http://h/queued", "h");
  end(now_, "http://h/new-and-failed", {.state = crawl::UrlState::failed, .error = Errc::reset});
  now_.admit("http://h/new-and-excluded", "h", Errc::robots);
  EXPECT_THAT(lines(), ElementsAre("failed    reset    http://h/failed",
                                   "excluded  robots   http://h/excluded"));
}

TEST_F(ChangesBetween, ACrawlThatIsNotFinishedSaysSo) {
  put(before_, "http://h/a", of("sha256:1"));
  now_.admit("http://h/a", "h");
  EXPECT_THAT(lines(), IsEmpty());
  EXPECT_THAT(said_, HasSubstr(", which is not finished: 1 queued"));
}

TEST_F(ChangesBetween, AsJsonWithTheStatusBefore) {
  put(before_, "http://h/a", of("sha256:1", 500));
  put(now_, "http://h/a", of("sha256:2"));
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

// Commits as a job makes them, and a reader that comes by now and then.
class ChangesBehind : public testing::Test {
 protected:
  static Wall at(int second) { return Wall{std::chrono::seconds{1'700'000'000 + second}}; }
  void put(const std::string& url, Outcome outcome) {
    crawl_.end(crawl_.admit(url, "h"), test::SmallCrawl::fetched(std::move(outcome)));
  }
  // A page is looked at again.
  void again(const std::string& url, Outcome outcome, int second, bool changed) {
    crawl::PageHistory history{.first_seen = at(0),
                               .last_changed = at(changed ? second : 0),
                               .last_checked = at(second),
                               .fetches = 2,
                               .changes = changed ? 1U : 0U};
    if (outcome.status == 404) history.gone_since = at(second);
    crawl_.apply({.updates = {{.id = crawl_.id(url), .outcome = outcome, .history = history}}});
  }
  std::vector<std::string> poll() {
    TextOutput out;
    EXPECT_EQ(run_changes({.folders = {crawl_.folder()}, .cursor = cursor_, .format = "jsonl"}, out,
                          err_),
              ExitCode::ok);
    std::vector<std::string> lines;
    std::istringstream text{out.text};
    for (std::string line; std::getline(text, line);) {
      const auto page = json::parse(line).as_object();
      lines.push_back(std::string{page.at("op").as_string()} + " " +
                      std::string{page.at("change").as_string()} + " " +
                      std::string{page.at("url").as_string().subview(9)});
    }
    return lines;
  }

  test::SmallCrawl crawl_;
  test::ScratchFolder elsewhere_;
  std::string cursor_ = (elsewhere_.path() / "cursor").string();
  TextOutput err_;
};

TEST_F(ChangesBehind, EachChangeComesOnce) {
  put("http://h/a", of("sha256:1"));
  put("http://h/b", of("sha256:1"));
  put("http://h/404", of("sha256:1", 404));
  EXPECT_THAT(poll(), ElementsAre("upsert new a", "upsert new b", "delete new 404"));
  EXPECT_THAT(err_.text, HasSubstr("3 new, 0 changed"));
  EXPECT_THAT(poll(), IsEmpty());
  const auto fetched = [](Outcome outcome) { return test::SmallCrawl::fetched(outcome); };
  again("http://h/a", fetched(of("sha256:1")), 10, false);
  EXPECT_THAT(poll(), IsEmpty());
  again("http://h/a", fetched(of("sha256:2")), 20, true);
  auto noindex = of("sha256:1");
  noindex.robots_meta = "noindex";
  again("http://h/b", fetched(noindex), 20, true);
  put("http://h/c", of("sha256:3"));
  // It is queued once more before anybody asks.
  crawl_.end(crawl_.id("http://h/a"), {.state = crawl::UrlState::queued, .error = Errc::reset});
  EXPECT_THAT(poll(), ElementsAre("upsert changed a", "delete changed b", "upsert new c"));
  again("http://h/a", fetched(of("sha256:4", 404)), 30, true);
  auto kept = fetched(of("sha256:3"));
  kept.revisit = crawl::Revisit::kept;
  kept.error = Errc::reset;
  again("http://h/c", kept, 30, false);
  EXPECT_THAT(poll(), ElementsAre("delete gone a"));
  kept.state = crawl::UrlState::excluded;
  kept.error = Errc::scope;
  crawl_.end(crawl_.id("http://h/c"), kept);
  EXPECT_THAT(poll(), ElementsAre("delete excluded c"));
  EXPECT_THAT(poll(), IsEmpty());
}

// Robots.txt forbids a page, round after round, and allows it again; nothing about it has changed.
TEST_F(ChangesBehind, APageThatIsExcludedAndComesBackIsTold) {
  put("http://h/a", of("sha256:1"));
  poll();
  auto excluded = test::SmallCrawl::fetched(of("sha256:1"));
  excluded.state = crawl::UrlState::excluded;
  excluded.error = Errc::robots;
  excluded.revisit = crawl::Revisit::kept;
  again("http://h/a", excluded, 10, false);
  EXPECT_THAT(poll(), ElementsAre("delete excluded a"));
  crawl_.end(crawl_.id("http://h/a"), {.state = crawl::UrlState::queued});
  EXPECT_THAT(poll(), IsEmpty());
  again("http://h/a", excluded, 20, false);
  EXPECT_THAT(poll(), IsEmpty());
  auto back = test::SmallCrawl::fetched(of("sha256:1"));
  back.revisit = crawl::Revisit::not_modified;
  again("http://h/a", back, 30, false);
  EXPECT_THAT(poll(), ElementsAre("upsert new a"));
}

// A body that was cut is no page, so whatever comes later takes its place.
TEST_F(ChangesBehind, APageThatIsThereNoMoreIsToldWhateverTookItsPlace) {
  auto cut = of("sha256:1");
  cut.truncated = true;
  put("http://h/a", cut);
  EXPECT_THAT(poll(), ElementsAre("upsert new a"));
  again("http://h/a", {.state = crawl::UrlState::failed, .error = Errc::connect_refused}, 10,
        false);
  EXPECT_THAT(poll(), ElementsAre("delete failed a"));
  again("http://h/a", {.state = crawl::UrlState::failed, .error = Errc::connect_refused}, 20,
        false);
  EXPECT_THAT(poll(), IsEmpty());
  // What never had an answer is nobody's loss.
  crawl_.end(crawl_.admit("http://h/b", "h"),
             {.state = crawl::UrlState::failed, .error = Errc::connect_refused});
  crawl_.end(crawl_.admit("http://h/c", "h"),
             {.state = crawl::UrlState::failed, .error = Errc::reset, .bytes_wire = 5});
  EXPECT_THAT(poll(), IsEmpty());
}

TEST_F(ChangesBehind, WhatIsForgottenAndAskedForInVainIsToldToo) {
  put("http://h/a", of("sha256:1"));
  poll();
  TextOutput err;
  run_forget({.folder = crawl_.folder(), .urls = {"http://h/a"}}, err);
  run_requeue({.folder = crawl_.folder(), .filter = {.error = "forgotten"}}, err);
  crawl_.end(crawl_.id("http://h/a"),
             {.state = crawl::UrlState::failed, .error = Errc::connect_refused});
  EXPECT_THAT(poll(), ElementsAre("delete failed a"));
}

TEST_F(ChangesBehind, TheCursorStaysWhenTheReaderGoesAway) {
  put("http://h/a", of("sha256:1"));
  struct Closed final : Output {
    bool write_some(std::string_view) override { return false; }
    bool flush_some() override { return false; }
  } out;
  run_changes({.folders = {crawl_.folder()}, .cursor = cursor_, .format = "jsonl"}, out, err_);
  EXPECT_FALSE(std::filesystem::exists(cursor_));
  EXPECT_THAT(poll(), ElementsAre("upsert new a"));
}

TEST_F(ChangesBehind, WhatPagesSayMayComeWithThem) {
  crawl_.fetch("http://h/a", "h", "", "<p>text", {.content_type = "text/html"});
  put("http://h/404", of("sha256:1", 404));
  TextOutput out;
  run_changes({.folders = {crawl_.folder()}, .cursor = cursor_, .format = "jsonl", .text = "main"},
              out, err_);
  EXPECT_THAT(out.text, HasSubstr("\"text\":\"text\""));
  EXPECT_THAT(out.text, HasSubstr("\"op\":\"delete\""));
  EXPECT_THROW(run_changes({.folders = {crawl_.folder()}, .text = "main"}, out, err_), Failure);
}

// Its text was not to be had when it was told; so it is told again.
TEST_F(ChangesBehind, APageWhoseBodyCouldNotBeReadIsToldAgain) {
  crawl_.fetch("http://h/a", "h", "", "<p>text", {.content_type = "text/html"});
  crawl_.fetch("http://h/b", "h", "", "<p>more", {.content_type = "text/html"});
  const ChangesOptions options{
      .folders = {crawl_.folder()}, .cursor = cursor_, .format = "jsonl", .text = "main"};
  crawl_.damage_warc("http://h/a", "h");
  TextOutput out;
  EXPECT_EQ(run_changes(options, out, err_), ExitCode::damaged);
  EXPECT_THAT(err_.text, HasSubstr("so the cursor stays where it was"));
  EXPECT_FALSE(std::filesystem::exists(cursor_));
  // A body that is lost with another's, and there again: the page is the same one.
  auto lost = test::SmallCrawl::fetched({.content_type = "text/html"});
  crawl_.end(crawl_.id("http://h/a"), lost);
  EXPECT_EQ(run_changes(options, out, err_), ExitCode::ok);
  const auto position = crawl_.capture("http://h/a", "", "<p>text");
  lost.archive = position;
  crawl_.end(crawl_.id("http://h/a"), lost);
  TextOutput again;
  run_changes(options, again, err_);
  EXPECT_THAT(again.text, testing::AllOf(HasSubstr("/a\""), HasSubstr("\"text\":\"text\""),
                                         Not(HasSubstr("/b\""))));
}

TEST_F(ChangesBehind, WhatIsForgottenIsToBeDeleted) {
  put("http://h/a", of("sha256:1"));
  put("http://h/b", of("sha256:1"));
  EXPECT_THAT(poll(), ElementsAre("upsert new a", "upsert new b"));
  TextOutput err;
  run_forget({.folder = crawl_.folder(), .urls = {"http://h/a"}}, err);
  EXPECT_THAT(poll(), ElementsAre("delete excluded a"));
}

TEST_F(ChangesBehind, ACursorThatIsNoneOrOfAnotherFolderIsRefused) {
  put("http://h/a", of("sha256:1"));
  for (const char* text : {"", "here", "-5", "999", "1x"}) {
    std::ofstream{cursor_} << text;
    TextOutput out;
    EXPECT_THROW(run_changes({.folders = {crawl_.folder()}, .cursor = cursor_}, out, err_), Failure)
        << text;
    EXPECT_EQ(out.text, "");
  }
  TextOutput out;
  EXPECT_THROW(
      run_changes({.folders = {crawl_.folder()}, .since = "1h", .cursor = cursor_}, out, err_),
      Failure);
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
