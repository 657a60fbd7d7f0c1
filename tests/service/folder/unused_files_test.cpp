#include "service/folder/unused_files.hpp"

#include "core/base/result.hpp"
#include "storage/open.hpp"
#include "tests/service/cli/small_crawl.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace trawl::service {
namespace {

namespace fs = std::filesystem;

TEST(UnusedFiles, OnlyWhatNoRecordNamesGoes) {
  test::SmallCrawl crawl;
  crawl.fetch_to_file("http://h/there", "h", "there");
  crawl.fetch_to_file("http://h/gone/deep/page", "h", "gone");
  crawl.fetch("http://h/archived", "h", "", "archived");
  auto db = storage::open_for_reading(fs::path{crawl.folder()} / "crawl.db");
  const auto file_of = [&](const std::string& url) {
    return fs::path{crawl.folder()} / storage::find_record(db, url, "h")->outcome.archive->file;
  };
  const fs::path there = file_of("http://h/there"), gone = file_of("http://h/gone/deep/page"),
                 archived = file_of("http://h/archived");
  const fs::path files = fs::path{crawl.folder()} / "files";
  std::ofstream{files / "stray"} << "no record ever named it";
  fs::create_symlink("/etc/hostname", files / "link");
  crawl.end(crawl.id("http://h/gone/deep/page"), test::SmallCrawl::fetched({.status = 404}));
  const auto removed = remove_unused_files(crawl.folder());
  EXPECT_EQ(removed.files, 2U);
  EXPECT_EQ(removed.bytes, 4U + 23U);
  EXPECT_TRUE(fs::exists(there) && fs::exists(archived));
  EXPECT_FALSE(fs::exists(gone.parent_path()));
  EXPECT_TRUE(fs::is_symlink(files / "link"));
  EXPECT_EQ(remove_unused_files(crawl.folder()).files, 0U);
}

TEST(UnusedFiles, NothingIsTouchedWhileAJobRuns) {
  test::SmallCrawl crawl;
  crawl.fetch_to_file("http://h/there", "h", "there");
  const auto held = storage::OutputFolder::open(crawl.folder());
  EXPECT_THROW(remove_unused_files(crawl.folder()), Failure);
  EXPECT_THROW(remove_unused_files(fs::path{crawl.folder()} / "none"), Failure);
}

}  // namespace
}  // namespace trawl::service
