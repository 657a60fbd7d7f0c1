#include "service/cli/captures.hpp"

#include "core/base/result.hpp"
#include "service/cli/cat.hpp"
#include "service/text/base64.hpp"
#include "tests/service/cli/small_crawl.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace trawl::service::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* page = "http://h/page";
constexpr const char* gzipped_hello = "H4sIAAAAAAAAA8tIzcnJ11HIQKIAn6HKCRMAAAA=";

class Captures : public testing::Test {
 protected:
  std::vector<json::object> captures(const std::string& url = page) {
    TextOutput out, err;
    code_ = run_captures({.folder = crawl_.folder(), .url = url, .format = "jsonl"}, out, err);
    said_ = err.text;
    std::vector<json::object> lines;
    std::istringstream text{out.text};
    for (std::string line; std::getline(text, line);)
      lines.push_back(json::parse(line).as_object());
    return lines;
  }
  static std::vector<std::string> values(const std::vector<json::object>& lines,
                                         std::string_view name) {
    std::vector<std::string> all;
    for (const auto& line : lines) {
      const json::value& value = line.at(name);
      all.push_back(value.is_string() ? std::string{value.as_string()} : json::serialize(value));
    }
    return all;
  }
  std::string cat_at(const std::string& time, BodyForm form = {}) {
    TextOutput out;
    code_ = run_cat({.folder = crawl_.folder(), .url = page, .form = form, .at = time}, out);
    return out.text;
  }
  // So much that doesn't compress that it is worth a revisit.
  static std::string numbers() {
    std::string text;
    for (std::uint32_t number = 1; text.size() < 5000; number *= 2654435761U)
      text += fmt::format("{}\n", number);
    return text;
  }
  static std::string refusal(const std::function<void()>& call, Errc code = Errc::not_found) {
    try {
      call();
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.code(), code);
      return failure.what();
    }
    ADD_FAILURE() << "no refusal";
    return {};
  }

  test::SmallCrawl crawl_;
  const std::string long_ = numbers();
  std::string said_;
  ExitCode code_ = ExitCode::internal;
};

TEST_F(Captures, EachAnswerIsListedByTimeWithWhatItIsToTheOneBefore) {
  crawl_.capture(page, "Content-Type: text/html; charset=utf-8\r\n", "one");
  crawl_.capture("http://h/other", "", "one");
  crawl_.capture(page, "Content-Type: text/plain\r\n", "two");
  crawl_.capture(page, "", "two");
  crawl_.capture(page, "", "one");
  const auto lines = captures();
  EXPECT_THAT(values(lines, "change"), ElementsAre("new", "changed", "same", "changed"));
  EXPECT_THAT(values(lines, "content_type"),
              ElementsAre("text/html", "text/plain", "null", "null"));
  EXPECT_THAT(values(lines, "bytes_kept"), ElementsAre("3", "3", "3", "3"));
  EXPECT_THAT(values(lines, "status"), ElementsAre("200", "200", "200", "200"));
  EXPECT_EQ(code_, ExitCode::ok);
  EXPECT_THAT(said_, HasSubstr("4 captures, 1 like the one before"));
  EXPECT_THAT(captures("h/other#fragment"), testing::SizeIs(1));
}

TEST_F(Captures, AnArchiveOutsideOfTheFolderIsNotRead) {
  crawl_.capture(page, "", "one");
  test::SmallCrawl other;
  const auto elsewhere = fs::path{other.folder()} / other.capture(page, "", "theirs").file;
  crawl_.apply(
      {.marks = {{.file = "warc/../" + elsewhere.lexically_relative(crawl_.folder()).string(),
                  .bytes = fs::file_size(elsewhere)}}});
  EXPECT_THAT(captures(), testing::SizeIs(1));
  EXPECT_EQ(code_, ExitCode::damaged);
}

TEST_F(Captures, APageIsReadAsItWasAtATime) {
  crawl_.capture(page, "", "one");
  crawl_.capture(page, "", long_);
  crawl_.capture("http://h/other", "", "other");
  crawl_.capture(page, "", "three");
  const auto times = values(captures(), "captured_at");
  EXPECT_EQ(cat_at(times.at(0)), "one");
  EXPECT_EQ(cat_at(times.at(1)), long_);
  EXPECT_TRUE(cat_at(times.at(1), {.head = true}).ends_with("\r\n\r\n" + long_));
  EXPECT_EQ(cat_at(times.at(2)), "three");
  EXPECT_EQ(cat_at("0s"), "three");
  EXPECT_THAT(refusal([&] { cat_at("2001-01-01"); }),
              HasSubstr("no answer of http://h/page before " + times.at(0)));
}

