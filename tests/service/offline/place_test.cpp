#include "service/offline/place.hpp"

#include "tests/support/scratch_folder.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace trawl::service {
namespace {

namespace fs = std::filesystem;

std::string contents(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream{path}.rdbuf();
  return text.str();
}

std::size_t left_over(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator{folder / "tmp"}, fs::directory_iterator{}));
}

TEST(OfflinePlace, TheSameBytesAreWrittenOnce) {
  test::ScratchFolder folder;
  OfflinePlace place{folder.path()};
  EXPECT_TRUE(place.put("offline/h/a", "one"));
  EXPECT_FALSE(place.put("offline/h/a", "one"));
  EXPECT_TRUE(place.put("offline/h/a", "two"));
  EXPECT_TRUE(place.put("offline/h/a", "twoo"));
  EXPECT_EQ(contents(folder.path() / "offline/h/a"), "twoo");
  EXPECT_EQ(left_over(folder.path()), 0U);
}

TEST(OfflinePlace, WhatIsNotFinishedIsNeverSeen) {
  test::ScratchFolder folder;
  OfflinePlace place{folder.path()};
  {
    auto writing = place.begin("offline/a");
    writing.write("half");
  }
  EXPECT_FALSE(fs::exists(folder.path() / "offline/a"));
  EXPECT_EQ(left_over(folder.path()), 0U);
  auto writing = place.begin("offline/a");
  writing.write("wh");
  writing.write("ole");
  EXPECT_TRUE(writing.finish());
  EXPECT_EQ(contents(folder.path() / "offline/a"), "whole");
}

TEST(OfflinePlace, AFileGetsASecondName) {
  test::ScratchFolder folder;
  fs::create_directories(folder.path() / "files");
  std::ofstream{folder.path() / "files/a"} << "body";
  OfflinePlace place{folder.path()};
  EXPECT_EQ(place.link("offline/a", "files/a"), true);
  EXPECT_TRUE(fs::equivalent(folder.path() / "offline/a", folder.path() / "files/a"));
  EXPECT_EQ(place.link("offline/a", "files/a"), false);
  // Fetched again: a new file under the old name.
  std::ofstream{folder.path() / "files/b"} << "other";
  fs::rename(folder.path() / "files/b", folder.path() / "files/a");
  EXPECT_EQ(place.link("offline/a", "files/a"), true);
  EXPECT_EQ(contents(folder.path() / "offline/a"), "other");
  EXPECT_FALSE(place.link("offline/c", "files/none").has_value());
  EXPECT_EQ(left_over(folder.path()), 0U);
}

}  // namespace
}  // namespace trawl::service
