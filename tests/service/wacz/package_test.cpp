#include "service/wacz/package.hpp"

#include "tests/service/cli/small_crawl.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace trawl::service {
namespace {

namespace fs = std::filesystem;

TEST(WaczPackage, AFileOutsideOfTheFolderIsNotPacked) {
  test::SmallCrawl crawl;
  const test::ScratchFolder other;
  const fs::path precious = other.path() / "precious";
  std::ofstream{precious} << "precious";
  crawl.capture("http://h/", "", "a page");
  const auto refusal = [&] {
    WaczProgress progress;
    try {
      write_wacz({.folder = crawl.folder(), .file = other.path() / "site.wacz"}, progress,
                 [](const Error&) {});
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.code(), Errc::damaged);
      return std::string{failure.what()};
    }
    return std::string{};
  };
  EXPECT_EQ(refusal(), "");
  fs::remove(other.path() / "site.wacz");
  crawl.apply({.marks = {{.file = "warc/../" + precious.lexically_relative(crawl.folder()).string(),
                          .bytes = 8}}});
  EXPECT_THAT(refusal(), testing::HasSubstr("crawl.db names a file outside its folder: warc/../"));
  EXPECT_FALSE(fs::exists(other.path() / "site.wacz"));
}

}  // namespace
}  // namespace trawl::service
