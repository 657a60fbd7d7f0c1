// How much of pages' links may wait for the store, and who waits for that.
#include "core/crawl/engine/link_room.hpp"

#include "core/base/clock.hpp"
#include "core/coro/group.hpp"
#include "core/coro/loop.hpp"
#include "core/coro/time.hpp"
#include "core/coro/timeout.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <list>

namespace trawl::crawl {
namespace {

constexpr std::size_t room_bytes = 1000;

// Whether a second page may be read beside one whose links take so much.
coro::Task<bool> second_enters(LinkRoom& room, std::size_t first_bytes) {
  LinkRoom::Share first{room}, second{room};
  co_await first.enter();
  first.set(first_bytes);
  auto entering = coro::within(Millis{30}, second.enter());
  co_return co_await std::move(entering);
}

// Whether the last of so many pages may be read on another thread at a time.
coro::Task<bool> last_enters_unknown(LinkRoom& room, int pages) {
  std::list<LinkRoom::Share> shares;
  for (int i = 1; i < pages; ++i) co_await shares.emplace_back(room).enter_unknown();
  auto entering = coro::within(Millis{30}, shares.emplace_back(room).enter_unknown());
  co_return co_await std::move(entering);
}

coro::Task<> enter_after(LinkRoom& room, std::size_t& seen) {
  LinkRoom::Share share{room};
  co_await share.enter();
  seen = room.used();
}

coro::Task<> free_later(LinkRoom& room, std::size_t& seen, coro::Group& group) {
  LinkRoom::Share share{room};
  share.set(room_bytes);
  group.spawn(enter_after(room, seen));
  co_await coro::sleep_for(Millis{20});
  EXPECT_EQ(seen, 0U);
  share.set(100);
  co_await coro::sleep_for(Millis{20});
}

}  // namespace

TEST(LinkRoom, OneIsReadHoweverMuchItTakesAndTheNextOneWaits) {
  coro::Loop loop;
  LinkRoom room{loop.executor(), room_bytes};
  EXPECT_FALSE(loop.run(second_enters(room, 50 * room_bytes)));
  EXPECT_EQ(room.used(), 0U);
  EXPECT_TRUE(loop.run(second_enters(room, room_bytes - 1)));
}

TEST(LinkRoom, OfThoseThatAreReadElsewhereFewAreReadAtATime) {
  coro::Loop loop;
  LinkRoom small{loop.executor(), room_bytes}, large{loop.executor(), 64 << 20};
  EXPECT_TRUE(loop.run(last_enters_unknown(small, 1)));
  EXPECT_FALSE(loop.run(last_enters_unknown(small, 2)));
  EXPECT_TRUE(loop.run(last_enters_unknown(large, 4)));
  EXPECT_FALSE(loop.run(last_enters_unknown(large, 5)));
  EXPECT_TRUE(loop.run(last_enters_unknown(small, 1)));  // they are given back
  LinkRoom::Share known{small};
  known.set(room_bytes);
  EXPECT_FALSE(loop.run(last_enters_unknown(small, 1)));
}

TEST(LinkRoom, WhoWaitsEntersWhenThereIsRoom) {
  coro::Loop loop;
  LinkRoom room{loop.executor(), room_bytes};
  std::size_t seen = 0;
  loop.run(coro::with_group(&free_later, std::ref(room), std::ref(seen)));
  EXPECT_EQ(seen, 100U);
  EXPECT_EQ(room.used(), 0U);
}

}  // namespace trawl::crawl
