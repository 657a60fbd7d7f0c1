#include "core/coro/loop.hpp"

#include "core/coro/event.hpp"

#include <gtest/gtest.h>

namespace trawl::coro {
namespace {

Task<> wait_for_ever(bool& began) {
  began = true;
  Event never{co_await asio::this_coro::executor};
  co_await never.wait();
}

}  // namespace

TEST(Loop, ARootCancelledBeforeItRunsEndsAsCancelledAndTheLoopCanRunAgain) {
  Loop loop;
  loop.cancel();
  bool began = false;
  try {
    loop.run(wait_for_ever(began));
    FAIL() << "a cancelled root returned";
  } catch (const boost::system::system_error& error) {
    EXPECT_TRUE(is_cancellation(error));
  }
  EXPECT_FALSE(began);
  EXPECT_FALSE(loop.run(cancellation_requested()));
}

}  // namespace trawl::coro
