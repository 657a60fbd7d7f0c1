#include "core/base/result.hpp"
#include "service/cli/changes.hpp"
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
using test::answer_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

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
  put("http://h/a", answer_of("sha256:1"));
  put("http://h/b", answer_of("sha256:1"));
  put("http://h/404", answer_of("sha256:1", 404));
  EXPECT_THAT(poll(), ElementsAre("upsert new a", "upsert new b", "delete new 404"));
  EXPECT_THAT(err_.text, HasSubstr("3 new, 0 changed"));
  EXPECT_THAT(poll(), IsEmpty());
  const auto fetched = [](Outcome outcome) { return test::SmallCrawl::fetched(outcome); };
  again("http://h/a", fetched(answer_of("sha256:1")), 10, false);
  EXPECT_THAT(poll(), IsEmpty());
  again("http://h/a", fetched(answer_of("sha256:2")), 20, true);
  auto noindex = answer_of("sha256:1");
  noindex.robots_meta = "noindex";
  again("http://h/b", fetched(noindex), 20, true);
  put("http://h/c", answer_of("sha256:3"));
  // It is queued once more before anybody asks.
  crawl_.end(crawl_.id("http://h/a"), {.state = crawl::UrlState::queued, .error = Errc::reset});
  EXPECT_THAT(poll(), ElementsAre("upsert changed a", "delete changed b", "upsert new c"));
  again("http://h/a", fetched(answer_of("sha256:4", 404)), 30, true);
  auto kept = fetched(answer_of("sha256:3"));
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
  put("http://h/a", answer_of("sha256:1"));
  poll();
  auto excluded = test::SmallCrawl::fetched(answer_of("sha256:1"));
  excluded.state = crawl::UrlState::excluded;
  excluded.error = Errc::robots;
  excluded.revisit = crawl::Revisit::kept;
  again("http://h/a", excluded, 10, false);
  EXPECT_THAT(poll(), ElementsAre("delete excluded a"));
  crawl_.end(crawl_.id("http://h/a"), {.state = crawl::UrlState::queued});
  EXPECT_THAT(poll(), IsEmpty());
  again("http://h/a", excluded, 20, false);
  EXPECT_THAT(poll(), IsEmpty());
  auto back = test::SmallCrawl::fetched(answer_of("sha256:1"));
  back.revisit = crawl::Revisit::not_modified;
  again("http://h/a", back, 30, false);
  EXPECT_THAT(poll(), ElementsAre("upsert new a"));
}

// A body that was cut is no page, so whatever comes later takes its place.
TEST_F(ChangesBehind, APageThatIsThereNoMoreIsToldWhateverTookItsPlace) {
  auto cut = answer_of("sha256:1");
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
  put("http://h/a", answer_of("sha256:1"));
  poll();
  TextOutput err;
  run_forget({.folder = crawl_.folder(), .urls = {"http://h/a"}}, err);
  run_requeue({.folder = crawl_.folder(), .filter = {.error = "forgotten"}}, err);
  crawl_.end(crawl_.id("http://h/a"),
             {.state = crawl::UrlState::failed, .error = Errc::connect_refused});
  EXPECT_THAT(poll(), ElementsAre("delete failed a"));
}

TEST_F(ChangesBehind, TheCursorStaysWhenTheReaderGoesAway) {
  put("http://h/a", answer_of("sha256:1"));
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
  put("http://h/404", answer_of("sha256:1", 404));
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
  put("http://h/a", answer_of("sha256:1"));
  put("http://h/b", answer_of("sha256:1"));
  EXPECT_THAT(poll(), ElementsAre("upsert new a", "upsert new b"));
  TextOutput err;
  run_forget({.folder = crawl_.folder(), .urls = {"http://h/a"}}, err);
  EXPECT_THAT(poll(), ElementsAre("delete excluded a"));
}

// Both folders have as many commits.
TEST_F(ChangesBehind, ACursorOfAFolderThatWasMadeAnewIsRefused) {
  put("http://h/a", answer_of("sha256:1"));
  poll();
  test::SmallCrawl anew;
  anew.end(anew.admit("http://h/b", "h"), test::SmallCrawl::fetched());
  TextOutput out;
  try {
    run_changes({.folders = {anew.folder()}, .cursor = cursor_}, out, err_);
    ADD_FAILURE() << out.text;
  } catch (const Failure& failure) {
    EXPECT_THAT(failure.error().detail, HasSubstr("made anew"));
  }
}

TEST_F(ChangesBehind, ACursorThatIsNoneOrOfAnotherFolderIsRefused) {
  put("http://h/a", answer_of("sha256:1"));
  for (const char* text : {"", "here", "-5", "999", "1x", "1-", "1-12345678", "1-123"}) {
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

}  // namespace
}  // namespace trawl::service::cli
