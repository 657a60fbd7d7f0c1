// kill -9 at every call that changes the output folder. A run of the small site makes some hundred
// of them; each test takes every n-th, and all of them with
//   TRAWL_KILL_STEP=1 build/release/fault_kill_tests
#include "tests/fault/fault_run.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

namespace trawl::fault {
namespace {

// Every how manieth call; a prime, so that the calls of a commit are not always the same.
long step(long otherwise) {
  const char* text = std::getenv("TRAWL_KILL_STEP");
  return text == nullptr ? otherwise : std::max(1L, std::strtol(text, nullptr, 10));
}

class KillSweep : public testing::Test {
 protected:
  void SetUp() override {
    const auto run = run_trawl(site_.crawl(dir_ / "whole"));
    ASSERT_EQ(run.exit_code, 0) << run.err;
    expected_ = read_records(dir_ / "whole");
    ASSERT_EQ(expected_.size(), 19U);
    ASSERT_GT(expect_sound(dir_ / "whole"), 15U);
  }

  // Whether it was killed there.
  bool killed(const std::string& kind, long at) {
    const auto end = support::run(
        with_fault(trawl(site_.crawl(dir_ / "out")), dir_ / "out", {.kind = kind, .at = at}));
    EXPECT_TRUE(end.signal == SIGKILL || end.exit_code == 0) << end.err;
    return end.signal == SIGKILL;
  }

  void expect_recovered(const Records& before) {
    const auto rest = run_trawl(site_.crawl(dir_ / "out"));
    ASSERT_EQ(rest.exit_code, 0) << rest.err;
    const auto records = read_records(dir_ / "out");
    expect_same(records, expected_);
    expect_kept(before, records);
    expect_sound(dir_ / "out");
  }

  // Returns the number of calls that it was killed at.
  long sweep(const std::string& kind, long every) {
    long kills = 0;
    for (long at = 1; !HasFailure(); at += every) {
      SCOPED_TRACE(fmt::format("{} at call {}", kind, at));
      std::filesystem::remove_all(dir_ / "out");
      if (!killed(kind, at)) break;
      ++kills;
      const auto before = expect_committed_whole(dir_ / "out", dir_ / "copy");
      expect_recovered(before);
    }
    std::printf("%s: %ld kill points\n", kind.c_str(), kills);
    return kills;
  }

  SmallSite site_;
  TempDir dir_;
  Records expected_;
};

// docs/faults.md row 68.
TEST_F(KillSweep, NothingIsLostWhateverCallAKillComesBefore) {
  EXPECT_GT(sweep("kill", step(41)), 5);
}

// docs/faults.md row 68: the kill comes in the middle of a write, and half of it is on the disk.
TEST_F(KillSweep, NothingIsLostWhateverWriteAKillTears) {
  EXPECT_GT(sweep("torn", step(67)), 3);
}

// docs/faults.md row 70.
TEST_F(KillSweep, ARecoveryThatIsKilledIsRecoveredFrom) {
  const bool all = std::getenv("TRAWL_KILL_STEP") != nullptr;
  long kills = 0;
  for (long first = 60; !HasFailure(); first += all ? 11 : 199) {
    for (long second = 1; second <= 24; second += all ? 1 : 9) {
      SCOPED_TRACE(fmt::format("kill at call {}, then at call {}", first, second));
      std::filesystem::remove_all(dir_ / "out");
      if (!killed("kill", first)) {
        std::printf("kills inside of recoveries: %ld\n", kills);
        EXPECT_GT(kills, 3);
        return;
      }
      const auto before = expect_committed_whole(dir_ / "out", dir_ / "copy");
      if (!killed("torn", second)) break;
      ++kills;
      expect_kept(before, expect_committed_whole(dir_ / "out", dir_ / "copy"));
      expect_recovered(before);
    }
  }
}

}  // namespace
}  // namespace trawl::fault
