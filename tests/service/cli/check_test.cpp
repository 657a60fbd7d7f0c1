#include "service/cli/check.hpp"

#include "tests/support/scratch_folder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

namespace trawl::service::cli {
namespace {

class Check : public testing::Test {
 protected:
  std::string job(const std::string& name, const std::string& toml) {
    std::string file = folder_.path() / name;
    std::ofstream{file} << toml;
    return file;
  }
  ExitCode check(CheckOptions options) {
    out_.text.clear();
    err_.text.clear();
    return run_check(options, out_, err_);
  }

  test::ScratchFolder folder_;
  TextOutput out_, err_;
};

constexpr const char* good = "[seeds]\nurls = [\"https://example.org/\"]\n";

TEST_F(Check, AGoodFileIsOk) {
  const std::string file = job("docs.toml", good);
  EXPECT_EQ(check({.files = {file}}), ExitCode::ok);
  EXPECT_EQ(out_.text, file + ": ok\n");
  EXPECT_EQ(err_.text, "");
}

TEST_F(Check, EveryErrorOfEveryFileIsShown) {
  const std::string first = job("a.toml", std::string{good} + "[fetch]\natempts = 3\nhttp = 9\n");
  const std::string second = job("b.toml", "[seeds\n");
  const std::string third = job("c.toml", good);
  EXPECT_EQ(check({.files = {first, second, third}}), ExitCode::config);
  EXPECT_EQ(std::ranges::count(err_.text, '\n'), 3);
  EXPECT_NE(err_.text.find(first + ":4:"), std::string::npos);
  EXPECT_NE(err_.text.find(second + ":1:"), std::string::npos);
  EXPECT_EQ(out_.text, third + ": ok\n");
}

TEST_F(Check, FilesThatCantBeReadAreWarnedOf) {
  const std::string file =
      job("docs.toml", std::string{good} +
                           "files = [\"nowhere.txt\"]\n[fetch]\nca_file = \"system\"\n"
                           "netrc_file = \"none\"\nhosts_file = \"off\"\n");
  EXPECT_EQ(check({.files = {file}}), ExitCode::ok);
  EXPECT_EQ(err_.text,
            "warning: " + file +
                ":6:14: key fetch.netrc_file: can't read none: No such file or directory\n"
                "warning: " +
                file +
                ":3:9: key seeds.files: can't read nowhere.txt: No such file or directory\n");
}

TEST_F(Check, WhatCanHaveNoEffectIsWarnedOf) {
  const std::string file =
      job("docs.toml", std::string{good} + "[scope]\nexclude = [\"*/a#top\"]\n");
  EXPECT_EQ(check({.files = {file}}), ExitCode::ok);
  EXPECT_EQ(out_.text, file + ": ok\n");
  EXPECT_EQ(err_.text.find("warning: " + file + ":4:11: key scope.exclude: \"*/a#top\" matches no"),
            0U);
}

TEST_F(Check, WhatIsADaemonsIsNoJobs) {
  const std::string file =
      job("trawl.toml", "listen = \"127.0.0.1:8090\"\n[polite]\ndelay = 1\n[foo]\nx = 1\n");
  EXPECT_EQ(check({.files = {file}}), ExitCode::config);
  EXPECT_NE(err_.text.find("key listen: belongs into the configuration of trawl serve"),
            std::string::npos);
  EXPECT_NE(err_.text.find("the nearest known section is [politeness]"), std::string::npos);
  EXPECT_NE(err_.text.find("key foo: unknown section; there are [job], "), std::string::npos);
}

TEST_F(Check, TheConfigurationOfTheDaemonIsReadAsThat) {
  const std::string file =
      job("trawl.toml", "listen = \"127.0.0.1:8090\"\nconcurrency = 7\n[log]\nlevel = \"info\"\n");
  EXPECT_EQ(check({.files = {file}, .environment = {{"TRAWL_FETCH__CONCURRENCY", "77"}}}),
            ExitCode::ok);
  EXPECT_EQ(out_.text, file + ": ok, as the configuration of trawl serve\n");
  const std::string wrong = job("wrong.toml", "listen = \"nowhere\"\nconcurency = 7\n");
  EXPECT_EQ(check({.files = {wrong}}), ExitCode::config);
  EXPECT_NE(err_.text.find("wrong.toml:1:10: key listen: "), std::string::npos) << err_.text;
  EXPECT_NE(err_.text.find("wrong.toml:2:"), std::string::npos);
}

TEST_F(Check, SettingsAndEnvironmentAreLaidOver) {
  const std::string file = job("docs.toml", good);
  EXPECT_EQ(check({.files = {file},
                   .settings = {"fetch.attempts=9"},
                   .environment = {{"TRAWL_FETCH__CONCURRENCY", "77"}},
                   .print = true}),
            ExitCode::ok);
  EXPECT_NE(out_.text.find("attempts = 9"), std::string::npos);
  EXPECT_NE(out_.text.find("concurrency = 77"), std::string::npos);
  EXPECT_EQ(out_.text.find(": ok"), std::string::npos);
}

TEST_F(Check, AWrongSettingIsAnErrorToo) {
  const std::string file = job("docs.toml", good);
  EXPECT_EQ(check({.files = {file}, .settings = {"fetch.attempts"}}), ExitCode::config);
  EXPECT_NE(err_.text, "");
  EXPECT_EQ(check({.files = {file}, .settings = {"fetch.attempts=many"}}), ExitCode::config);
  EXPECT_NE(err_.text.find("fetch.attempts"), std::string::npos);
  EXPECT_EQ(check({.files = {file + "x"}}), ExitCode::config);
}

}  // namespace
}  // namespace trawl::service::cli
