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

Task<> send_one(Channel<int>& channel, int value) {
  auto sending = channel.send(value);
  EXPECT_TRUE(co_await std::move(sending));
}

Task<std::string> late_sender() {
  const auto executor = co_await asio::this_coro::executor;
  Channel<int> channel{2};
  Group group{executor};
  for (int i = 0; i < 4; ++i) group.spawn(send_one(channel, i));
  for (int i = 0; i < 10; ++i) co_await yield_now();
  std::string order;
  // Both rooms fall free, and the next sender comes before the two that wait have run again.
  for (int i = 0; i < 2; ++i) order += std::to_string(channel.try_next().value());
  int other = 9;
  EXPECT_FALSE(channel.try_send(other)) << "the rooms are promised";
  auto late = send_one(channel, 4);
  group.spawn(std::move(late));
  for (int i = 0; i < 10; ++i) co_await yield_now();
  for (int i = 0; i < 10; ++i, co_await yield_now())
    if (const auto value = channel.try_next()) order += std::to_string(*value);
  co_await group.join();
  co_return order;
}

Task<> cancelled_senders() {
  const auto executor = co_await asio::this_coro::executor;
  Channel<int> channel{1};
  int one = 1;
  EXPECT_TRUE(channel.try_send(one));
  Group leaving{executor};
  Group staying{executor};
  leaving.spawn(send_one(channel, 2));
  staying.spawn(send_one(channel, 3));
  for (int i = 0; i < 10; ++i) co_await yield_now();
  leaving.cancel();
  EXPECT_EQ(channel.try_next(), 1) << "the room is promised to the first, who still waits";
  co_await leaving.join();
  co_await staying.join();
  EXPECT_EQ(channel.try_next(), 3);
  int four = 4;
  EXPECT_TRUE(channel.try_send(four)) << "no room is lost";
}

TEST(Channel, WhoSendsLaterDoesNotOvertakeThoseThatWait) {
  EXPECT_EQ(run_root(late_sender()), "01234");
}

TEST(Channel, ARoomPromisedToACancelledSenderGoesToTheNext) {
  run_root(cancelled_senders());
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
