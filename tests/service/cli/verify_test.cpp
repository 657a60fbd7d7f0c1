#include "service/cli/verify.hpp"

#include "core/base/result.hpp"
#include "core/web/digest.hpp"
#include "service/folder/folder_check.hpp"
#include "storage/open.hpp"
#include "tests/service/cli/small_crawl.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trawl::service::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

crawl::Outcome of_body(std::string_view body) {
  web::Hasher hasher{web::Hasher::Algorithm::sha256};
  hasher.update(body);
  return {.bytes_body = body.size(),
          .digest = "sha256:" + hasher.hex(),
          .etag = "\"e\"",
          .last_modified = "Sat, 31 Jan 2026 23:59:58 GMT"};
}

class Verify : public testing::Test {
 protected:
  void SetUp() override {
    crawl_.fetch("http://h/a", "h", "", "first page", of_body("first page"));
    crawl_.fetch("http://h/b", "h", "", "second page", of_body("second page"));
    crawl_.fetch_to_file("http://h/c", "h", "a file", of_body("a file"));
    crawl_.admit("http://h/later", "h");
    crawl_.apply({.marks = {{.file = warc(), .bytes = fs::file_size(archive())}}});
    file_ = fs::path{crawl_.folder()} / record("http://h/c").outcome.archive->file;
  }

  std::string run(VerifyOptions options = {}) {
    options.folders = {crawl_.folder()};
    TextOutput out, err;
    code_ = run_verify(options, out, err);
    said_ = err.text;
    return out.text;
  }
  crawl::Record record(const std::string& url) {
    auto db = storage::open_results(crawl_.folder());
    return *storage::find_record(db, url, "h");
  }
  std::string warc() { return record("http://h/a").outcome.archive->file; }
  fs::path archive() { return fs::path{crawl_.folder()} / warc(); }
  static void write(const fs::path& file, const std::string& text) {
    std::ofstream{file, std::ios::binary} << text;
  }

  test::SmallCrawl crawl_;
  test::ScratchFolder other_;
  fs::path file_;
  std::string said_;
  ExitCode code_ = ExitCode::internal;
};

TEST_F(Verify, AFolderAsItWasWrittenIsSound) {
  EXPECT_EQ(run(), "");
  EXPECT_EQ(code_, ExitCode::ok);
  EXPECT_THAT(said_, EndsWith(": 4 records, 3 bodies, 1 archive file: all sound\n"));
}

TEST_F(Verify, ADamagedRecordIsNamedByItsUrlAndItsPlace) {
  crawl_.damage_warc("http://h/b", "h");
  const auto offset = record("http://h/b").outcome.archive->offset;
  EXPECT_THAT(run(), AllOf(HasSubstr(fmt::format("{}: offset {}: ", warc(), offset)),
                           HasSubstr(fmt::format("http://h/b: {}: offset {}: ", warc(), offset)),
                           Not(HasSubstr("record at")), Not(HasSubstr("http://h/a"))));
  EXPECT_EQ(code_, ExitCode::damaged);
  EXPECT_THAT(said_, HasSubstr(": 4 records, 3 bodies, 1 archive file: 1 damaged, 1 archive file "
                               "with faults\n"));
  EXPECT_THAT(said_, HasSubstr("--requeue has the next run fetch what is damaged or missing\n"));
}

TEST_F(Verify, AFileThatWasChangedOrIsGoneIsNamed) {
  write(file_, "b file");
  EXPECT_THAT(run(), AllOf(StartsWith("http://h/c: files/"), HasSubstr("has the digest sha256:")));
  fs::remove(file_);
  const auto line = json::parse(run({.format = "jsonl"})).as_object();
  EXPECT_EQ(line.at("problem"), "missing");
  EXPECT_EQ(line.at("url"), "http://h/c");
  EXPECT_EQ(line.at("method"), "GET");
  EXPECT_EQ(line.at("offset"), nullptr);
  EXPECT_EQ(line.at("detail"), "is not there");
  EXPECT_EQ(line.at("folder").as_string(), crawl_.folder());
}

