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

// The limit of descriptors, put back at the end.
class Descriptors {
 public:
  Descriptors() { ::getrlimit(RLIMIT_NOFILE, &old_); }
  ~Descriptors() { put_back(); }
  void take_all() const {
    rlimit none = old_;
    none.rlim_cur = 3;
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  void put_back() const { ::setrlimit(RLIMIT_NOFILE, &old_); }

 private:
  rlimit old_{};
};

coro::Task<> put_back_later(const Descriptors& descriptors) {
  co_await coro::sleep_for(Millis{300});
  descriptors.put_back();
}

// later: after a while there are some again.
coro::Task<Fetched> fetch_without_any(Session& session, Request request, bool later) {
  const Descriptors descriptors;
  const auto executor = co_await coro::asio::this_coro::executor;
  coro::Group group{executor};
  if (later) group.spawn(put_back_later(descriptors));
  descriptors.take_all();
  auto fetching = fetch_in(session, std::move(request));
  auto fetched = co_await std::move(fetching);
  co_await group.join();
  co_return fetched;
}

// UBSan needs a descriptor itself, to look at an object's type.
class WithoutDescriptors : public testing::Test {
 protected:
  void SetUp() override {
#if __has_feature(undefined_behavior_sanitizer)
    GTEST_SKIP() << "UBSan needs a descriptor itself";
#endif
  }
  Fetched fetch(Millis connect, bool later) const {
    const Request request{.url = server_.url(), .timeouts = {.connect = connect}};
    return coro::run_root(with_session(loopback_options(), &fetch_without_any, request, later));
  }

 private:
  LoopbackServer server_;
};

TEST_F(WithoutDescriptors, AFetchSaysThatItIsThat) {
  const auto got = fetch(Millis{300}, false);
  ASSERT_FALSE(got.response);
  EXPECT_EQ(got.response.error().detail, "no socket: Too many open files");
}

TEST_F(WithoutDescriptors, AFetchWaitsForOne) {
  const auto got = fetch(Millis{10'000}, true);
  ASSERT_TRUE(got.response) << got.response.error().message();
}

}  // namespace trawl::http
