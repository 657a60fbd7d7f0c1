#include "service/cli/forget.hpp"

#include "core/base/result.hpp"
#include "service/cli/requeue.hpp"
#include "service/folder/folder_check.hpp"
#include "service/records/captures.hpp"
#include "storage/forgetting.hpp"
#include "storage/open.hpp"
#include "tests/service/cli/small_crawl.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace trawl::service::cli {
namespace {

namespace fs = std::filesystem;

using crawl::UrlState;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class ForgetTest : public testing::Test {
 protected:
  std::string run(ForgetOptions options) {
    TextOutput err;
    options.folder = crawl_.folder();
    EXPECT_EQ(run_forget(options, err), ExitCode::ok);
    return err.text;
  }
  Errc refusal(ForgetOptions options) {
    TextOutput err;
    if (options.folder.empty()) options.folder = crawl_.folder();
    try {
      run_forget(options, err);
    } catch (const Failure& failure) {
      return failure.code();
    }
    ADD_FAILURE() << "no refusal";
    return {};
  }
  // A page with its body in the archive, as a run leaves it.
  void put(const std::string& url, const std::string& body) {
    auto position = crawl_.capture(url, "Content-Type: text/html\r\n", body);
    crawl_.end(crawl_.admit(url, "h"),
               test::SmallCrawl::fetched({.title = "title of " + url, .archive = position}));
  }
  crawl::Record record(const std::string& url) {
    auto db = storage::open_for_reading(fs::path{crawl_.folder()} / "crawl.db");
    return *storage::find_record(db, url, "h");
  }
  std::size_t captures(const std::string& url) {
    auto db = storage::open_for_reading(fs::path{crawl_.folder()} / "crawl.db");
    SearchFigures figures;
    return find_captures(crawl_.folder(), db, {url}, figures,
                         [](const Error& error) { ADD_FAILURE() << error.detail; })
        .size();
  }
  // Every byte of the folder.
  std::string all_bytes() {
    std::ostringstream text;
    for (const auto& entry : fs::recursive_directory_iterator{crawl_.folder()})
      if (entry.is_regular_file() && entry.file_size() > 0)
        text << std::ifstream{entry.path(), std::ios::binary}.rdbuf();
    return text.str();
  }
  std::int64_t figure(const std::string& sql) {
    auto db = storage::open_for_reading(fs::path{crawl_.folder()} / "crawl.db");
    return db.integer(sql);
  }

  test::SmallCrawl crawl_;
};

TEST_F(ForgetTest, NothingOfThePageIsLeftButItsUrl) {
  put("http://h/kept", "a page that stays");
  put("http://h/people/ann", "the page of Ann");
  put("http://h/people/bob", "the page of Bob");
  crawl_.capture("http://h/people/ann", "", "the page of Ann, later");
  EXPECT_EQ(captures("http://h/people/ann"), 2U);
  const std::string said = run({.urls = {"http://h/people/ann"}});
  EXPECT_THAT(said, HasSubstr("http://h/people/ann\n"));
  EXPECT_THAT(said, HasSubstr(": 1 URL, 4 records of the archive ("));
  EXPECT_EQ(captures("http://h/people/ann"), 0U);
  EXPECT_EQ(captures("http://h/people/bob"), 1U);
  EXPECT_EQ(captures("http://h/kept"), 1U);
  const auto forgotten = record("http://h/people/ann");
  EXPECT_EQ(forgotten.outcome.state, UrlState::excluded);
  EXPECT_EQ(forgotten.outcome.error, Errc::forgotten);
  EXPECT_FALSE(forgotten.outcome.archive || forgotten.outcome.status);
  EXPECT_THAT(run({.urls = {"http://h/people/ann"}}), HasSubstr("forgotten already"));
  EXPECT_THAT(all_bytes(), Not(HasSubstr("title of http://h/people/ann")));
  EXPECT_EQ(figure("SELECT fetched FROM progress"), 2);
  EXPECT_EQ(figure("SELECT excluded FROM progress"), 1);
  auto db = storage::open_for_reading(fs::path{crawl_.folder()} / "crawl.db");
  int findings = 0;
  FolderCheck check{crawl_.folder(), db, [&](const Finding&) { ++findings; }, [] {}};
  check.run();
  EXPECT_EQ(findings, 0);
}

// Its file may have had one of several names, and these may be folders or files of others.
TEST_F(ForgetTest, NoOtherUrlsFileGoesWithIt) {
  crawl_.fetch_to_file("http://h/docs", "h", "the page itself");
  crawl_.fetch_to_file("http://h/docs/x", "h", "a page below");
  crawl_.fetch_to_file("http://h/foo", "h", "of foo");
  crawl_.admit("http://h/foo~", "h");
  run({.urls = {"http://h/docs"}});
  run({.urls = {"http://h/foo~"}});
  EXPECT_THAT(all_bytes(), Not(HasSubstr("the page itself")));
  EXPECT_THAT(all_bytes(), HasSubstr("a page below"));
  EXPECT_THAT(all_bytes(), HasSubstr("of foo"));
}

TEST_F(ForgetTest, PagesThatShareTheBodyAreFetchedAgain) {
  put("http://h/first", "the same words");
  put("http://h/other", "other words");
  const auto first = *record("http://h/first").outcome.archive;
  for (const char* url : {"http://h/second", "http://h/third"}) {
    const auto position = crawl_.capture(url, "", "", {.status = 304, .unchanged = first});
    crawl_.end(crawl_.admit(url, "h"), test::SmallCrawl::fetched({.archive = position}));
  }
  EXPECT_THAT(run({.urls = {"http://h/second"}}), Not(HasSubstr("same body")));
  EXPECT_EQ(record("http://h/first").outcome.state, UrlState::fetched);
  EXPECT_THAT(run({.urls = {"http://h/first"}}),
              HasSubstr("1 other page had the same body, which is gone with it: the next run "
                        "fetches it\n"));
  const auto lost = record("http://h/third");
  EXPECT_EQ(lost.outcome.state, UrlState::queued);
  EXPECT_EQ(lost.outcome.status, 200);
  EXPECT_FALSE(lost.outcome.archive);
  EXPECT_EQ(record("http://h/other").outcome.state, UrlState::fetched);
  EXPECT_EQ(figure("SELECT queued FROM progress"), 1);
}

TEST_F(ForgetTest, FilesGoWithTheirUrls) {
  crawl_.fetch_to_file("http://h/stays", "h", "stays");
  crawl_.fetch_to_file("http://h/goes", "h", "goes");
  const auto path_of = [&](const std::string& url) {
    return fs::path{crawl_.folder()} / record(url).outcome.archive->file;
  };
  const fs::path stays = path_of("http://h/stays"), goes = path_of("http://h/goes");
  run({.patterns = {"*/goes"}});
  EXPECT_TRUE(fs::exists(stays));
  EXPECT_FALSE(fs::exists(goes));
}

// A page that is gone leaves its file until somebody looks for unused ones.
TEST_F(ForgetTest, AFileThatNoRecordNamesAnyMoreGoesToo) {
  crawl_.fetch_to_file("http://h/ann", "h", "the page of Ann");
  const fs::path file = fs::path{crawl_.folder()} / record("http://h/ann").outcome.archive->file;
  crawl_.end(crawl_.id("http://h/ann"), test::SmallCrawl::fetched({.status = 404}));
  ASSERT_TRUE(fs::exists(file));
  run({.urls = {"http://h/ann"}});
  EXPECT_FALSE(fs::exists(file));
}

TEST_F(ForgetTest, APartOfABodyGoesToo) {
  const auto id = crawl_.admit("http://h/large", "h");
  const fs::path part = fs::path{crawl_.folder()} / "tmp" / "part-1";
  fs::create_directories(part.parent_path());
  std::ofstream{part} << "half of it";
  std::ofstream{part.parent_path() / "part-2"} << "of a run that was killed before it was known";
  crawl_.apply({.parts = {{.id = id,
                           .part = crawl::KeptPart{
                               .url = "http://h/large", .file = "part-1", .bytes = 10}}}});
  run({.urls = {"http://h/large"}});
  EXPECT_FALSE(fs::exists(part) || fs::exists(part.parent_path() / "part-2"));
  EXPECT_EQ(figure("SELECT count(*) FROM part"), 0);
}

// A body that a mirror served is archived as the mirror's.
TEST_F(ForgetTest, AMirrorsUrlTakesThePageAlongThatItServed) {
  const auto at = crawl_.capture("http://m/file", "", "the file");
  crawl_.end(crawl_.admit("http://h/file", "h"),
             test::SmallCrawl::fetched({.served_by = "http://m/file", .archive = at}));
  run({.hosts = {"m"}});
  EXPECT_EQ(record("http://h/file").outcome.state, UrlState::queued);
  EXPECT_FALSE(record("http://h/file").outcome.archive);
  const auto second = crawl_.capture("http://m/file", "", "the file");
  crawl_.end(crawl_.id("http://h/file"),
             test::SmallCrawl::fetched({.served_by = "http://m/file", .archive = second}));
  run({.urls = {"http://h/file"}});
  EXPECT_EQ(captures("http://m/file"), 0U);
}

TEST_F(ForgetTest, ABackupThatSharesTheFileStaysAsItWas) {
  put("http://h/page", "the page");
  const fs::path archive =
      fs::path{crawl_.folder()} / record("http://h/page").outcome.archive->file;
  const test::ScratchFolder backup;
  fs::create_hard_link(archive, backup.path() / "linked");
  std::ostringstream before, after;
  before << std::ifstream{archive, std::ios::binary}.rdbuf();
  run({.urls = {"http://h/page"}});
  after << std::ifstream{backup.path() / "linked", std::ios::binary}.rdbuf();
  EXPECT_EQ(before.str(), after.str());
  EXPECT_EQ(fs::file_size(archive), before.str().size());
  EXPECT_EQ(captures("http://h/page"), 0U);
}

// Its page would be written over, in its middle.
TEST_F(ForgetTest, WhatOnlyLooksLikeARecordInAPageIsLeftAlone) {
  const auto record_of = [](const std::string& url, const std::string& body) {
    return "WARC/1.1\r\nWARC-Type: resource\r\nWARC-Record-ID: <urn:uuid:" + url +
           ">\r\nWARC-Date: 2026-01-31T23:59:58Z\r\nWARC-Target-URI: " + url +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body + "\r\n\r\n";
  };
  const std::string body = "\r\n\r\n" + record_of("http://h/goes", std::string(500, 'f'));
  const std::string bytes = record_of("http://h/stays", body) + "damaged, whatever it was\r\n\r\n" +
                            record_of("http://h/goes", std::string(500, 'r'));
  const fs::path file = fs::path{crawl_.folder()} / "warc/small.warc";
  fs::create_directories(file.parent_path());
  std::ofstream{file, std::ios::binary} << bytes;
  crawl_.apply({.marks = {{.file = "warc/small.warc", .bytes = bytes.size()}}});
  TextOutput err;
  EXPECT_EQ(run_forget({.folder = crawl_.folder(), .urls = {"http://h/goes"}}, err),
            ExitCode::damaged);
  EXPECT_THAT(err.text, HasSubstr("1 record of the archive"));
  EXPECT_THAT(all_bytes(), HasSubstr(body));
  EXPECT_THAT(all_bytes(), Not(HasSubstr(std::string(500, 'r'))));
}

TEST_F(ForgetTest, RobotsTxtAloneCanBeForgotten) {
  crawl_.apply({.robots = {{.origin = "http://h", .fetched_ms = 1, .status = 200, .body = "x"}}});
  run({.urls = {"http://h/robots.txt"}});
  EXPECT_EQ(figure("SELECT count(*) FROM robots"), 0);
}

TEST_F(ForgetTest, NothingOutsideOfTheFolderIsTouched) {
  put("http://h/page", "page");
  const test::ScratchFolder other;
  const fs::path precious = other.path() / "precious";
  std::ofstream{precious} << "precious";
  const std::string way = precious.lexically_relative(crawl_.folder()).string();
  for (const std::string& line :
       {"file " + way, "file files/../" + way, "record 0 5 " + way, "record 0 5 warc/../" + way}) {
    std::ofstream{fs::path{crawl_.folder()} / "forgetting.list"} << line << "\nend\n";
    const auto held = storage::OutputFolder::open(crawl_.folder());
    EXPECT_THROW(held.open_store(), Failure) << line;
    EXPECT_EQ(fs::file_size(precious), 8U) << line;
  }
}

TEST_F(ForgetTest, AHostGoesWithItsRobotsTxt) {
  put("http://h/page", "page");
  crawl_.capture("http://h/robots.txt", "", "User-agent: *");
  crawl_.apply({.robots = {{.origin = "http://h", .fetched_ms = 1, .status = 200, .body = "x"}}});
  crawl_.end(crawl_.admit("http://h.example/", "h.example"), test::SmallCrawl::fetched());
  EXPECT_THAT(run({.hosts = {"H"}}), HasSubstr(": 1 URL, 4 records"));
  EXPECT_EQ(captures("http://h/robots.txt"), 0U);
  EXPECT_EQ(figure("SELECT count(*) FROM robots"), 0);
  EXPECT_EQ(figure("SELECT count(*) FROM url WHERE error = 'forgotten'"), 1);
}

TEST_F(ForgetTest, ADryRunChangesNothing) {
  put("http://h/page", "page");
  EXPECT_THAT(run({.urls = {"http://h/page"}, .dry_run = true}),
              HasSubstr(" would be forgotten\n"));
  EXPECT_EQ(captures("http://h/page"), 1U);
  EXPECT_EQ(record("http://h/page").outcome.state, UrlState::fetched);
}

TEST_F(ForgetTest, OneThatWasKilledIsFinishedWhenTheFolderIsOpened) {
  put("http://h/page", "page");
  put("http://h/other", "other");
  const auto at = *record("http://h/page").outcome.archive;
  const auto id = crawl_.id("http://h/page");
  const auto end = record("http://h/other").outcome.archive->offset;
  std::ofstream{fs::path{crawl_.folder()} / "forgetting.list"}
      << "url " << id.host << " " << id.seq << "\nrecord " << at.offset << " " << end - at.offset
      << " " << at.file << "\nend\n";
  {
    const auto held = storage::OutputFolder::open(crawl_.folder());
    const auto store = held.open_store();
    EXPECT_EQ(store->totals().excluded, 1U);
  }
  EXPECT_FALSE(fs::exists(fs::path{crawl_.folder()} / "forgetting.list"));
  EXPECT_EQ(captures("http://h/page"), 0U);
  EXPECT_EQ(captures("http://h/other"), 1U);
  std::ofstream{fs::path{crawl_.folder()} / "forgetting.list"} << "url 1 1\nrecord 12";
  const auto held = storage::OutputFolder::open(crawl_.folder());
  EXPECT_THROW(held.open_store(), Failure);
}

TEST_F(ForgetTest, RequeueTakesItBack) {
  put("http://h/page", "page");
  run({.urls = {"http://h/page"}});
  TextOutput err;
  run_requeue({.folder = crawl_.folder(), .filter = {.host = "h"}}, err);
  EXPECT_EQ(record("http://h/page").outcome.state, UrlState::excluded);
  run_requeue({.folder = crawl_.folder(), .filter = {.error = "forgotten"}}, err);
  EXPECT_THAT(err.text, HasSubstr(": 1 URL queued;"));
  EXPECT_EQ(record("http://h/page").outcome.state, UrlState::queued);
  EXPECT_FALSE(record("http://h/page").outcome.error);
}

TEST_F(ForgetTest, WhatIsNotThereIsSaidAndNothingIsDone) {
  put("http://h/page", "page");
  EXPECT_EQ(refusal({}), Errc::usage);
  EXPECT_EQ(refusal({.patterns = {"re:("}}), Errc::usage);
  EXPECT_EQ(refusal({.urls = {"http://h/page", "http://h/pgae"}}), Errc::not_found);
  EXPECT_EQ(refusal({.patterns = {"*/pgae"}}), Errc::not_found);
  EXPECT_EQ(refusal({.hosts = {"h.example"}}), Errc::not_found);
  EXPECT_EQ(refusal({.hosts = {"a b"}}), Errc::usage);
  EXPECT_EQ(refusal({.folder = crawl_.folder() + "/none", .urls = {"http://h/"}}), Errc::not_found);
  EXPECT_EQ(captures("http://h/page"), 1U);
  const auto held = storage::OutputFolder::open(crawl_.folder());
  EXPECT_EQ(refusal({.urls = {"http://h/page"}}), Errc::in_use);
}

// Of another job, or of a time that crawl.db, put back from a copy, has yet to come to.
TEST_F(ForgetTest, FilesThatTheDatabaseDoesNotKnowAreNamedAndLeftAlone) {
  put("http://h/page", "page");
  put("http://h/next", "next");
  const fs::path warc = fs::path{crawl_.folder()} / "warc";
  EXPECT_THAT(run({.urls = {"http://h/next"}}), Not(HasSubstr("was not looked at")));
  std::ofstream{warc / "older-20200101000000-00007.warc"} << "of http://h/page, too";
  std::ofstream{warc / "empty"};
  const auto names = HasSubstr(
      "crawl.db doesn't know warc/older-20200101000000-00007.warc: what is in it was not looked "
      "at");
  EXPECT_THAT(run({.urls = {"http://h/page"}, .dry_run = true}), names);
  EXPECT_THAT(run({.urls = {"http://h/page"}}), names);
  EXPECT_THAT(run({.urls = {"http://h/page"}}), names);  // forgotten already
  EXPECT_THAT(all_bytes(), HasSubstr("of http://h/page, too"));
  TextOutput err;
  try {
    run_forget({.folder = crawl_.folder(), .urls = {"http://h/none"}}, err);
    ADD_FAILURE() << "no refusal";
  } catch (const Failure& failure) {
    EXPECT_THAT(failure.what(), names);
  }
}

}  // namespace
}  // namespace trawl::service::cli