TEST_F(Captures, AnAnswerThatCantBeDecodedGivesWayToTheOneBefore) {
  crawl_.capture(page, "", "one");
  crawl_.capture(page, "Content-Encoding: gzip\r\n", "no gzip");
  EXPECT_EQ(cat_at("0s"), "one");
  EXPECT_EQ(cat_at("0s", {.raw = true}), "no gzip");
  crawl_.capture("http://h/only", "Content-Encoding: gzip\r\n", "no gzip");
  TextOutput out;
  EXPECT_THROW(
      run_cat({.folder = crawl_.folder(), .url = "http://h/only", .form = {}, .at = "0s"}, out),
      Failure);
}

TEST_F(Captures, ARevisitHasTheBodyOfTheRecordThatItRefersTo) {
  crawl_.capture(page, "X-Round: 1\r\n", long_);
  crawl_.capture(page, "X-Round: 2\r\n", long_);
  const auto lines = captures();
  EXPECT_THAT(values(lines, "revisit"), ElementsAre("false", "true"));
  EXPECT_THAT(values(lines, "change"), ElementsAre("new", "same"));
  EXPECT_THAT(values(lines, "bytes_kept"), ElementsAre(std::to_string(long_.size()), "null"));
  const std::string text = cat_at("0s", {.head = true});
  EXPECT_TRUE(text.starts_with("HTTP/1.1 200 OK\r\nX-Round: 2\r\n"));
  EXPECT_TRUE(text.ends_with("\r\n\r\n" + long_));
}

TEST_F(Captures, ARevisitOfAnotherUrlsBodyIsFoundToo) {
  crawl_.capture("http://h/original", "", long_);
  crawl_.capture(page, "", long_);
  EXPECT_THAT(values(captures(), "revisit"), ElementsAre("true"));
  EXPECT_EQ(cat_at("0s"), long_);
}

// Its head says nothing of the body's coding; the original's does.
TEST_F(Captures, APageThatWasNotModifiedIsDecodedByTheHeadOfItsOriginal) {
  const auto original =
      crawl_.capture(page, "Content-Encoding: gzip\r\n", *decode_base64(gzipped_hello));
  crawl_.capture(page, "", "", {.status = 304, .unchanged = original});
  const auto lines = captures();
  EXPECT_THAT(values(lines, "status"), ElementsAre("200", "304"));
  EXPECT_THAT(values(lines, "change"), ElementsAre("new", "same"));
  EXPECT_EQ(cat_at("0s"), "hello, hello, hello");
  EXPECT_TRUE(cat_at("0s", {.head = true}).starts_with("HTTP/1.1 304 "));
}

TEST_F(Captures, AnotherStatusOrRedirectIsAnotherAnswer) {
  crawl_.capture(page, "", "moved", {.status = 301, .location = "/one"});
  crawl_.capture(page, "", "moved", {.status = 301, .location = "/two"});
  crawl_.capture(page, "", "moved", {.status = 302, .location = "/two"});
  crawl_.capture(page, "", "moved", {.status = 302, .location = "/two"});
  const auto lines = captures();
  EXPECT_THAT(values(lines, "change"), ElementsAre("new", "changed", "changed", "same"));
  EXPECT_THAT(values(lines, "redirect_to"),
              ElementsAre("http://h/one", "http://h/two", "http://h/two", "http://h/two"));
}

TEST_F(Captures, APlainGetIsMeantUnlessAMethodIsNamed) {
  crawl_.capture(page, "", "got");
  crawl_.capture(page, "", "posted", {.method = "POST"});
  EXPECT_THAT(values(captures(), "method"), ElementsAre("GET", "POST"));
  EXPECT_EQ(cat_at("0s"), "got");
  TextOutput out;
  run_cat({.folder = crawl_.folder(), .url = page, .form = {}, .method = "POST", .at = "0s"}, out);
  EXPECT_EQ(out.text, "posted");
  EXPECT_THAT(
      refusal([&] {
        run_cat({.folder = crawl_.folder(), .url = page, .form = {}, .method = "PUT", .at = "0s"},
                out);
      }),
      HasSubstr("no answer of http://h/page to PUT"));
}

TEST_F(Captures, AWholeAnswerIsTakenBeforeAPartThatCameLater) {
  crawl_.capture(page, "", "whole");
  crawl_.capture(page, "", "who", {.truncated = "length"});
  crawl_.capture(page, "", "ole", {.status = 206});
  EXPECT_THAT(values(captures(), "truncated"), ElementsAre("false", "true", "false"));
  EXPECT_EQ(cat_at("0s"), "whole");
}

