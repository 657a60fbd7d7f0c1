// What is asked of folders as a whole: which are read, and what --to may name.
#include "core/base/result.hpp"
#include "service/cli/links.hpp"
#include "tests/service/cli/small_crawl.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace trawl::service::cli {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class LinkFolders : public testing::Test {
 protected:
  void SetUp() override {
    crawl_.settings("[seeds]\nurls = [\"http://h/\"]\n");
    crawl_.fetch("http://h/", "h", "", "<a href=/a>a</a><a href=/b>b</a>",
                 {.content_type = "text/html"});
  }

  std::string said(LinksOptions options) {
    TextOutput out, err;
    code_ = run_links(options, out, err);
    return err.text;
  }
  Error failure_of(const std::string& to) {
    try {
      return {Errc::internal, said({.folders = {crawl_.folder()}, .broken = true, .to = {to}})};
    } catch (const Failure& failure) {
      return failure.error();
    }
  }

  test::SmallCrawl crawl_;
  ExitCode code_ = ExitCode::internal;
};

TEST_F(LinkFolders, AreReadOnceHoweverOftenTheyAreNamed) {
  namespace fs = std::filesystem;
  const fs::path folder = crawl_.folder();
  const fs::path link = folder / "by_link";
  fs::create_directory_symlink(folder, link);
  for (const std::string& other :
       {folder.string(), folder.string() + "/.", link.string(), fs::relative(folder).string()})
    EXPECT_THAT(said({.folders = {folder.string(), other}}), StartsWith("2 links of 1 page"))
        << other;
}

TEST_F(LinkFolders, WhatNoCrawlCanKnowIsRefusedAndNotPassedOver) {
  for (const char* url : {"ftp://x/", "data://x"}) {
    const Error error = failure_of(url);
    EXPECT_EQ(error.code, Errc::bad_url) << url;
    EXPECT_THAT(error.detail, HasSubstr("only http and https URLs are fetched"));
  }
}

TEST_F(LinkFolders, NoLinkLeadsToAUrlThatIsNotKnown) {
  EXPECT_THAT(said({.folders = {crawl_.folder()}, .to = {"http://h/never"}}),
              StartsWith("0 links of 1 page"));
  EXPECT_EQ(code_, ExitCode::ok);
}

}  // namespace
}  // namespace trawl::service::cli