TEST_F(Verify, AnArchiveThatIsGoneOrShorterIsNamedOnceForItself) {
  fs::resize_file(archive(), record("http://h/b").outcome.archive->offset);
  EXPECT_THAT(run(), AllOf(StartsWith(warc() + ": has "), HasSubstr("http://h/b: ")));
  fs::remove(archive());
  EXPECT_THAT(run(), StartsWith(warc() + ": is not there\nhttp://h/a: "));
  EXPECT_THAT(said_, HasSubstr(": 2 missing, 1 archive file with faults\n"));
}

// Longer than what was committed, and sound in itself: only that no record ends there tells.
TEST_F(Verify, AnArchiveThatIsAnotherOneIsNamed) {
  const auto bytes = fs::file_size(archive());
  std::string body;
  for (unsigned value = 1; body.size() < 50 * bytes; value = value * 1'103'515'245 + 12'345)
    body += static_cast<char>(value >> 16);
  test::SmallCrawl other;
  const auto at = other.capture("http://h/large", "", body);
  ASSERT_LT(at.offset, bytes);
  fs::copy_file(fs::path{other.folder()} / at.file, archive(),
                fs::copy_options::overwrite_existing);
  EXPECT_THAT(run(), HasSubstr(fmt::format("a record goes on behind the {} bytes", bytes)));
  EXPECT_EQ(code_, ExitCode::damaged);
}

TEST_F(Verify, AnArchiveThatIsNoFileIsNotReadWithoutEnd) {
  fs::remove(archive());
  fs::create_symlink("/dev/zero", archive());
  EXPECT_THAT(run(), HasSubstr("is no regular file"));
  EXPECT_EQ(code_, ExitCode::damaged);
}

TEST_F(Verify, WhatIsBehindTheLastCommitIsNoPartOfTheArchive) {
  std::ofstream{archive(), std::ios::app | std::ios::binary} << "half a record";
  EXPECT_EQ(run(), "");
  EXPECT_EQ(code_, ExitCode::ok);
}

// It was written while the archive was read, and committed before its record was.
TEST_F(Verify, ARecordThatBecomesWholeMeanwhileIsSound) {
  const fs::path whole = other_.path() / "whole";
  fs::copy_file(archive(), whole);
  const auto position = *record("http://h/b").outcome.archive;
  crawl_.apply({.marks = {{.file = warc(), .bytes = position.offset}}});
  fs::resize_file(archive(), position.offset + position.length / 2);
  auto db = storage::open_results(crawl_.folder());
  int looks = 0;
  FolderCheck check{
      crawl_.folder(), db,
      [](const Finding& finding) { ADD_FAILURE() << finding.file << ": " << finding.detail; },
      [&] {
        ++looks;
        fs::copy_file(whole, archive(), fs::copy_options::overwrite_existing);
      }};
  check.run();
  EXPECT_EQ(looks, 1);
}

TEST_F(Verify, ARecordThatNamesAnothersBodyIsDamaged) {
  crawl_.move("http://h/b", "h", "http://h/a");
  EXPECT_THAT(run(), AllOf(StartsWith("http://h/b: "), HasSubstr("has no response of http://h/b")));
}

TEST_F(Verify, WhatIsQueuedAgainIsAskedForWhole) {
  fs::remove(file_);
  run({.requeue = true});
  EXPECT_EQ(code_, ExitCode::damaged);
  EXPECT_THAT(said_, EndsWith(": 1 URL queued; the next run fetches what is queued\n"));
  run();
  EXPECT_THAT(said_, EndsWith(": what is damaged or missing is queued; the next run fetches it\n"));
  const auto queued = record("http://h/c");
  EXPECT_EQ(queued.outcome.state, crawl::UrlState::queued);
  EXPECT_EQ(queued.outcome.etag, "");
  EXPECT_EQ(queued.outcome.last_modified, "");
  EXPECT_EQ(record("http://h/a").outcome.state, crawl::UrlState::fetched);
  EXPECT_EQ(record("http://h/a").outcome.etag, "\"e\"");
  storage::SqliteStore store{fs::path{crawl_.folder()} / "crawl.db"};
  EXPECT_EQ(store.totals().queued, 2U);
  EXPECT_EQ(store.totals().fetched, 2U);
}

