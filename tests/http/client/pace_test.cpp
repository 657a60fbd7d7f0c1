// Fetches under a limit of speed. Only what they take at least is looked at: how fast the machine
// is besides is its own affair.
#include "core/coro/time.hpp"
#include "tests/http/client/client.hpp"

namespace trawl::http {
namespace {

SessionOptions slow(SpeedLimit& limit) {
  auto options = loopback_options();
  options.speed = &limit;
  return options;
}

std::vector<Request> requests_for(const LoopbackServer& server, std::size_t count) {
  return std::vector<Request>(count, Request{.url = server.url()});
}

TEST(Pace, ABodyComesNoFasterThanTheLimit) {
  LoopbackServer server;
  server.on("/", Reply{.body = std::string(300'000, 'x')});
  SpeedLimit limit{400'000};
  Fetched got;
  const auto took = time_of([&] { got = fetch({.url = server.url()}, 1 << 20, slow(limit)); });
  ASSERT_TRUE(got.response);
  EXPECT_EQ(got.body.size(), 300'000U);
  // But for the tenth of a second at the start and what came last.
  EXPECT_GE(took, 500ms);
}

TEST(Pace, AllFetchesShareIt) {
  LoopbackServer server;
  server.on("/", Reply{.body = std::string(50'000, 'x')});
  SpeedLimit limit{400'000};
  std::vector<Fetched> got;
  const auto took = time_of([&] {
    got = coro::run_root(with_session(slow(limit), &fetch_all, requests_for(server, 6)));
  });
  for (const auto& each : got) EXPECT_EQ(each.body.size(), 50'000U);
  EXPECT_GE(took, 400ms);
}

// As the jobs of a daemon do under its own limit.
TEST(Pace, TwoLimitsShareAnOuterOne) {
  LoopbackServer server;
  server.on("/", Reply{.body = std::string(50'000, 'x')});
  SpeedLimit outer{400'000};
  SpeedLimit wide{std::nullopt, &outer}, fast{100'000'000, &outer};
  EXPECT_TRUE(wide.is_on());
  const auto took = time_of([&] {
    for (SpeedLimit* limit : {&wide, &fast, &wide})
      coro::run_root(with_session(slow(*limit), &fetch_all, requests_for(server, 2)));
  });
  EXPECT_GE(took, 400ms);
  outer.set(std::nullopt);
  EXPECT_FALSE(wide.is_on());
  EXPECT_EQ(wide.until_begin(system_clock().now()), 0ms);
}

TEST(Pace, TheNarrowerOfTwoLimitsHolds) {
  SpeedLimit outer{10'000};
  SpeedLimit inner{1'000'000, &outer};
  const Mono now = system_clock().now();
  EXPECT_EQ(inner.until_begin(now), 0ms);
  Pace pace{&inner};
  pace.begin();
  pace.on_request();
  pace.take(100'000);
  EXPECT_TRUE(pace.is_ahead());
  EXPECT_GT(inner.until_begin(now), 0ms);
  // Another job has nothing under way, and isn't held up by this one's large bodies.
  SpeedLimit other{std::nullopt, &outer};
  EXPECT_EQ(other.until_begin(now), 0ms);
  Pace moved{std::move(pace)};
  EXPECT_FALSE(pace.is_ahead());
  outer.set(std::nullopt);
  inner.set(1'000);
  moved.take(100'000);
  EXPECT_TRUE(moved.is_ahead());
  inner.set(std::nullopt);
  EXPECT_FALSE(moved.is_ahead());
}

// Small pages come at once, so it is their beginning that waits.
TEST(Pace, WhatCameBeforeDecidesWhenAFetchMayBegin) {
  SpeedLimit limit{10'000};
  for (int i = 0; i < 20; ++i) {
    Pace pace{&limit};
    pace.begin();
    pace.on_request();
    pace.take(2'000);
  }
  EXPECT_GT(limit.until_begin(system_clock().now()), 0ms);
  limit.set(std::nullopt);
  EXPECT_EQ(limit.until_begin(system_clock().now()), 0ms);
}

TEST(Pace, AnswersWithoutABodyCostNothing) {
  SpeedLimit limit{1024};
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(limit.until_begin(system_clock().now()), 0ms);
    Pace pace{&limit};
    pace.begin();
    pace.on_request();
    const Pace moved{std::move(pace)};
  }
}

TEST(Pace, TimeThatItTakesIsNoFaultOfTheServer) {
  LoopbackServer server;
  server.on("/", Reply{.body = std::string(200'000, 'x')});
  SpeedLimit limit{200'000};
  Request request{.url = server.url()};
  request.timeouts.total = 400ms;
  request.timeouts.min_speed_bytes_per_s = 1'000'000;
  request.timeouts.min_speed_time = 200ms;
  Fetched got;
  const auto took = time_of([&] { got = fetch(request, 1 << 20, slow(limit)); });
  ASSERT_TRUE(got.response);
  EXPECT_FALSE(got.response->broken) << to_string(got.response->broken->code);
  EXPECT_EQ(got.body.size(), 200'000U);
  EXPECT_GE(took, 600ms);
  EXPECT_LT(got.response->phases.total, 400ms);
}

TEST(Pace, AServerThatStallsIsOverItsTimeAllTheSame) {
  LoopbackServer server;
  server.on("/", Reply{.body = std::string(60'000, 'x'), .cut = Cut::stall, .cut_after = 50'000});
  SpeedLimit limit{500'000};
  Request request{.url = server.url()};
  request.timeouts.total = 300ms;
  const auto got = fetch(request, 1 << 20, slow(limit));
  ASSERT_TRUE(got.response);
  EXPECT_EQ(got.error(), Errc::total_timeout);
  EXPECT_EQ(got.body.size(), 50'000U);
}

coro::Task<bool> lift(SpeedLimit& limit) {
  co_await coro::sleep_for(100ms);
  limit.set(std::nullopt);
  co_return true;
}

coro::Task<Fetched> fetch_while_lifted(Session& session, Request request, SpeedLimit& limit) {
  auto both = coro::gather(fetch_in(session, std::move(request)), lift(limit));
  co_return std::get<0>(co_await std::move(both));
}

// At the limit's speed it would take hours.
TEST(Pace, WhoWaitsHearsOfAnotherLimit) {
  LoopbackServer server;
  server.on("/", Reply{.body = std::string(3 << 20, 'x')});
  SpeedLimit limit{1024};
  const auto got = coro::run_root(with_session(slow(limit), &fetch_while_lifted,
                                               Request{.url = server.url()}, std::ref(limit)));
  EXPECT_EQ(got.body.size(), 3U << 20);
}

coro::Task<> cancel_waiting(Session& session, std::string url) {
  for (int i = 0; i < 2; ++i) {  // at its beginning, and in its body
    auto fetching = coro::within(100ms, fetch_in(session, {.url = url}));
    const auto got = co_await std::move(fetching);
    EXPECT_FALSE(got);
    EXPECT_EQ(session.in_flight(), 0U);
  }
}

TEST(Pace, ACancelledFetchWaitsNoLonger) {
  LoopbackServer server;
  server.on("/", Reply{.body = std::string(1 << 20, 'x')});
  SpeedLimit limit{50'000};
  coro::run_root(with_session(slow(limit), &cancel_waiting, server.url()));
}

}  // namespace
}  // namespace trawl::http