TEST_F(Captures, TheLikestFormOfAUrlIsMeant) {
  crawl_.settings("[seeds]\nurls = [\"http://h/\"]\n[urls]\nstrip_params = []\n");
  crawl_.capture("http://h/q?a=1&utm_source=n", "", "with");
  crawl_.capture("http://h/q?a=1", "", "without");
  EXPECT_THAT(values(captures("http://h/q?a=1&utm_source=n"), "url"),
              ElementsAre("http://h/q?a=1&utm_source=n"));
  EXPECT_THAT(values(captures("http://h/q?a=1"), "url"), ElementsAre("http://h/q?a=1"));
}

TEST_F(Captures, WhatAMirrorServedIsFoundByTheUrlOfTheList) {
  crawl_.capture("http://mirror/page", "", "served");
  auto outcome = test::SmallCrawl::fetched();
  outcome.served_by = "http://mirror/page";
  const auto request =
      std::make_shared<crawl::RequestSpec>(crawl::RequestSpec{.mirrors = {"http://mirror/page"}});
  const auto ids = crawl_.apply({.admitted = {{.url = page, .host = "h", .request = request}}});
  crawl_.end(ids.front(), outcome);
  EXPECT_EQ(cat_at("0s"), "served");
}

// The archive is not read for nothing.
TEST_F(Captures, WhatIsNoTimeIsRefused) {
  try {
    cat_at("soon");
    ADD_FAILURE() << "it was taken";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Errc::usage);
  }
}

TEST_F(Captures, DamageIsSaidAndTheRestIsListed) {
  crawl_.capture(page, "", "one");
  const auto damaged = crawl_.capture(page, "", "two");
  crawl_.capture(page, "", "three");
  {
    std::fstream file{fs::path{crawl_.folder()} / damaged.file,
                      std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(static_cast<std::streamoff>(damaged.offset));
    file.write("damage", 6);
  }
  testing::internal::CaptureStderr();
  EXPECT_THAT(captures(), testing::SizeIs(2));
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr(fmt::format("record at {}", damaged.offset)));
  EXPECT_EQ(code_, ExitCode::damaged);
}

// What the database knows of a file is what tells that a part of it is gone.
TEST_F(Captures, AFileThatWasCutIsDamagedAlsoWhereARecordEnds) {
  crawl_.capture(page, "", "one");
  const auto last = crawl_.capture(page, "", "two");
  const fs::path archive = fs::path{crawl_.folder()} / last.file;
  fs::resize_file(archive, last.offset);
  testing::internal::CaptureStderr();
  EXPECT_THAT(captures(), testing::SizeIs(1));
  EXPECT_EQ(code_, ExitCode::damaged);
  EXPECT_EQ(cat_at("0s"), "one");
  EXPECT_EQ(code_, ExitCode::damaged);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("shorter than the records in it"));
  const auto expect_refused = [&] {
    EXPECT_THAT(refusal([&] { captures(); }, Errc::damaged),
                HasSubstr("what can be read of the archive"));
  };
  fs::resize_file(archive, 0);
  testing::internal::CaptureStderr();
  expect_refused();
  fs::remove(archive);
  expect_refused();
  // A named pipe has no writer to be waited for.
  ASSERT_EQ(::mkfifo(archive.c_str(), 0600), 0);
  expect_refused();
  testing::internal::GetCapturedStderr();
}

// A job that runs writes there.
TEST_F(Captures, WhatIsBehindTheLastCommitIsNoPartOfTheArchive) {
  const auto position = crawl_.capture(page, "", "one");
  const fs::path archive = fs::path{crawl_.folder()} / position.file;
  std::string whole;
  {
    std::ifstream file{archive, std::ios::binary};
    file.seekg(static_cast<std::streamoff>(position.offset));
    whole = {std::istreambuf_iterator<char>{file}, {}};
  }
  std::ofstream{archive, std::ios::app | std::ios::binary} << whole << whole.substr(0, 40);
  EXPECT_THAT(captures(), testing::SizeIs(1));
  EXPECT_EQ(code_, ExitCode::ok);
}

TEST_F(Captures, WhyThereAreNoneIsSaid) {
  crawl_.admit(page, "h");
  EXPECT_THAT(refusal([&] { captures(); }), HasSubstr("has no archive"));
  crawl_.capture("http://h/other", "", "one");
  EXPECT_THAT(refusal([&] { captures(); }), AllOf(HasSubstr("no answer of http://h/page"),
                                                  HasSubstr("queued"), HasSubstr("trawl explain")));
}

}  // namespace
}  // namespace trawl::service::cli
