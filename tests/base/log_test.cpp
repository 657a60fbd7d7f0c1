#include "core/base/log.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace trawl {

TEST(Log, OutsideTextCannotForgeLinesOrReachTheTerminal) {
  EXPECT_EQ(printable("a\nb\x1b[31m\x7f"), "a\\x0ab\\x1b[31m\\x7f");
  EXPECT_EQ(printable("gr\xc3\xbc\xc3\x9f"), "gr\xc3\xbc\xc3\x9f");
  EXPECT_EQ(printable("\xff\xc3"), "\\xff\\xc3");
  EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b");
  EXPECT_EQ(printable("abcdef", 3), "abc…");
}

TEST(Log, JsonLinesAreEscapedAndWrittenBeforeStopReturns) {
  const auto path = std::filesystem::temp_directory_path() / "trawl_log_test.json";
  std::filesystem::remove(path);
  start_logging({.format = LogFormat::json, .file = path});
  log("crawl")->info("said \"{}\"", "hello\n");
  stop_logging();
  std::stringstream text;
  text << std::ifstream{path}.rdbuf();
  EXPECT_NE(text.str().find(R"("component":"crawl","message":"said \"hello\u000a\""})"),
            std::string::npos)
      << text.str();
}

}  // namespace trawl
