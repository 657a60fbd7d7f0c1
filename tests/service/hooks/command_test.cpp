#include "service/hooks/command.hpp"

#include "core/coro/loop.hpp"
#include "core/coro/timeout.hpp"
#include "tests/support/temp_dir.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace trawl::service {
namespace {

using testing::HasSubstr;

Result<> run(HookCommand command) {
  coro::Loop loop;
  return loop.run(run_hook_command(std::move(command)));
}

HookCommand shell(const std::string& script) {
  return {.words = {"/bin/sh", "-c", script}};
}

TEST(HookCommand, GetsItsWordsItsEnvironmentAndItsInput) {
  const support::TempDir folder;
  HookCommand command{
      .words = {"/bin/sh", "-c", "{ echo \"$1\"; echo \"$TRAWL_JOB\"; cat; } >\"$2\"", "sh",
                "a b; $(false) '\"", (folder / "out").string()},
      .environment = {{"TRAWL_JOB", "docs $HOME"}},
      .input = R"({"event":"finish"})"};
  EXPECT_TRUE(run(std::move(command)));
  EXPECT_EQ(folder.read("out"), "a b; $(false) '\"\ndocs $HOME\n{\"event\":\"finish\"}");
}

TEST(HookCommand, NeitherSecretsNorDescriptorsOfOursReachIt) {
  const support::TempDir folder;
  ::setenv("TRAWL_TOKEN", "hunter2", 1);
  const int leaking = ::open("/dev/null", O_RDONLY);  // not close-on-exec
  auto command = shell("{ env; ls /proc/self/fd | tr '\\n' ' '; } >" + (folder / "out").string());
  EXPECT_TRUE(run(std::move(command)));
  ::close(leaking);
  ::unsetenv("TRAWL_TOKEN");
  EXPECT_THAT(folder.read("out"), testing::Not(HasSubstr("hunter2")));
  EXPECT_THAT(folder.read("out"), HasSubstr("\n0 1 2 3 "));  // 3 is the listing's own
  EXPECT_THAT(folder.read("out"), testing::Not(HasSubstr("0 1 2 3 4")));
}

TEST(HookCommand, ItsEndIsAValue) {
  EXPECT_EQ(run(shell("exit 3")).error(), (Error{Errc::io, "/bin/sh ended with code 3"}));
  EXPECT_EQ(run(shell("kill -TERM $$")).error(),
            (Error{Errc::io, "/bin/sh was ended by signal 15"}));
  EXPECT_EQ(run({.words = {"/nowhere/at/all"}}).error(),
            (Error{Errc::not_found, "/nowhere/at/all: No such file or directory"}));
}

TEST(HookCommand, SignalsAreAsByDefaultThere) {
  std::signal(SIGPIPE, SIG_IGN);
  EXPECT_EQ(run(shell("kill -PIPE $$")).error().detail, "/bin/sh was ended by signal 13");
}

TEST(HookCommand, IsKilledWithItsChildrenWhenItsTimeIsUp) {
  const support::TempDir folder;
  const auto pid_file = (folder / "pid").string();
  auto command = shell("sleep 60 & echo $! >" + pid_file + "; wait");
  command.timeout = Millis{300};
  const auto ended = run(std::move(command));
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, Errc::total_timeout);
  const pid_t child = std::stoi(folder.read("pid"));
  for (int i = 0; i < 100 && ::kill(child, 0) == 0; ++i) ::usleep(20'000);
  // Gone, or a zombie that nobody here can reap.
  std::ifstream stat{"/proc/" + std::to_string(child) + "/stat"};
  const std::string text{std::istreambuf_iterator<char>{stat}, {}};
  EXPECT_TRUE(text.empty() || text.contains(") Z ")) << text;
}

TEST(HookCommand, EndsWithTheTaskThatWaitsForIt) {
  coro::Loop loop;
  auto command = shell("sleep 60");
  command.timeout = Millis{50'000};
  const auto before = std::chrono::steady_clock::now();
  const auto ended = loop.run(coro::within(Millis{200}, run_hook_command(std::move(command))));
  EXPECT_FALSE(ended.has_value());
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds{20});
}

}  // namespace
}  // namespace trawl::service
