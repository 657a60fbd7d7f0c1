#include "core/base/log.hpp"

#include "core/base/log_flush.hpp"
#include "core/base/log_job.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

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

TEST(Log, NoMessageBeginsALineOfItsOwn) {
  const auto path = std::filesystem::temp_directory_path() / "trawl_log_forged_test";
  std::filesystem::remove(path);
  start_logging({.file = path});
  log("crawl")->warn("grün \x1b[2J\n23:59:59.999 info  forged \xc2\x9b");
  stop_logging();
  std::stringstream text;
  text << std::ifstream{path}.rdbuf();
  EXPECT_NE(text.str().find("grün \\x1b[2J\\x0a23:59:59.999 info  forged"), std::string::npos)
      << text.str();
  EXPECT_EQ(text.str().find('\n'), text.str().size() - 1);
  EXPECT_EQ(text.str().find("\xc2\x9b"), std::string::npos);
  std::filesystem::remove(path);
}

TEST(Log, WhatWasLoggedCanBeWaitedFor) {
  const auto path = std::filesystem::temp_directory_path() / "trawl_log_flush_test";
  std::filesystem::remove(path);
  start_logging({.file = path});
  for (int i = 0; i < 500; ++i) log("crawl")->info("line {}", i);
  flush_log();
  std::stringstream text;
  text << std::ifstream{path}.rdbuf();
  EXPECT_NE(text.str().find("line 499\n"), std::string::npos);
  stop_logging();
  std::filesystem::remove(path);
  flush_log();  // there is nothing to wait for
}

TEST(Log, AFileThatWasMovedAwayIsMadeAnewOnRequest) {
  const auto path = std::filesystem::temp_directory_path() / "trawl_log_moved_test";
  const auto moved = std::filesystem::path{path.string() + ".1"};
  const auto text_of = [](const std::filesystem::path& file) {
    std::stringstream text;
    text << std::ifstream{file}.rdbuf();
    return text.str();
  };
  std::filesystem::remove(path);
  start_logging({.format = LogFormat::json, .file = path});
  log("crawl")->info("first");
  flush_log();
  std::filesystem::rename(path, moved);
  log("crawl")->info("second");
  flush_log();
  reopen_log_file();
  log("crawl")->info("third");
  flush_log();
  EXPECT_TRUE(text_of(moved).contains("\"second\"}"));
  EXPECT_FALSE(text_of(moved).contains("third"));
  EXPECT_TRUE(text_of(path).starts_with("{\"time\""));
  EXPECT_TRUE(text_of(path).contains("\"third\"}"));
  stop_logging();
  std::filesystem::remove(path);
  std::filesystem::remove(moved);
}

TEST(Log, LinesOfOneOfSeveralJobsNameIt) {
  const auto path = std::filesystem::temp_directory_path() / "trawl_log_job_test";
  const auto written = [&](LogFormat format) {
    std::filesystem::remove(path);
    start_logging({.format = format, .file = path});
    {
      const LogJob docs{"docs"};
      log("crawl")->info("paused");
      const LogJob none{""};
      log("daemon")->info("ready");
    }
    log("crawl")->info("alone");
    stop_logging();
    std::stringstream text;
    text << std::ifstream{path}.rdbuf();
    std::filesystem::remove(path);
    return text.str();
  };
  const std::string text = written(LogFormat::text);
  EXPECT_NE(text.find(" crawl  job=docs paused\n"), std::string::npos) << text;
  EXPECT_NE(text.find(" daemon ready\n"), std::string::npos) << text;
  EXPECT_NE(text.find(" crawl  alone\n"), std::string::npos) << text;
  const std::string json = written(LogFormat::json);
  EXPECT_NE(json.find(R"("component":"crawl","job":"docs","message":"paused"})"), std::string::npos)
      << json;
  EXPECT_NE(json.find(R"("component":"crawl","message":"alone"})"), std::string::npos) << json;
}

TEST(Log, JobsThatComeAndGoLeaveNoLoggersBehind) {
  for (int i = 0; i < 5000; ++i) {
    const LogJob job{fmt::format("job{}", i)};
    EXPECT_NE(log("crawl"), nullptr);
  }
  EXPECT_EQ(log_job(), "");
}

// systemd.exec(5), JOURNAL_STREAM; sd-daemon(3), "<6>".
TEST(Log, TheJournalGetsPrioritiesAndNoTimes) {
  testing::internal::CaptureStderr();
  struct stat status{};
  ASSERT_EQ(::fstat(STDERR_FILENO, &status), 0);
  ::setenv("JOURNAL_STREAM", fmt::format("{}:{}", status.st_dev, status.st_ino).c_str(), 1);
  start_logging({});
  log("jobs")->info("a: finished");
  log("jobs")->error("b: failed");
  stop_logging();
  ::unsetenv("JOURNAL_STREAM");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "<6>jobs: a: finished\n<3>jobs: b: failed\n");
}

// docs/faults.md row 61.
TEST(Log, LinesThatTheDiskDoesNotTakeAreCountedAndSaidAtTheEnd) {
  const auto path = std::filesystem::temp_directory_path() / "trawl_log_test.full";
  std::filesystem::remove(path);
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit old{};
  getrlimit(RLIMIT_FSIZE, &old);
  start_logging({.file = path});
  log("crawl")->info("written");
  const rlimit tight{100, old.rlim_max};
  setrlimit(RLIMIT_FSIZE, &tight);
  for (int i = 0; i < 10; ++i) log("crawl")->info("line {} of more than there is room for", i);
  log("crawl")->flush();
  for (int i = 0; i < 200 && std::filesystem::file_size(path) < 100; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  setrlimit(RLIMIT_FSIZE, &old);
  stop_logging();
  std::stringstream text;
  text << std::ifstream{path}.rdbuf();
  EXPECT_NE(text.str().find("log lines were lost"), std::string::npos) << text.str();
  std::filesystem::remove(path);
}

}  // namespace trawl
