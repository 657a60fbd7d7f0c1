#include "config/daemon.hpp"

#include "config/daemon_key.hpp"
#include "tests/support/temp_dir.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace trawl::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

std::vector<std::string> errors_of(std::string_view text, const Overrides& overrides = {}) {
  const auto loaded = load_daemon_text(text, "trawl.toml", overrides);
  std::vector<std::string> lines;
  if (!loaded)
    for (const auto& error : loaded.error()) lines.push_back(format_error(error));
  return lines;
}

Overrides environment(std::map<std::string, std::string> variables) {
  return {.environment = std::move(variables), .options = {}};
}

TEST(DaemonConfig, DefaultsListenOnLoopbackWithoutAToken) {
  const auto loaded = load_daemon({}, {});
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->spec.listen, (ListenAddress{"127.0.0.1", 8090}));
  EXPECT_EQ(loaded->spec.data_dir, "data");
  EXPECT_EQ(loaded->token, "");
}

TEST(DaemonConfig, EveryKeyIsRead) {
  const auto loaded = load_daemon_text(R"(
listen = "[::1]:9000"
jobs_dir = "/etc/trawl/jobs"
data_dir = "/var/lib/trawl"
concurrency = 64
jobs_at_once = 2
memory = "1GiB"
bandwidth = "20MiB/s"
grace = "5s"
allow_private_networks = ["10.0.0.0/8"]
[log]
file = "trawl.log"
format = "json"
level = "debug"
)",
                                       "trawl.toml", {});
  ASSERT_TRUE(loaded) << format_error(loaded.error().front());
  EXPECT_EQ(loaded->spec.listen.to_string(), "[::1]:9000");
  EXPECT_EQ(loaded->spec.jobs_at_once, 2);
  EXPECT_EQ(loaded->spec.memory_bytes, 1ULL << 30);
  EXPECT_EQ(loaded->spec.bandwidth, 20ULL << 20);
  EXPECT_EQ(loaded->spec.grace, Millis{5000});
  EXPECT_THAT(loaded->spec.allow_private_networks, ElementsAre("10.0.0.0/8"));
  EXPECT_EQ(loaded->spec.log_format, LogFormat::json);
  EXPECT_EQ(loaded->spec.log_level, spdlog::level::debug);
}

TEST(DaemonConfig, AllErrorsAreShownAtTheirPlaces) {
  EXPECT_THAT(errors_of("jobs_dri = 'a'\nconcurrency = 0\nlog = 'x'\n[fetch]\nhttp = '2'\n"),
              ElementsAre("trawl.toml:1:1: key jobs_dri: unknown key; the nearest known key is "
                          "jobs_dir",
                          "trawl.toml:2:15: key concurrency: expected a whole number from 1 to "
                          "100000, found 0 (integer)",
                          "trawl.toml:3:1: key log: expected a table, [log], with file, format and "
                          "level",
                          StartsWith("trawl.toml:4:2: key fetch: unknown key")));
  for (const char* listen : {"8090", "localhost", "example.org:80", "127.0.0.1:99999", "::1:80"})
    EXPECT_THAT(errors_of(fmt::format("listen = '{}'", listen)),
                ElementsAre(HasSubstr("expected an address and a port")))
        << listen;
}

TEST(DaemonConfig, MoreThanLoopbackNeedsAToken) {
  EXPECT_THAT(errors_of("listen = '0.0.0.0:8090'"),
              ElementsAre(StartsWith("trawl.toml:1:10: key listen: 0.0.0.0:8090 is more than "
                                     "loopback")));
  EXPECT_THAT(errors_of("listen = '[::]:8090'", environment({{"TRAWL_TOKEN", "s3cret"}})),
              IsEmpty());
  EXPECT_THAT(errors_of("listen = '127.8.8.8:8090'"), IsEmpty());
}

