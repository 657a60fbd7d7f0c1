#include "tests/http/client/client.hpp"
#include "tests/support/raw_listener.hpp"

#include <sys/resource.h>

namespace trawl::http {
namespace {

SessionOptions public_only() {
  auto options = loopback_options();
  options.guard = AddressGuard::create({}).value();
  return options;
}

}  // namespace

TEST(Connect, NobodyListens) {
  support::RawListener listener;
  listener.close();
  EXPECT_EQ(fetch(listener.url()).error(), Errc::connect_refused);
}

TEST(Connect, NeitherMadeNorRefused) {
  support::RawListener listener{0};
  listener.fill();
  Request request{.url = listener.url()};
  request.timeouts.connect = 40ms;
  Fetched got;
  EXPECT_LT(time_of([&] { got = fetch(request); }), 2s);
  EXPECT_EQ(got.error(), Errc::connect_timeout);
}

TEST(Connect, ANameThatIsNotThere) {
  Fetched got;
  EXPECT_LT(time_of([&] { got = fetch("http://nosuch.invalid/"); }), 2s);
  EXPECT_EQ(got.error(), Errc::dns);
}

TEST(Connect, PrivateAddressesAreRefusedBeforeAConnectionIsMade) {
  LoopbackServer server;
  for (const auto& host :
       {"127.0.0.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "localhost"}) {
    const auto got =
        fetch({.url = fmt::format("http://{}:{}/", host, server.port())}, 100, public_only());
    EXPECT_EQ(got.error(), Errc::private_address) << host;
  }
  EXPECT_EQ(server.connections(), 0u);
}

TEST(Connect, APrivateAddressOfANameIsSkipped) {
  LoopbackServer server;
  server.on("/", Reply{.body = "ok"});
  const auto url = [&](const char* name) {
    return fmt::format("http://{}:{}/", name, server.port());
  };
  EXPECT_EQ(fetch(url("mixed.test")).body, "ok");
  EXPECT_EQ(fetch(url("private.test")).error(), Errc::private_address);
  EXPECT_NE(fetch(url("private.test")).response.error().detail.find("10.0.0.1"), std::string::npos);
}

TEST(Connect, ARefusalByAPublicAddressIsToldAsSuch) {
  support::RawListener listener;
  const auto url = fmt::format("http://mixed.test:{}/", listener.port());
  listener.close();
  EXPECT_EQ(fetch(url).error(), Errc::connect_refused);
}

TEST(Connect, ABrokenIpv6AddressFallsBackToIpv4) {
  LoopbackServer server;
  server.on("/", Reply{.body = "ok"});
  Fetched got;
  EXPECT_LT(time_of([&] { got = fetch(fmt::format("http://dual.test:{}/", server.port())); }), 1s);
  EXPECT_EQ(got.body, "ok");
}

TEST(Connect, NoDescriptorLeftIsSaidToBeThat) {
#if __has_feature(undefined_behavior_sanitizer)
  GTEST_SKIP() << "UBSan needs a descriptor itself, to look at an object's type";
#endif
  LoopbackServer server;
  rlimit old{};
  ::getrlimit(RLIMIT_NOFILE, &old);
  const auto got = coro::run_root(with_session(
      loopback_options(),
      [](Session& session, std::string url, rlimit limit) -> coro::Task<Fetched> {
        limit.rlim_cur = 3;
        ::setrlimit(RLIMIT_NOFILE, &limit);
        auto fetching =
            fetch_in(session, {.url = std::move(url), .timeouts = {.connect = Millis{300}}});
        co_return co_await std::move(fetching);
      },
      server.url(), old));
  ::setrlimit(RLIMIT_NOFILE, &old);
  ASSERT_FALSE(got.response);
  EXPECT_EQ(got.response.error().detail, "no socket: Too many open files");
}

coro::Task<> raise_later(rlimit limit) {
  co_await coro::sleep_for(Millis{300});
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

TEST(Connect, ADescriptorThatIsScarceIsWaitedFor) {
#if __has_feature(undefined_behavior_sanitizer)
  GTEST_SKIP() << "UBSan needs a descriptor itself, to look at an object's type";
#endif
  LoopbackServer server;
  rlimit old{};
  ::getrlimit(RLIMIT_NOFILE, &old);
  const auto got = coro::run_root(with_session(
      loopback_options(),
      [](Session& session, std::string url, rlimit limit) -> coro::Task<Fetched> {
        coro::Group group{co_await coro::asio::this_coro::executor};
        group.spawn(raise_later(limit));
        limit.rlim_cur = 3;
        ::setrlimit(RLIMIT_NOFILE, &limit);
        auto fetching = fetch_in(session, {.url = std::move(url)});
        auto fetched = co_await std::move(fetching);
        co_await group.join();
        co_return fetched;
      },
      server.url(), old));
  ::setrlimit(RLIMIT_NOFILE, &old);
  ASSERT_TRUE(got.response) << got.response.error().message();
}

}  // namespace trawl::http
