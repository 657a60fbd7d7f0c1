#include "storage/files/stored_name.hpp"

#include "storage/warc/file_name.hpp"

#include <gtest/gtest.h>

namespace trawl::storage {
namespace {

using namespace std::string_view_literals;

TEST(StoredName, OfABodyHasNoWayOutOfTheFolder) {
  for (const char* name : {"files/h+80/a~", "files/h+80/..a~", "warc/a.warc.gz", "files/a/..."})
    EXPECT_TRUE(lies_inside(name)) << name;
  for (const auto name : {""sv, "/etc/passwd"sv, ".."sv, "../x"sv, "files/../../x"sv,
                          "files/../crawl.db"sv, "files/.."sv, "files/..\0/a"sv})
    EXPECT_FALSE(lies_inside(name)) << name;
}

TEST(StoredName, OfAnArchiveIsThatOfAFileRightInItsFolder) {
  EXPECT_TRUE(is_warc_name("warc/a-20260131235958-00001.warc.gz"));
  for (const auto name : {"warc/"sv, "warc/."sv, "warc/.."sv, "warc/../a"sv, "warc/a/b"sv,
                          "warc//a"sv, "a.warc"sv, "files/a"sv, "warc/..\0"sv})
    EXPECT_FALSE(is_warc_name(name)) << name;
}

}  // namespace
}  // namespace trawl::storage
