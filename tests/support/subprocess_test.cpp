#include "tests/support/subprocess.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <system_error>

namespace trawl::support {
namespace {

Command shell(const char* script) {
  return {.args = {"/bin/sh", "-c", script}};
}

}  // namespace

TEST(Subprocess, OutputErrorAndExitCodeComeBack) {
  const auto done = run(shell("echo out; echo err >&2; exit 10"));
  EXPECT_EQ(done.out, "out\n");
  EXPECT_EQ(done.err, "err\n");
  EXPECT_EQ(done.exit_code, 10);
  EXPECT_EQ(done.signal, 0);
  EXPECT_FALSE(done.timed_out);
  EXPECT_GT(done.resident_bytes_max, 100'000u);
}

TEST(Subprocess, InputLargerThanAPipeGoesThroughAndBack) {
  std::string input(3'000'000, 'x');
  EXPECT_EQ(run({.args = {"cat"}, .input = input}).out, input);
}

TEST(Subprocess, AProgramThatReadsNoInputIsNoError) {
  EXPECT_EQ(run({.args = {"true"}, .input = std::string(3'000'000, 'x')}).exit_code, 0);
}

TEST(Subprocess, EnvironmentAndFolderAreThoseAskedFor) {
  auto command = shell("echo $TRAWL_X; pwd; echo ${PATH:+kept}");
  command.env = {{"TRAWL_X", "1 2"}};
  command.cwd = "/";
  EXPECT_EQ(run(command).out, "1 2\n/\nkept\n");
}

TEST(Subprocess, ASignalReachesTheProgram) {
  Subprocess program{
      shell("trap 'echo got; exit 3' INT; echo ready; while :; do sleep 0.01; done")};
  ASSERT_TRUE(program.wait_for_output("ready"));
  EXPECT_TRUE(program.is_running());
  program.send_signal(SIGINT);
  EXPECT_EQ(program.wait().exit_code, 3);
  EXPECT_EQ(program.wait().out, "ready\ngot\n");
  program.send_signal(SIGINT);  // nothing happens to anybody
}

TEST(Subprocess, DeathByASignalIsTold) {
  const auto done = run(shell("kill -9 $$"));
  EXPECT_EQ(done.signal, SIGKILL);
  EXPECT_EQ(done.exit_code, -1);
}

TEST(Subprocess, ItsTimeoutKillsTheWholeGroup) {
  auto command = shell("sleep 100 & sleep 100");
  command.timeout = Millis{50};
  const auto done = run(command);
  EXPECT_TRUE(done.timed_out);
  EXPECT_LT(done.took, Millis{20'000});
}

TEST(Subprocess, DroppingItEndsItAtOnce) {
  const Subprocess program{shell("sleep 100")};
  EXPECT_FALSE(program.wait_for_output("never", Millis{1}));
}

TEST(Subprocess, AMissingProgramThrows) {
  EXPECT_THROW(run({.args = {"/no/such/program"}}), std::system_error);
}

TEST(Subprocess, IgnoredSignalsAreNotInherited) {
  EXPECT_EQ(run(shell("kill -PIPE $$")).signal, SIGPIPE);
}

}  // namespace trawl::support
