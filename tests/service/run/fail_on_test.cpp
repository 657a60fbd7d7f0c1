#include "service/run/fail_on.hpp"

#include "tests/service/cli/small_crawl.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trawl::service {
namespace {

using testing::HasSubstr;

std::string found(test::SmallCrawl& crawl, std::string_view text) {
  auto db = storage::open_for_reading(std::filesystem::path{crawl.folder()} / "crawl.db");
  const auto wanted = FailOn::parse(text);
  return wanted ? wanted->found_in(storage::read_stats(db, 0)) : wanted.error().detail;
}

TEST(FailOn, AnErrorCodeIsFoundInAnyState) {
  test::SmallCrawl crawl;
  crawl.end(crawl.admit("http://h/a", "h"),
            {.state = crawl::UrlState::failed, .error = Errc::reset});
  EXPECT_EQ(found(crawl, "reset"), "1 x reset");
  EXPECT_EQ(found(crawl, "robots, dns_timeout"), "");
  EXPECT_EQ(found(crawl, "failed"), "1 failed");
  EXPECT_THAT(found(crawl, "rset"), HasSubstr("or an error code such as \"robots\""));
}

// They came, but not as they should have.
TEST(FailOn, DamagedAnswersAreFailuresAndSlipsOfTheirAuthorsAreNot) {
  test::SmallCrawl crawl;
  const auto end = [&](const std::string& url, Errc error) {
    auto outcome = test::SmallCrawl::fetched({.status = 200});
    outcome.error = error;
    crawl.end(crawl.admit(url, "h"), outcome);
  };
  end("http://h/sitemap.xml", Errc::sitemap);
  EXPECT_EQ(found(crawl, "failed"), "");
  end("http://h/a", Errc::decode);
  end("http://h/b", Errc::body_truncated);
  EXPECT_EQ(found(crawl, "failed"), "2 damaged");
}

TEST(FailOn, ANoteThatSomethingIsMissingCanBeNamed) {
  test::SmallCrawl crawl;
  crawl.end(crawl.admit("http://h/", "h"),
            test::SmallCrawl::fetched({.status = 200, .note = "two_locations,links_cut"}));
  EXPECT_EQ(found(crawl, "links_cut,max_body"), "1 x links_cut");
  EXPECT_EQ(found(crawl, "failed,truncated"), "");
  EXPECT_THAT(found(crawl, "two_locations"), HasSubstr("the note \"links_cut\""));
}

// What the job was asked for and could not be fetched is no success, whatever the reason.
TEST(FailOn, AnExcludedSeedIsAFailure) {
  test::SmallCrawl crawl;
  crawl.admit("http://h/", "h", Errc::robots);
  EXPECT_EQ(found(crawl, "failed"), "1 seed excluded");
  EXPECT_EQ(found(crawl, "robots"), "1 x robots");
  EXPECT_EQ(found(crawl, "404,truncated"), "");
}

TEST(FailOn, WhatIsExcludedAndNoSeedIsNone) {
  test::SmallCrawl crawl;
  const auto seed = crawl.admit("http://h/", "h");
  crawl.apply(
      {.admitted = {
           {.url = "http://h/link", .host = "h", .depth = 1, .via = seed, .excluded = Errc::robots},
           {.url = "http://h/redirect",
            .host = "h",
            .depth = 0,
            .via = seed,
            .excluded = Errc::scope},
           {.url = "http://h/sitemap.xml", .host = "h", .excluded = Errc::robots, .sitemap = 1},
           {.url = "http://h/plain", .host = "h", .excluded = Errc::hsts}}});
  EXPECT_EQ(found(crawl, "failed"), "");
  EXPECT_EQ(found(crawl, "excluded"), "4 excluded");
}

}  // namespace
}  // namespace trawl::service
