// Names that two URLs may have, and whose they are.
#include "storage/files/file_name.hpp"
#include "storage/files/writer.hpp"
#include "temporary_folder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace trawl::storage {
namespace {

// "a+b" and "a%2Bb" may be two pages.
constexpr const char* raw = "https://e.org/a+b";
constexpr const char* escaped = "https://e.org/a%2Bb";
constexpr const char* name = "files/e.org/a+b";

class FileOwner : public testing::Test {
 protected:
  FileOptions options() {
    return {.output_dir = folder_.path(),
            .names = crawl::FileNames::server,
            .is_anothers = [this](std::string_view file, std::string_view url) {
              ++asked_;
              return std::ranges::any_of(records_, [&](const auto& record) {
                return record.second == file && record.first != url;
              });
            }};
  }
  std::string put(const std::string& url, const std::string& body) {
    return uncommitted_[url] = append(archive_, page(url, body)).file;
  }
  void commit() {
    archive_.sync();
    archive_.on_committed();
    for (auto& [url, file] : std::exchange(uncommitted_, {})) records_[url] = file;
  }
  std::string text(const std::string& file) { return read_file(folder_.path() / file); }

  TemporaryFolder folder_;
  std::map<std::string, std::string> records_;  // the file that each URL's names
  std::map<std::string, std::string> uncommitted_;
  int asked_ = 0;
  FileArchive archive_{options()};
};

TEST_F(FileOwner, TheSecondOfTwoUrlsGoesAsideAndBothKeepTheirNames) {
  EXPECT_EQ(put(escaped, "1"), name);
  const auto aside = put(raw, "2");
  EXPECT_TRUE(aside.starts_with("files/e.org~/")) << aside;
  commit();
  EXPECT_EQ(text(name) + text(aside), "12");
  EXPECT_EQ(put(raw, "3"), aside);
  EXPECT_EQ(put(escaped, "4"), name);
  commit();
  EXPECT_EQ(text(name) + text(aside), "43");
}

// "x~" on the server, and the portable name of "x".
TEST_F(FileOwner, OtherNamesInALaterRunTakeNoFileOfTheFormerOnes) {
  EXPECT_EQ(put("https://e.org/x~", "1"), "files/e.org/x~");
  commit();
  auto portable = options();
  portable.names = crawl::FileNames::portable;
  FileArchive later{portable};
  const auto file = append(later, page("https://e.org/x", "2")).file;
  EXPECT_TRUE(file.starts_with("files/e.org~/")) << file;
  later.sync();
  EXPECT_EQ(text("files/e.org/x~") + text(file), "12");
}

// One record for a URL: of what a batch has twice the later one counts.
TEST_F(FileOwner, OneUrlHasOneNameInABatch) {
  EXPECT_EQ(put(raw, "1"), name);
  EXPECT_EQ(put(raw, "2"), name);
  commit();
  EXPECT_EQ(text(name), "2");
}

// Its last answer was a 404, say, or the crawl's database is a new one.
TEST_F(FileOwner, AFileThatNoRecordNamesIsNobodys) {
  write_file(folder_ / name, "0");
  EXPECT_EQ(put(raw, "1"), name);
  commit();
  records_.erase(raw);
  EXPECT_EQ(put(raw, "2"), name);
  commit();
  EXPECT_EQ(text(name), "2");
}

// Who has it may be told that its page has not changed, and would have another's.
TEST_F(FileOwner, AFileThatIsGoneIsStillItsUrls) {
  put(raw, "1");
  commit();
  std::filesystem::remove(folder_ / name);
  EXPECT_NE(put(escaped, "2"), name);
}

TEST_F(FileOwner, WhatWasNotCommittedIsNobodys) {
  {
    FileArchive killed{options()};
    EXPECT_EQ(append(killed, page(raw, "1")).file, name);
    killed.sync();
  }
  archive_.recover({});
  EXPECT_EQ(put(escaped, "2"), name);
  EXPECT_NE(put(raw, "3"), name);
  commit();
  EXPECT_EQ(text(name), "2");
}

TEST_F(FileOwner, IsAskedOnlyForNamesThatTwoUrlsMayHave) {
  for (const char* url : {"https://e.org/a?x=1", "https://e.org/index.html", "https://e.org/a%20b"})
    put(url, "1");
  EXPECT_EQ(asked_, 0);
  put(raw, "1");
  put("https://e.org/a,b/?x=1", "1");
  EXPECT_EQ(asked_, 2);
}

}  // namespace
}  // namespace trawl::storage
