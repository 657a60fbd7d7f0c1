#include "core/coro/channel.hpp"

#include "core/coro/group.hpp"
#include "core/coro/timeout.hpp"
#include "tests/coro/trace.hpp"

#include <thread>

namespace trawl::coro {
namespace {

Task<> send_numbers(Channel<int>& channel, int count, int& sent) {
  for (int i = 0; i < count; ++i) {
    auto sending = channel.send(i);
    if (!co_await std::move(sending)) co_return;
    ++sent;
  }
  channel.close();
}

Task<int> add_up(Channel<int>& channel) {
  int sum = 0;
  for (;;) {
    auto receiving = channel.next();
    const auto value = co_await std::move(receiving);
    if (!value) co_return sum;
    sum += *value;
  }
}

Task<> full_channel_waits() {
  const auto executor = co_await asio::this_coro::executor;
  Channel<int> channel{2};
  int sent = 0;
  Group group{executor};
  group.spawn(send_numbers(channel, 5, sent));
  for (int i = 0; i < 10; ++i) co_await yield_now();
  EXPECT_EQ(sent, 2) << "the third send must wait";
  auto adding = add_up(channel);
  EXPECT_EQ(co_await std::move(adding), 10);
  co_await group.join();
  EXPECT_EQ(sent, 5);
}

Task<> cancelled_receiver() {
  Channel<int> channel{2};
  auto receiving = within(1ms, channel.next());
  const auto nothing = co_await std::move(receiving);
  EXPECT_FALSE(nothing.has_value());
  int one = 1;
  EXPECT_TRUE(channel.try_send(one));
  EXPECT_EQ(channel.try_next(), 1);
  EXPECT_EQ(channel.try_next(), std::nullopt);
}

TEST(Channel, AFullChannelMakesTheSenderWait) {
  run_root(full_channel_waits());
}

TEST(Channel, ACancelledReceiverTakesNothing) {
  run_root(cancelled_receiver());
}

TEST(Channel, CarriesValuesBetweenThreads) {
  Loop receiver;
  Channel<int> channel{4};
  int sent = 0;
  std::thread sender([&] { run_root(send_numbers(channel, 1000, sent)); });
  EXPECT_EQ(receiver.run(add_up(channel)), 499'500);
  sender.join();
  EXPECT_EQ(sent, 1000);
}

TEST(Channel, SendingToAClosedChannelSaysSo) {
  Loop loop;
  Channel<int> channel{4};
  channel.close();
  EXPECT_FALSE(loop.run(channel.send(1)));
  EXPECT_EQ(loop.run(channel.next()), std::nullopt);
}

}  // namespace
}  // namespace trawl::coro
