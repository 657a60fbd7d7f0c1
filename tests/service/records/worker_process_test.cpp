#include "service/records/worker_process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <new>
#include <string>
#include <string_view>

namespace trawl::service {
namespace {

using testing::HasSubstr;

std::string work(std::string_view text) {
  if (text == "for ever") {
    for (std::atomic<bool> goes_on = true; goes_on;) continue;
  }
  if (text == "signal") ::raise(SIGKILL);
  if (text == "memory") throw std::bad_alloc{};
  if (text == "exception") throw 1;
  if (text == "process") return std::to_string(::getpid());
  return std::string{text} + "!";
}

TEST(WorkerProcess, AnswersEachTextInOneProcess) {
  WorkerProcess worker{work, std::chrono::seconds{10}};
  EXPECT_EQ(worker.ask("a"), "a!");
  EXPECT_EQ(worker.ask(""), "!");
  const std::string large(5'000'000, 'x');
  EXPECT_EQ(worker.ask(large), large + "!");
  const auto process = worker.ask("process");
  EXPECT_EQ(worker.ask("process"), process);
  EXPECT_NE(process, std::to_string(::getpid()));
}

TEST(WorkerProcess, EndsWhatTakesTooLongAndGoesOn) {
  WorkerProcess worker{work, std::chrono::seconds{1}};
  const auto never = worker.ask("for ever");
  ASSERT_FALSE(never);
  EXPECT_EQ(never.error().code, Errc::limit_exceeded);
  EXPECT_THAT(never.error().detail, HasSubstr("more than 1 s of processor time"));
  EXPECT_EQ(worker.ask("a"), "a!");
}

TEST(WorkerProcess, OutlivesAFaultOfItsWork) {
  WorkerProcess worker{work, std::chrono::seconds{10}};
  const auto killed = worker.ask("signal");
  ASSERT_FALSE(killed);
  EXPECT_THAT(killed.error().detail, HasSubstr("by signal 9"));
  const auto thrown = worker.ask("memory");
  ASSERT_FALSE(thrown);
  EXPECT_THAT(thrown.error().detail, HasSubstr("ended with 1"));
  const auto other = worker.ask("exception");
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().detail, HasSubstr("ended with 1"));
  EXPECT_EQ(worker.ask("a"), "a!");
}

TEST(WorkerProcess, ThatIsEndedFromOutsideBetweenTwoTextsIsBegunAnew) {
  WorkerProcess worker{work, std::chrono::seconds{10}};
  const auto process = worker.ask("process");
  ASSERT_TRUE(process);
  const auto pid = static_cast<pid_t>(std::stoi(*process));
  ASSERT_EQ(::kill(pid, SIGKILL), 0);
  siginfo_t info{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT), 0);
  EXPECT_EQ(worker.ask("a"), "a!");
}

}  // namespace
}  // namespace trawl::service
