#include "core/coro/semaphore.hpp"

#include "core/coro/group.hpp"
#include "core/coro/timeout.hpp"
#include "tests/coro/trace.hpp"

namespace trawl::coro {
namespace {

struct Peak {
  int now = 0;
  int most = 0;
};

Task<> hold(Semaphore& semaphore, Peak& peak) {
  auto acquiring = semaphore.acquire();
  const Permit permit = co_await std::move(acquiring);
  peak.most = std::max(peak.most, ++peak.now);
  co_await sleep_for(1ms);
  --peak.now;
}

Task<> hold_many(Peak& peak, std::size_t& left) {
  const auto executor = co_await asio::this_coro::executor;
  Semaphore semaphore{executor, 3};
  Group group{executor};
  for (int i = 0; i < 20; ++i) group.spawn(hold(semaphore, peak));
  co_await group.join();
  left = semaphore.available();
}

Task<> take_in_order(Semaphore& semaphore, std::string& order, char name) {
  auto acquiring = semaphore.acquire();
  const Permit permit = co_await std::move(acquiring);
  order += name;
}

Task<std::string> first_come_first_served() {
  const auto executor = co_await asio::this_coro::executor;
  Semaphore semaphore{executor, 1};
  std::string order;
  Group group{executor};
  {
    const auto held = semaphore.try_acquire();
    for (const char name : {'a', 'b', 'c'}) group.spawn(take_in_order(semaphore, order, name));
    co_await yield_now();
    co_await yield_now();
  }
  EXPECT_FALSE(semaphore.try_acquire()) << "a newcomer must not overtake those who wait";
  co_await group.join();
  co_return order;
}

// Waiters that are cancelled: before the permit came, and in the same tick in which it came.
Task<> cancelled_waiter(bool same_tick) {
  const auto executor = co_await asio::this_coro::executor;
  Semaphore semaphore{executor, 1};
  std::string order;
  auto held = semaphore.try_acquire();
  Group waiting{executor};
  waiting.spawn(take_in_order(semaphore, order, 'x'));
  Group patient{executor};
  co_await yield_now();
  co_await yield_now();
  patient.spawn(take_in_order(semaphore, order, 'y'));
  co_await yield_now();
  co_await yield_now();
  EXPECT_EQ(semaphore.waiting(), 2u);
  if (same_tick) held.reset();  // grants it to x, who hasn't run yet
  waiting.cancel();
  co_await waiting.join();
  held.reset();
  co_await patient.join();
  EXPECT_TRUE(order == "y" || order == "xy") << order;
  EXPECT_EQ(semaphore.available(), 1u);
  EXPECT_EQ(semaphore.waiting(), 0u);
}

TEST(Semaphore, NeverMoreHoldersThanPermits) {
  Peak peak;
  std::size_t left = 0;
  run_root(hold_many(peak, left));
  EXPECT_EQ(peak.most, 3);
  EXPECT_EQ(left, 3u);
}

TEST(Semaphore, ServesInOrder) {
  EXPECT_EQ(run_root(first_come_first_served()), "abc");
}

TEST(Semaphore, CancelledWhileWaitingNeitherLeaksNorStealsAPermit) {
  run_root(cancelled_waiter(false));
  run_root(cancelled_waiter(true));
}

}  // namespace
}  // namespace trawl::coro
