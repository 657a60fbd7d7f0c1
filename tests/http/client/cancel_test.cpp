#include "core/coro/time.hpp"
#include "tests/http/client/client.hpp"
#include "tests/support/raw_listener.hpp"

namespace trawl::http {
namespace {

coro::Task<std::string> cancel_and_look(Session& session, support::RawListener& listener) {
  auto fetching = coro::within(20ms, fetch_in(session, {.url = listener.url()}));
  const auto got = co_await std::move(fetching);
  EXPECT_FALSE(got);
  EXPECT_EQ(session.in_flight(), 0u);
  co_return listener.accept_and_read_to_end();  // returns because our side has closed
}

coro::Task<int> cancel_and_go_on(Session& session, std::string slow, std::string good) {
  int right = 0;
  for (int round = 0; round < 20; ++round) {
    auto fetching = coro::within(1ms * (round % 4), fetch_in(session, {.url = slow}));
    co_await std::move(fetching);
    auto next = fetch_in(session, {.url = good});
    const auto got = co_await std::move(next);
    right += got.body == "ok";
  }
  co_return right;
}

coro::Task<> cancel_all(Session& session, std::vector<Request> requests) {
  auto fetching = coro::within(15ms, fetch_all(session, std::move(requests)));
  co_await std::move(fetching);
  EXPECT_EQ(session.in_flight(), 0u);
}

// Refuses everything, and its flush takes for ever.
class StuckSink final : public BodySink {
 public:
  Accepted accept(std::string_view) override { return Accepted::full; }
  coro::Task<> flush() override { return coro::sleep_for(1h); }
  std::uint64_t bytes() const override { return 0; }
};

coro::Task<bool> fetch_stuck(Session& session, std::string url) {
  StuckSink sink;
  auto fetching = coro::within(20ms, session.fetch({.url = std::move(url)}, sink));
  co_return (co_await std::move(fetching)).has_value();
}

}  // namespace

TEST(Cancel, TheServerSeesTheConnectionCloseAtOnce) {
  support::RawListener listener;
  const auto sent =
      coro::run_root(with_session(loopback_options(), &cancel_and_look, std::ref(listener)));
  EXPECT_TRUE(sent.starts_with("GET / HTTP/1.1\r\n"));
}

TEST(Cancel, TheSessionGoesOnAfterwards) {
  LoopbackServer server;
  server.on("/ok", Reply{.body = "ok"});
  server.on("/slow", Reply{.body = std::string(1000, 'x'), .drip_bytes = 1, .drip_every = 1ms});
  EXPECT_EQ(coro::run_root(with_session(loopback_options(), &cancel_and_go_on, server.url("/slow"),
                                        server.url("/ok"))),
            20);
}

TEST(Cancel, ManyAtOnceInEveryPhase) {
  LoopbackServer server;
  server.on("/never", support::never_answer());
  server.on("/drip", Reply{.body = std::string(1000, 'x'), .drip_bytes = 1, .drip_every = 1ms});
  server.on("/endless", Reply{.endless = true});
  support::RawListener full{0};
  full.fill();
  std::vector<Request> requests;
  for (int i = 0; i < 10; ++i)
    for (const auto& url : {server.url("/never"), server.url("/drip"), server.url("/endless"),
                            full.url(), std::string{"http://slow.test/"}})
      requests.push_back({.url = url});
  const auto took =
      time_of([&] { coro::run_root(with_session(loopback_options(40), &cancel_all, requests)); });
  EXPECT_LT(took, 700ms);
}

TEST(Cancel, APausedTransferEndsToo) {
  LoopbackServer server;
  server.on("/", Reply{.body = std::string(2'000'000, 'x')});
  EXPECT_FALSE(coro::run_root(with_session(loopback_options(), &fetch_stuck, server.url())));
}

TEST(Cancel, ASessionWithIdleConnectionsLeavesNothingThatHoldsTheLoop) {
  LoopbackServer server;
  coro::Loop loop;
  for (int round = 0; round < 3; ++round)  // run() returns only when nothing is pending
    EXPECT_EQ(loop.run(with_session(loopback_options(), &fetch_in, Request{.url = server.url()},
                                    std::size_t{1000}))
                  .status(),
              404);
}

}  // namespace trawl::http
