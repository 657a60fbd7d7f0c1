// A folder whose output.bodies was not "warc" at all times: what the archive lacks is said.
#include "core/base/result.hpp"
#include "service/cli/captures.hpp"
#include "service/cli/cat.hpp"
#include "tests/service/cli/small_crawl.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trawl::service::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* page = "http://h/page";
// Captures are half a minute apart, the first one at 00:00:30.
constexpr Wall start{Millis{1'767'225'600'000}};

class ArchiveGaps : public testing::Test {
 protected:
  static Wall at(int seconds) { return start + std::chrono::seconds{seconds}; }
  void know(std::uint64_t fetches, std::uint64_t changes, int changed_at) {
    crawl_.apply({.updates = {{.id = crawl_.id(page),
                               .outcome = outcome_,
                               .history = crawl::PageHistory{.first_seen = at(30),
                                                             .last_changed = at(changed_at),
                                                             .last_checked = at(changed_at),
                                                             .fetches = fetches,
                                                             .changes = changes}}}});
  }
  void fetch_to_file(const std::string& body, int seconds) {
    outcome_ = test::SmallCrawl::fetched({.fetched_at = at(seconds), .digest = "sha256:aa"});
    crawl_.fetch_to_file(page, "h", body, outcome_);
    auto db = storage::open_for_reading(std::filesystem::path{crawl_.folder()} / "crawl.db");
    outcome_ = storage::find_record(db, page, "h")->outcome;
  }
  std::string cat_at(std::string_view time) {
    TextOutput out;
    testing::internal::CaptureStderr();
    try {
      run_cat({.folder = crawl_.folder(), .url = page, .at = std::string{time}, .quiet = true},
              out);
      said_ = testing::internal::GetCapturedStderr();
      return out.text;
    } catch (const Failure& failure) {
      said_ = testing::internal::GetCapturedStderr() + failure.what();
      return "refused";
    }
  }
  std::string captures() {
    TextOutput out, err;
    run_captures({.folder = crawl_.folder(), .url = page}, out, err);
    return err.text;
  }

  test::SmallCrawl crawl_;
  crawl::Outcome outcome_;
  std::string said_;
};

TEST_F(ArchiveGaps, AFileThatIsTheAnswerOfThatTimeIsGiven) {
  crawl_.capture(page, "", "one");
  fetch_to_file("two", 50);
  know(2, 1, 50);
  EXPECT_EQ(cat_at("0s"), "two");
  EXPECT_EQ(said_, "");
  EXPECT_EQ(cat_at("2026-01-01T00:00:50Z"), "two");
  EXPECT_EQ(cat_at("2026-01-01T00:00:49Z"), "one");
  EXPECT_EQ(said_, "");
  EXPECT_THAT(captures(), AllOf(HasSubstr("a later answer, of 2026-01-01T00:00:50Z, is not in the "
                                          "archive but the file files/"),
                                Not(HasSubstr("not kept"))));
}

TEST_F(ArchiveGaps, AFileWithThePageOfTheArchiveIsNoLaterOne) {
  crawl_.capture(page, "X-From: archive\r\n", "one");
  fetch_to_file("one", 3600);
  know(2, 0, 31);
  TextOutput out;
  run_cat({.folder = crawl_.folder(), .url = page, .form = {.head = true}, .at = "0s"}, out);
  EXPECT_THAT(out.text, HasSubstr("X-From: archive"));
  EXPECT_THAT(captures(), Not(HasSubstr("later answer")));
}

TEST_F(ArchiveGaps, AnAnswerThatIsNotKeptIsSaid) {
  crawl_.capture(page, "", "one");
  crawl_.admit(page, "h");
  outcome_ =
      test::SmallCrawl::fetched({.status = 404, .fetched_at = at(50), .digest = "sha256:bb"});
  know(2, 1, 50);
  EXPECT_EQ(cat_at("0s"), "refused");
  EXPECT_THAT(said_, AllOf(HasSubstr("its answer of 2026-01-01T00:00:50Z can't be shown"),
                           HasSubstr("(404)"), HasSubstr("--at 2026-01-01T00:00:30Z")));
  EXPECT_EQ(cat_at("2026-01-01T00:00:40Z"), "one");
  EXPECT_THAT(captures(), HasSubstr("a later answer, of 2026-01-01T00:00:50Z, is not kept"));
}

TEST_F(ArchiveGaps, AnswersBetweenTheArchivesAndTheFileAreSaidToBeLost) {
  crawl_.capture(page, "", "one");
  fetch_to_file("three", 90);
  know(3, 2, 90);
  EXPECT_EQ(cat_at("2026-01-01T00:01:29Z"), "one");
  EXPECT_THAT(said_, HasSubstr("1 answer of it is not kept"));
  EXPECT_EQ(cat_at("0s"), "three");
  EXPECT_EQ(said_, "");
  EXPECT_THAT(captures(), HasSubstr("1 other answer of it is not kept"));
}

TEST_F(ArchiveGaps, AnswersBetweenTwoOfTheArchiveAreSaidToBeLost) {
  crawl_.capture(page, "", "one");
  outcome_ = test::SmallCrawl::fetched({.fetched_at = at(60), .digest = "sha256:cc"});
  outcome_.archive = crawl_.capture(page, "", "three");
  crawl_.admit(page, "h");
  know(3, 2, 60);
  EXPECT_EQ(cat_at("2026-01-01T00:00:45Z"), "one");
  EXPECT_THAT(said_, HasSubstr("1 answer of it is not kept"));
  EXPECT_EQ(cat_at("0s"), "three");
  EXPECT_EQ(said_, "");
}

TEST_F(ArchiveGaps, AFolderOfFilesAloneHasTheLastAnswer) {
  fetch_to_file("two", 50);
  know(2, 1, 50);
  EXPECT_EQ(cat_at("0s"), "two");
  EXPECT_EQ(cat_at("2026-01-01T00:00:49Z"), "refused");
  EXPECT_THAT(said_, HasSubstr("has no archive"));
}

}  // namespace
}  // namespace trawl::service::cli
