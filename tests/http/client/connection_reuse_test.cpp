// What connections and TLS sessions are used for, as nginx sees it.
#include "tests/http/tls/tls_nginx.hpp"
#include "tests/support/cpu_time.hpp"
#include "tests/support/raw_listener.hpp"

#include <openssl/x509_vfy.h>

#include <fstream>
#include <memory>
#include <set>
#include <sstream>

namespace trawl::http {
namespace {

std::vector<Fetched> run_each(const SessionOptions& options, std::vector<Request> requests) {
  return coro::run_root(with_session(options, &fetch_each, std::move(requests)));
}
std::vector<Fetched> run_all(const SessionOptions& options, std::vector<Request> requests) {
  return coro::run_root(with_session(options, &fetch_all, std::move(requests)));
}

}  // namespace

TEST(Connections, ThatDieBetweenFetchesAreReplacedHoweverManyThereWere) {
  LoopbackServer server;
  server.on("/", [seen = std::make_shared<std::set<std::size_t>>()](const SeenRequest& request) {
    const bool first = seen->insert(request.connection).second;
    return first ? Reply{.body = "hello"} : support::reset_before_head();
  });
  const std::vector<Request> requests(20, Request{.url = server.url()});
  const auto pages = run_each(loopback_options(), requests);
  for (const Fetched& page : pages) {
    ASSERT_TRUE(page.response) << page.response.error().message();
    EXPECT_EQ(page.body, "hello");
  }
  EXPECT_EQ(server.connections(), 20U);
}

TEST(Http2, FetchesThatBeginTogetherShareOneConnection) {
  const TlsNginx server{"http2"};
  const auto pages = run_all(server.options(), server.requests(8));
  for (const auto& page : pages) {
    ASSERT_TRUE(page.response) << page.response.error().message();
    EXPECT_EQ(page.response->http_version, "2");
    EXPECT_EQ(page.body, "<p>hello</p>");
  }
  EXPECT_EQ(values_of("X-Connection", pages).size(), 1u);
}

// More than libcurl's buffer, the rest of which no socket reminds it of.
TEST(Http2, ALongHeadComesWhole) {
  std::string fields;
  for (int i = 0; i < 40; ++i)
    fields += fmt::format("add_header X-Long-{} {}; ", i, std::string(1500, 'x'));
  const TlsNginx server{"http2", fields};
  for (const auto& page : run_each(server.options(), server.requests(3))) {
    ASSERT_TRUE(page.response) << page.response.error().message();
    EXPECT_EQ(page.body, "<p>hello</p>");
    EXPECT_EQ(find_header(page.response->headers, "x-long-39").size(), 1500u);
    EXPECT_LT(page.response->phases.total, 5s);
  }
}

TEST(Http2, TheConnectionIsKeptBetweenFetches) {
  const TlsNginx server{"http2"};
  const auto pages = run_each(server.options(), server.requests(5));
  EXPECT_EQ(values_of("X-Connection", pages).size(), 1u);
}

TEST(Http2, AServerWithoutItIsFetchedFromSideBySide) {
  const TlsNginx server{"", "limit_rate 1m;"};
  server.dir.write("www/page.html", std::string(200'000, 'x'));
  const auto pages = run_all(server.options(), server.requests(8));
  for (const auto& page : pages) {
    ASSERT_TRUE(page.response) << page.response.error().message();
    EXPECT_EQ(page.response->http_version, "1.1");
  }
  EXPECT_GT(values_of("X-Connection", pages).size(), 1u);
}

TEST(Http2, ADeadServerFailsAllThatWaitForItAtOnce) {
  support::RawListener listener{0};
  listener.fill();
  std::vector<Request> requests(6, {.url = fmt::format("https://127.0.0.1:{}/", listener.port())});
  for (auto& request : requests) request.timeouts.connect = 200ms;
  std::vector<Fetched> pages;
  EXPECT_LT(time_of([&] { pages = run_all(loopback_options(), requests); }), 3s);
  for (const auto& page : pages) EXPECT_EQ(page.error(), Errc::connect_timeout);
}

TEST(TlsSessions, ASecondConnectionToAHostResumesTheFirstOnesSession) {
  const TlsNginx server{"", "keepalive_timeout 0;"};
  const auto pages = run_each(server.options(), server.requests(6));
  int full = 0, resumed = 0;
  for (const auto& page : pages) {
    ASSERT_TRUE(page.response) << page.response.error().message();
    (find_header(page.response->headers, "X-Reused") == "r" ? resumed : full) += 1;
  }
  EXPECT_EQ(values_of("X-Connection", pages).size(), 6u);
  EXPECT_EQ(full, 1);
  EXPECT_EQ(resumed, 5);
}

// Each fetch has an easy handle of its own here, so that a session is found only if it is shared.
TEST(TlsSessions, AreSharedByHandles) {
  const TlsNginx server{"", "keepalive_timeout 0;"};
  const auto pages = coro::run_root(with_session(
      server.options(),
      [](Session& session, std::vector<Request> requests) -> coro::Task<std::vector<Fetched>> {
        auto first = fetch_each(session, {requests.front()});
        auto before = co_await std::move(first);
        auto rest = fetch_all(session, std::move(requests));
        auto pages = co_await std::move(rest);
        co_return pages;
      },
      server.requests(6)));
  EXPECT_EQ(values_of("X-Reused", pages), std::set<std::string>{"r"});
}

TEST(TlsSessions, OfAServerThatWasNotVerifiedIsNoneForOneThatMustBe) {
  const TlsNginx server{"", "keepalive_timeout 0;"};
  auto options = server.options();
  const support::Authority stranger;
  options.transport.ca_file = stranger.ca_file();
  const auto pages = run_each(options, {{.url = server.url(), .tls_verify = false},
                                        {.url = server.url()},
                                        {.url = server.url(), .tls_verify = false}});
  EXPECT_EQ(pages[0].status(), 200);
  EXPECT_EQ(pages[1].error(), Errc::tls_cert);
  EXPECT_EQ(pages[2].status(), 200);
}

// libcurl can be made to parse the whole bundle for each connection: 26 ms instead of one or two.
TEST(CertificateStore, IsParsedOnceAndNotForEachConnection) {
  const TlsNginx server{"", "keepalive_timeout 0; ssl_session_tickets off; ssl_session_cache off;"};
  std::ifstream system{"/etc/ssl/certs/ca-certificates.crt"};
  ASSERT_TRUE(system) << "ca-certificates is not installed";
  std::ostringstream bundle;
  bundle << system.rdbuf() << std::ifstream{server.authority.ca_file()}.rdbuf();
  auto options = server.options();
  options.transport.ca_file = server.dir.write("bundle.pem", bundle.str()).string();
  std::vector<Fetched> pages;
  const double one =
      support::cpu_seconds_of([&] { pages = run_each(options, server.requests(1)); });
  const double many =
      support::cpu_seconds_of([&] { pages = run_each(options, server.requests(21)); });
  const double parsing = support::cpu_seconds_of([&] {
    const std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> store{X509_STORE_new(),
                                                                        &X509_STORE_free};
    EXPECT_EQ(X509_STORE_load_file(store.get(), options.transport.ca_file.c_str()), 1);
  });
  EXPECT_EQ(values_of("X-Reused", pages), std::set<std::string>{"."});
  RecordProperty("parsing_us", static_cast<int>(parsing * 1e6));
  RecordProperty("first_us", static_cast<int>(one * 1e6));
  RecordProperty("further_us", static_cast<int>((many - one) / 20 * 1e6));
  EXPECT_LT((many - one) / 20, parsing / 3);
}

namespace {

// Resets the connection when its second request comes.
Reply drops_second(const SeenRequest& request, std::size_t& last_connection) {
  const bool second = request.connection == last_connection;
  last_connection = request.connection;
  return second ? support::reset_before_head() : Reply{.body = "ok"};
}

}  // namespace

// Row 42: the server closes a kept connection at the moment when it is used again.
TEST(KeepAlive, ADroppedConnectionIsTriedAgainOnAFreshOneWithoutAWord) {
  LoopbackServer server;
  std::size_t last = 0;
  server.on("/", [&](const SeenRequest& request) { return drops_second(request, last); });
  const auto pages =
      run_each(loopback_options(), std::vector<Request>(4, Request{.url = server.url()}));
  for (const auto& page : pages) EXPECT_EQ(page.body, "ok");
  EXPECT_EQ(server.connections(), 4u);
  EXPECT_EQ(server.count("/"), 7u);  // three of them twice
}

TEST(KeepAlive, AFreshConnectionThatIsDroppedIsAFailure) {
  LoopbackServer server;
  server.on("/", Reply{.body = "ok"});
  server.on("/dropped", support::reset_before_head());
  const auto pages =
      run_each(loopback_options(), {{.url = server.url()}, {.url = server.url("/dropped")}});
  EXPECT_EQ(pages[1].error(), Errc::reset);
  EXPECT_EQ(server.count("/dropped"), 2u);  // on the kept connection, and once on a fresh one
}

namespace {

// One fetch lasts from the first handle on; then so many on a connection of their own.
coro::Task<std::size_t> wear_out(Session& session, std::string slow, std::string quick, int count,
                                 MemorySink& sink) {
  coro::Group group{co_await coro::asio::this_coro::executor};
  group.spawn([](Session& s, std::string url, MemorySink& into) -> coro::Task<> {
    auto fetching = s.fetch({.url = std::move(url)}, into);
    const auto response = co_await std::move(fetching);
    EXPECT_TRUE(response && !response->broken);
  }(session, std::move(slow), sink));
  co_await coro::yield_now();  // it has the first handle
  for (int i = 0; i < count; ++i) {
    MemorySink page{100};
    auto fetching = session.fetch({.url = quick}, page);
    const auto response = co_await std::move(fetching);
    EXPECT_TRUE(response) << response.error().message();
    EXPECT_EQ(page.body(), "hello");
  }
  auto joining = group.join();
  co_await std::move(joining);
  co_return session.handles_made();
}

}  // namespace

// What libcurl leaves behind of connections must not pile up; nothing that is on its way is lost.
TEST(Session, AHandleThatHadManyConnectionsIsReplaced) {
  LoopbackServer server;
  server.on("/slow", Reply{.body = std::string(30, 'x'), .drip_bytes = 1, .drip_every = 100ms});
  server.on("/", Reply{.body = "hello", .close = true});
  MemorySink slow{100};
  const auto made = coro::run_root(with_session(
      loopback_options(), &wear_out, server.url() + "slow", server.url(), 2100, std::ref(slow)));
  EXPECT_EQ(made, 2U);
  EXPECT_EQ(slow.body(), std::string(30, 'x'));
}

}  // namespace trawl::http
