#include "service/offline/tree.hpp"

#include "tests/service/cli/small_crawl.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace trawl::service {
namespace {

std::string contents(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream{path}.rdbuf();
  return text.str();
}

crawl::Outcome typed(std::string type) {
  return {.content_type = std::move(type)};
}

OfflineSummary make(const test::SmallCrawl& crawl, bool stopped = false) {
  crawl::JobSpec job;
  job.output.dir = crawl.folder();
  const std::atomic<bool> stop = stopped;
  return make_offline_tree(job, stop);
}

TEST(OfflineTree, IsMadeOfWarcArchivesToo) {
  test::SmallCrawl crawl;
  crawl.fetch("http://h/", "h", "", "<a href=/img?1>i</a><a href=/moved>m</a><a href=/no>n</a>",
              typed("text/html"));
  crawl.fetch("http://h/img?1", "h", "", std::string("\x89PNG\0", 5), typed("image/png"));
  crawl.end(crawl.admit("http://h/moved", "h"),
            test::SmallCrawl::fetched({.status = 301, .redirect_to = "http://h/"}));
  const OfflineSummary summary = make(crawl);
  EXPECT_TRUE(summary.whole);
  EXPECT_EQ(summary.converted, 1U);
  EXPECT_EQ(summary.copied, 1U);
  EXPECT_EQ(summary.written, 2U);
  const std::string root = crawl.folder() + "/offline/h+80/";
  const std::string page = contents(root + "index.html");
  const std::string start = "<a href=\"img_1~";
  ASSERT_TRUE(page.starts_with(start)) << page;
  EXPECT_TRUE(page.ends_with("<a href=\"index.html\">m</a><a href=\"http://h/no\">n</a>")) << page;
  const std::string image = page.substr(9, page.find('"', 9) - 9);
  EXPECT_EQ(contents(root + image), std::string("\x89PNG\0", 5));
  EXPECT_EQ(make(crawl).written, 0U);
}

TEST(OfflineTree, MakesGoodWhatIsMissingOrChanged) {
  test::SmallCrawl crawl;
  crawl.fetch("http://h/", "h", "", "<a href=/>", typed("text/html"));
  make(crawl);
  const std::string file = crawl.folder() + "/offline/h+80/index.html";
  std::ofstream{file} << "";
  EXPECT_EQ(make(crawl).written, 1U);
  EXPECT_EQ(contents(file), "<a href=\"index.html\">");
}

TEST(OfflineTree, ABodyThatIsGoneIsSaidAndPassedOver) {
  test::SmallCrawl crawl;
  crawl.fetch_to_file("http://h/a", "h", "a");
  crawl.fetch_to_file("http://h/b", "h", "b");
  std::filesystem::remove(crawl.folder() + "/files/h+80/a~");
  const OfflineSummary summary = make(crawl);
  EXPECT_EQ(summary.unreadable, 1U);
  EXPECT_EQ(summary.copied, 1U);
  EXPECT_TRUE(std::filesystem::exists(crawl.folder() + "/offline/h+80/b~"));
}

TEST(OfflineTree, AFileOutsideOfTheFolderIsNotTakenIn) {
  test::SmallCrawl crawl;
  const test::ScratchFolder other;
  const auto precious = other.path() / "precious";
  std::ofstream{precious} << "precious";
  crawl.fetch_to_file("http://h/a", "h", "a");
  const std::string way = "files/../" + precious.lexically_relative(crawl.folder()).string();
  for (const std::string& file : {way, std::string{"files/../crawl.db"}}) {
    crawl.end(crawl.admit(file == way ? "http://h/b" : "http://h/c", "h"),
              test::SmallCrawl::fetched({.archive = crawl::ArchivePosition{.file = file}}));
  }
  const OfflineSummary summary = make(crawl);
  EXPECT_EQ(summary.copied, 1U);
  EXPECT_EQ(summary.unreadable, 2U);
  EXPECT_EQ(std::filesystem::hard_link_count(precious), 1U);
  EXPECT_FALSE(std::filesystem::exists(crawl.folder() + "/offline/h+80/b~"));
  EXPECT_FALSE(std::filesystem::exists(crawl.folder() + "/offline/h+80/c~"));
}

TEST(OfflineTree, StopsWhenAsked) {
  test::SmallCrawl crawl;
  crawl.fetch("http://h/", "h", "", "x", typed("text/html"));
  const OfflineSummary summary = make(crawl, true);
  EXPECT_FALSE(summary.whole);
  EXPECT_EQ(summary.written, 0U);
}

}  // namespace
}  // namespace trawl::service