TEST(DaemonConfig, TheTokenIsInAFileOrInTheEnvironment) {
  const support::TempDir dir;
  const auto file = dir.write("token", "abc.DEF-123\nmore\n");
  const std::string text = fmt::format("token_file = '{}'", file.string());
  EXPECT_EQ(load_daemon_text(text, "trawl.toml", {})->token, "abc.DEF-123");
  EXPECT_EQ(load_daemon_text(text, "trawl.toml", environment({{"TRAWL_TOKEN", "x"}}))->token, "x");
  EXPECT_THAT(errors_of("token_file = '/nowhere/token'"),
              ElementsAre(HasSubstr("key token_file: can't open /nowhere/token")));
  EXPECT_THAT(errors_of("", environment({{"TRAWL_TOKEN", "a b"}})),
              ElementsAre(StartsWith("TRAWL_TOKEN: expected a token")));
}

// Of a variable that somebody forgot to set.
TEST(DaemonConfig, AnEmptyVariableTakesNoTokenAway) {
  const support::TempDir dir;
  const auto file = dir.write("token", "abc");
  EXPECT_THAT(errors_of(fmt::format("token_file = '{}'", file.string()),
                        environment({{"TRAWL_TOKEN_FILE", ""}})),
              ElementsAre(HasSubstr("TRAWL_TOKEN_FILE")));
}

TEST(DaemonConfig, FlagsGoBeforeTheEnvironmentAndThatBeforeTheFile) {
  Overrides overrides = environment(
      {{"TRAWL_DATA_DIR", "b"}, {"TRAWL_LOG__LEVEL", "warn"}, {"TRAWL_FETCH__HTTP", "2"}});
  auto loaded = load_daemon_text("data_dir = 'a'", "trawl.toml", overrides);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->spec.data_dir, "b");
  EXPECT_EQ(loaded->spec.log_level, spdlog::level::warn);
  overrides.options.push_back({"data_dir", "c", "--data-dir", true});
  loaded = load_daemon_text("data_dir = 'a'", "trawl.toml", overrides);
  EXPECT_EQ(loaded->spec.data_dir, "c");
  EXPECT_EQ(loaded->origin("data_dir").text(), "--data-dir");
  EXPECT_EQ(job_environment(overrides.environment).size(), 1U);
}

TEST(DaemonConfig, AReloadSaysWhatChangedAndWhatWaitsForARestart) {
  DaemonSpec now;
  DaemonSpec then = now;
  then.concurrency = 16;
  then.data_dir = "elsewhere";
  const auto changes = changes_between(now, then);
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0].text, "data_dir: \"data\" → \"elsewhere\"");
  EXPECT_TRUE(changes[0].restart);
  EXPECT_EQ(changes[1].text, "concurrency: 1024 → 16");
  EXPECT_FALSE(changes[1].restart);
}

TEST(DaemonConfig, WhatWaitsForARestartIsToldAgainTheNextTime) {
  DaemonSpec running, loaded;
  loaded.concurrency = 16;
  loaded.token_file = "another";
  loaded.hosts = {"name"};
  const DaemonSpec now = live_changes(running, loaded);
  EXPECT_EQ(now.concurrency, 16);
  EXPECT_EQ(now.token_file, running.token_file);
  EXPECT_EQ(changes_between(now, loaded).size(), 2U);
}

TEST(DaemonConfig, TheExampleLoads) {
  EXPECT_TRUE(load_daemon(TRAWL_SOURCE_DIR "/config/examples/trawl.toml", {}));
}

TEST(DaemonConfig, EveryKeyIsDocumentedWithItsDefaultAndMeaning) {
  std::ifstream file{TRAWL_SOURCE_DIR "/docs/daemon.md"};
  std::ostringstream text;
  text << file.rdbuf();
  for (const DaemonKey& key : daemon_keys()) {
    const auto row = fmt::format("| `{}` | `{}` | {} |", key.path, key.print({}), key.doc);
    EXPECT_NE(text.str().find(row + "\n"), std::string::npos) << "docs/daemon.md lacks:\n" << row;
  }
}

}  // namespace
}  // namespace trawl::config
