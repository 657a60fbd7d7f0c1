#include "service/cli/export.hpp"

#include "core/base/result.hpp"
#include "storage/sqlite/db.hpp"
#include "tests/service/cli/small_crawl.hpp"
#include "tests/support/subprocess.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

namespace trawl::service::cli {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::string read(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

class Export : public testing::Test {
 protected:
  void SetUp() override {
    crawl_.admit_many("a", 700);
    crawl_.end(crawl_.admit("http://b/\"x\"", "b"),
               test::SmallCrawl::fetched({.status = 404, .title = "a, \"b\""}));
  }
  std::string to_file(const std::string& name, ExportOptions options = {}) {
    options.folder = crawl_.folder();
    options.file = (folder_.path() / name).string();
    TextOutput out, err;
    EXPECT_EQ(run_export(options, out, err), ExitCode::ok);
    EXPECT_EQ(out.text, "");
    EXPECT_THAT(err.text, HasSubstr("record"));
    EXPECT_FALSE(fs::exists(options.file + ".part"));
    return options.file;
  }
  std::string to_output(ExportOptions options) {
    options.folder = crawl_.folder();
    TextOutput out, err;
    EXPECT_EQ(run_export(options, out, err), ExitCode::ok);
    return out.text;
  }

  test::SmallCrawl crawl_;
  test::ScratchFolder folder_;
};

TEST_F(Export, AFileHasWhatIsSelected) {
  crawl_.fetch("http://c/1", "c", "", "<h1>One</h1>", {.content_type = "text/html"});
  const auto filter = FilterText{.host = "c"};
  for (const std::string format : {"csv", "jsonl"}) {
    const auto text = read(to_file("s." + format, {.filter = filter, .select = {"h=h1"}}));
    EXPECT_EQ(text, to_output({.format = format, .filter = filter, .select = {"h=h1"}}));
    EXPECT_THAT(text, HasSubstr("One"));
  }
  EXPECT_THROW(to_file("s.db", {.select = {"h=h1"}}), Failure);
  EXPECT_THROW(to_file("t.csv", {.select = {"url=h1"}}), Failure);
  EXPECT_FALSE(fs::exists(folder_.path() / "t.csv"));
}

TEST_F(Export, AFileHasWhatTheOutputHas) {
  EXPECT_EQ(read(to_file("a.jsonl")), to_output({}));
  EXPECT_EQ(read(to_file("a.csv")), to_output({.format = "csv"}));
  EXPECT_EQ(read(to_file("a.txt", {.format = "csv", .filter = {.host = "b"}})),
            to_output({.format = "csv", .filter = {.host = "b"}}));
  EXPECT_EQ(read(to_file("none.jsonl", {.filter = {.limit = 0}})), "");
}

TEST_F(Export, ASuffixCompressesIt) {
  const std::string all = to_output({});
  EXPECT_EQ(support::run({.args = {"gzip", "-dc", to_file("a.jsonl.gz")}}).out, all);
  if (support::run({.args = {"sh", "-c", "command -v zstd"}}).exit_code == 0)
    EXPECT_EQ(support::run({.args = {"zstd", "-dqc", to_file("a.jsonl.zst")}}).out, all);
  EXPECT_LT(fs::file_size(folder_.path() / "a.jsonl.gz"), all.size() / 5);
}

TEST_F(Export, ADatabaseHasTheColumnsOfTheView) {
  const std::string file = to_file("a.sqlite");
  auto db = storage::Db::open(file, storage::Access::read);
  EXPECT_EQ(db.integer("SELECT count(*) FROM results"), 701);
  EXPECT_EQ(db.integer("SELECT status FROM results WHERE title = 'a, \"b\"'"), 404);
  EXPECT_EQ(db.integer("SELECT count(*) FROM results WHERE status IS NULL"), 700);
  auto view = storage::open_for_reading(fs::path{crawl_.folder()} / "crawl.db");
  const char* count = "SELECT count(*) FROM pragma_table_info('results')";
  EXPECT_EQ(db.integer(count), view.integer(count));
}

TEST_F(Export, WhatFailsLeavesWhatWasThere) {
  const fs::path file = folder_.path() / "a.jsonl";
  std::ofstream{file} << "before";
  fs::create_directory(file.string() + ".part");  // in the way
  TextOutput out, err;
  EXPECT_THROW(
      try {
        run_export({.folder = crawl_.folder(), .file = file.string()}, out, err);
      } catch (const Failure& failure) {
        EXPECT_THAT(failure.what(), HasSubstr("was not written"));
        throw;
      },
      Failure);
  EXPECT_EQ(read(file), "before");
  EXPECT_THROW(run_export({.folder = crawl_.folder(), .format = "sqlite"}, out, err), Failure);
  EXPECT_THROW(to_file("a.db.gz"), Failure);
  EXPECT_THROW(to_file("."), Failure);
  EXPECT_THROW(to_file("a", {.format = "xml"}), Failure);
}

TEST_F(Export, NothingOfTheCrawlIsWrittenOver) {
  const fs::path folder = crawl_.folder();
  fs::create_symlink(folder / "crawl.db", folder_.path() / "link");
  fs::create_symlink(folder / "crawl.db-journal", folder_.path() / "dangling");
  TextOutput out, err;
  for (const fs::path& file :
       {folder / "crawl.db", folder / "crawl.db-wal", folder / ".lock", folder / "warc" / "a.jsonl",
        folder / "files" / "h" / "a.jsonl", folder / "x" / ".." / "crawl.db",
        folder_.path() / "link", folder_.path() / "dangling"})
    EXPECT_THROW(run_export({.folder = folder.string(), .file = file.string()}, out, err), Failure)
        << file;
  EXPECT_NE(to_output({}), "");
  // Beside it there is room for others.
  EXPECT_EQ(
      run_export({.folder = folder.string(), .file = (folder / "a.jsonl").string()}, out, err),
      ExitCode::ok);
  EXPECT_EQ(read(folder / "a.jsonl"), to_output({}));
}

TEST_F(Export, ALinkIsFollowedAndADeviceIsNotReplaced) {
  const fs::path file = folder_.path() / "a.jsonl", link = folder_.path() / "link";
  std::ofstream{file} << "before";
  fs::create_symlink(file, link);
  to_file("link");
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_EQ(read(file), to_output({}));
  ASSERT_EQ(::mkfifo((folder_.path() / "pipe").c_str(), 0600), 0);
  EXPECT_THROW(to_file("pipe"), Failure);
  EXPECT_TRUE(fs::is_fifo(folder_.path() / "pipe"));
}

TEST_F(Export, ADashIsStandardOutputAndQuietSaysNothing) {
  EXPECT_EQ(to_output({.file = "-"}), to_output({}));
  TextOutput out, err;
  const auto file = (folder_.path() / "a.CSV").string();
  run_export({.folder = crawl_.folder(), .file = file, .quiet = true}, out, err);
  EXPECT_EQ(err.text, "");
  EXPECT_EQ(read(file), to_output({.format = "csv"}));
}

}  // namespace
}  // namespace trawl::service::cli