TEST_F(Verify, WhatThePostOfAListBroughtIsNotSentAgain) {
  crawl::NewUrl post{.url = "http://h/post", .host = "h"};
  post.request = crawl::share({.method = "POST", .body = "x"});
  const auto ids = crawl_.apply({.admitted = {post}});
  auto outcome = of_body("gone");
  outcome.archive = crawl::ArchivePosition{.file = "files/h/post", .length = 4};
  crawl_.end(ids.front(), test::SmallCrawl::fetched(outcome));
  EXPECT_THAT(run({.requeue = true}), HasSubstr("http://h/post: files/h/post: is not there\n"));
  EXPECT_THAT(said_, HasSubstr(": 0 URLs queued; the next run fetches what is queued (1 more is "));
  EXPECT_EQ(record("http://h/post").outcome.state, crawl::UrlState::fetched);
}

// Its record is read anew, by its number.
TEST_F(Verify, ABodyThatIsReplacedMeanwhileIsCheckedByItsNewRecord) {
  write(file_, "another file");
  crawl::Outcome now = of_body("another file");
  now.archive = record("http://h/c").outcome.archive;
  auto db = storage::open_results(crawl_.folder());
  int looks = 0;
  FolderCheck check{
      crawl_.folder(), db,
      [](const Finding& finding) { ADD_FAILURE() << finding.file << ": " << finding.detail; },
      [&] {
        ++looks;
        crawl_.end(crawl_.id("http://h/c"), test::SmallCrawl::fetched(now));
      }};
  check.run();
  EXPECT_EQ(looks, 1);
}

TEST_F(Verify, AFileThatCannotBeReadIsNotFetchedAgain) {
  fs::remove(file_);
  fs::create_directory(file_);
  EXPECT_THAT(run({.format = "jsonl", .requeue = true}), HasSubstr("\"problem\":\"unreadable\""));
  EXPECT_EQ(record("http://h/c").outcome.state, crawl::UrlState::fetched);
  EXPECT_EQ(code_, ExitCode::damaged);
}

TEST_F(Verify, AFolderWithoutACrawlIsNone) {
  TextOutput out, err;
  EXPECT_THROW(run_verify({.folders = {"/nowhere"}}, out, err), Failure);
  const std::string folder = crawl_.folder();
  EXPECT_EQ(run_verify({.folders = {"/nowhere", folder}}, out, err), ExitCode::usage);
  EXPECT_THAT(err.text, AllOf(HasSubstr("trawl: there is no /nowhere/crawl.db\n"),
                              HasSubstr(folder + ": 4 records")));
  fs::remove(file_);
  EXPECT_EQ(run_verify({.folders = {folder, "/nowhere"}}, out, err), ExitCode::damaged);
}

TEST_F(Verify, AnArchiveOutsideOfTheFolderIsNamedAndNotRead) {
  crawl_.apply({.marks = {{.file = "warc/../../elsewhere.warc.gz", .bytes = 100}}});
  EXPECT_THAT(run(), HasSubstr("warc/../../elsewhere.warc.gz: crawl.db names a file outside its "
                               "folder"));
  EXPECT_EQ(code_, ExitCode::damaged);
}

TEST_F(Verify, AnArchiveThatNoDatabaseKnowsIsDamage) {
  fs::copy(archive().parent_path(), other_.path() / "warc");
  TextOutput out, err;
  try {
    run_verify({.folders = {other_.path().string()}}, out, err);
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Errc::damaged);
  }
}

// Nothing of it can be decoded, so its digest says nothing.
TEST_F(Verify, ABodyThatCannotBeDecodedIsHeldAgainstItsLength) {
  crawl::Outcome odd{.error = Errc::decode};
  crawl_.fetch_to_file("http://h/odd", "h", "as it came", odd);
  EXPECT_EQ(run(), "");
  write(fs::path{crawl_.folder()} / record("http://h/odd").outcome.archive->file, "edited");
  EXPECT_THAT(run(), HasSubstr("http://h/odd: files/"));
}

}  // namespace
}  // namespace trawl::service::cli
