#include "core/coro/loop_lag.hpp"

#include "core/coro/loop.hpp"
#include "core/coro/race.hpp"
#include "core/coro/time.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace trawl::coro {
namespace {

using namespace std::chrono_literals;

Task<> hold_up() {
  co_await sleep_for(LoopLag::interval / 2);
  std::this_thread::sleep_for(150ms);  // as a handler that is too long does
  co_await sleep_for(LoopLag::interval);
}

Task<> probed(LoopLag& lag) {
  auto working = hold_up();
  auto probing = lag.probe();
  auto racing = race(std::move(working), std::move(probing));
  co_await std::move(racing);
}

TEST(LoopLag, PercentilesAreOfAllWakeUps) {
  LoopLag lag;
  EXPECT_EQ(lag.percentile(99), 0ms);
  for (int i = 0; i < 98; ++i) lag.note(1ms);
  lag.note(40ms);
  lag.note(5'000ms);
  EXPECT_EQ(lag.count(), 100u);
  EXPECT_EQ(lag.percentile(50), 1ms);
  EXPECT_EQ(lag.percentile(99), 40ms);
  EXPECT_EQ(lag.percentile(100), 1023ms);  // the longest that is told apart
}

TEST(LoopLag, AHandlerThatHoldsTheLoopUpIsSeen) {
  LoopLag lag;
  run_root(probed(lag));
  EXPECT_GE(lag.percentile(100), 100ms);
}

}  // namespace
}  // namespace trawl::coro
