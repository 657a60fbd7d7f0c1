// One pool of places, tasks on several loops.
#include "core/coro/shared_places.hpp"

#include "core/coro/gather.hpp"
#include "core/coro/group.hpp"
#include "core/coro/loop.hpp"
#include "core/coro/timeout.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace trawl::coro {
namespace {

using namespace std::chrono_literals;

struct Peak {
  std::atomic<int> now = 0;
  std::atomic<int> most = 0;
  std::atomic<int> ended = 0;
};

Task<> hold(SharedPlaces::Member& member, Peak& peak) {
  auto acquiring = member.acquire();
  const SharedPlaces::Place place = co_await std::move(acquiring);
  const int now = ++peak.now;
  int most = peak.most.load();
  while (most < now && !peak.most.compare_exchange_weak(most, now)) {
  }
  co_await yield_now();
  --peak.now;
  ++peak.ended;
}

Task<> hold_many(SharedPlaces::Member& member, Peak& peak, int times) {
  Group group{co_await asio::this_coro::executor};
  for (int i = 0; i < times; ++i) group.spawn(hold(member, peak));
  co_await group.join();
}

TEST(SharedPlaces, AreNeverMoreThanThereAreOverSeveralThreads) {
  SharedPlaces places{5};
  SharedPlaces::Member one{places, {.weight = 2}}, other{places, {.most = 3}};
  Peak peak;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&, i] { run_root(hold_many(i % 2 == 0 ? one : other, peak, 2000)); });
  }
  EXPECT_EQ(peak.ended, 8000);
  EXPECT_LE(peak.most, 5);
  EXPECT_GE(peak.most, 2);
  EXPECT_EQ(places.taken(), 0U);
}

Task<> hold_for_ever(SharedPlaces::Member& member) {
  auto acquiring = member.acquire();
  const SharedPlaces::Place place = co_await std::move(acquiring);
  co_await sleep_for(1h);
}

Task<> cancel_at_random(SharedPlaces::Member& member, int rounds) {
  for (int i = 0; i < rounds; ++i) {
    Group group{co_await asio::this_coro::executor};
    for (int k = 0; k < 5; ++k) group.spawn(hold_for_ever(member));
    for (int k = 0; k < i % 4; ++k) co_await yield_now();
    group.cancel();
    try {
      co_await group.join();
    } catch (const boost::system::system_error& error) {
      if (!is_cancellation(std::current_exception())) throw;
    }
  }
}

TEST(SharedPlaces, WhoIsCancelledLeavesNoPlaceTaken) {
  SharedPlaces places{3};
  SharedPlaces::Member one{places, {}}, other{places, {}};
  {
    std::jthread thread{[&] { run_root(cancel_at_random(one, 500)); }};
    run_root(cancel_at_random(other, 500));
  }
  EXPECT_EQ(places.taken(), 0U);
  EXPECT_EQ(one.waiting() + other.waiting(), 0U);
}

Task<bool> gets_one(SharedPlaces::Member& member) {
  auto acquiring = member.acquire();
  auto within_time = within(20ms, std::move(acquiring));
  const auto place = co_await std::move(within_time);
  co_return place.has_value();
}

Task<> more_places_serve_who_waits(SharedPlaces& places, SharedPlaces::Member& member) {
  auto acquiring = member.acquire();
  const auto held = co_await std::move(acquiring);
  auto in_vain = gets_one(member);
  EXPECT_FALSE(co_await std::move(in_vain));
  places.set_total(2);
  auto well = gets_one(member);
  EXPECT_TRUE(co_await std::move(well));
  member.change({.most = 1});
  auto over = gets_one(member);
  EXPECT_FALSE(co_await std::move(over));
}

TEST(SharedPlaces, BoundsMayChangeWhileSomeoneWaits) {
  SharedPlaces places{1};
  SharedPlaces::Member member{places, {}};
  run_root(more_places_serve_who_waits(places, member));
  EXPECT_EQ(places.taken(), 0U);
}

}  // namespace
}  // namespace trawl::coro
