#include "tests/http/client/client.hpp"

namespace trawl::http {

TEST(Timeout, AServerThatNeverAnswers) {
  LoopbackServer server;
  server.on("/", support::never_answer());
  Request request{.url = server.url()};
  request.timeouts.first_byte = 40ms;
  Fetched got;
  const auto took = time_of([&] { got = fetch(request); });
  EXPECT_EQ(got.error(), Errc::first_byte_timeout);
  EXPECT_GE(took, 40ms);
  EXPECT_LT(took, 2s);
}

TEST(Timeout, AStallInTheMiddleLeavesThePartThatCame) {
  LoopbackServer server;
  server.on("/", Reply{.body = "0123456789", .cut = Cut::stall, .cut_after = 4});
  Request request{.url = server.url()};
  request.timeouts.total = 300ms;
  const auto got = fetch(request);
  ASSERT_TRUE(got.response);
  EXPECT_EQ(got.error(), Errc::total_timeout);
  EXPECT_EQ(got.body, "0123");
}

TEST(Timeout, ADripIsTooSlow) {
  LoopbackServer server;
  server.on("/", Reply{.body = std::string(10'000, 'x'), .drip_bytes = 1, .drip_every = 5ms});
  Request request{.url = server.url()};
  request.timeouts.min_speed_bytes_per_s = 10'000;
  request.timeouts.min_speed_time = 50ms;
  const auto got = fetch(request);
  ASSERT_TRUE(got.response);
  EXPECT_EQ(got.error(), Errc::too_slow);
  EXPECT_GT(got.body.size(), 0u);
}

TEST(Timeout, AQuickEndlessBodyIsOverItsTimeToo) {
  LoopbackServer server;
  server.on("/", Reply{.endless = true});
  Request request{.url = server.url()};
  request.timeouts.total = 300ms;
  DiscardSink sink;
  const auto response = coro::run_root(with_session(loopback_options(), &Session::fetch, request,
                                                    std::ref<BodySink>(sink), nullptr));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->broken.value_or(Error{}).code, Errc::total_timeout);
}

TEST(Timeout, ASlowNameServerHoldsUpNobody) {
  LoopbackServer server;
  server.on("/", Reply{.body = "ok"});
  Request slow{.url = "http://slow.test/"};
  slow.timeouts.dns = 30ms;
  std::vector<Fetched> got;
  const auto took = time_of([&] {
    got = coro::run_root(with_session(loopback_options(), &fetch_each,
                                      std::vector<Request>{slow, {.url = server.url()}}));
  });
  EXPECT_EQ(got[0].error(), Errc::dns_timeout);
  EXPECT_EQ(got[1].body, "ok");
  EXPECT_LT(took, 700ms);
}

}  // namespace trawl::http
