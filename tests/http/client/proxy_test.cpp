// Proxies of others (tinyproxy), and small ones of ours that misbehave.
#include "core/http/client/curl_error.hpp"
#include "tests/http/client/client.hpp"
#include "tests/support/raw_listener.hpp"
#include "tests/support/real_server.hpp"
#include "tests/support/socks_server.hpp"
#include "tests/support/tls_server.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>

namespace trawl::http {
namespace {

using support::SocksServer;
using support::TlsServer;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

SessionOptions through(const std::string& proxy) {
  auto options = loopback_options();
  options.transport.proxy = Proxy::parse(proxy).value();
  return options;
}

Fetched fetch_through(const std::string& proxy, const std::string& url) {
  return fetch({.url = url}, 1 << 20, through(proxy));
}

std::string proxy_error(const Fetched& page) {
  EXPECT_EQ(page.error(), Errc::proxy);
  return page.response ? "an answer" : page.response.error().detail;
}

}  // namespace

TEST(Proxy, IsReadFromItsUrl) {
  const auto proxy = Proxy::parse("http://ann:p%40ss@proxy.test:3128");
  ASSERT_TRUE(proxy);
  EXPECT_EQ(proxy->url(), "http://proxy.test:3128");
  EXPECT_EQ(proxy->username + "|" + proxy->password, "ann|p@ss");
  EXPECT_EQ(Proxy::parse("http://proxy.test")->port, 80);
  EXPECT_EQ(Proxy::parse("https://proxy.test/")->port, 443);
  EXPECT_EQ(Proxy::parse("socks5://proxy.test")->address(), "proxy.test:1080");
  EXPECT_EQ(Proxy::parse("socks5h://[::1]:9050")->url(), "socks5h://[::1]:9050");
  for (const char* text : {"", "off", "proxy.test:3128", "socks4://proxy.test:1", "http://",
                           "http://proxy.test/path", "http://proxy.test?x"}) {
    const auto none = Proxy::parse(text);
    EXPECT_FALSE(none) << text;
  }
}

TEST(Proxy, IsAtItsOwnAddressAndPortAlone) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(3128);
  ::inet_pton(AF_INET, "10.0.0.1", &address.sin_addr);
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  EXPECT_TRUE(Proxy::parse("http://10.0.0.1:3128")->is_at(generic));
  EXPECT_FALSE(Proxy::parse("http://10.0.0.1:3129")->is_at(generic));
  EXPECT_FALSE(Proxy::parse("http://10.0.0.2:3128")->is_at(generic));
  EXPECT_TRUE(Proxy::parse("http://proxy.test:3128")->is_at(generic));
}

TEST(Proxy, OfAStrangerIsNotWhereItsNameLeadsInside) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(80);
  ::inet_pton(AF_INET, "169.254.169.254", &address.sin_addr);
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  const auto closed = AddressGuard::create({}), open = AddressGuard::create({"169.254.0.0/16"});
  auto proxy = Proxy::parse("http://proxy.test:80");
  ASSERT_TRUE(proxy && closed && open);
  EXPECT_TRUE(proxy->may_be_at(generic, *closed));
  proxy->guarded = true;
  EXPECT_FALSE(proxy->may_be_at(generic, *closed));
  EXPECT_TRUE(proxy->may_be_at(generic, *open));
  address.sin_port = htons(81);
  EXPECT_FALSE(proxy->may_be_at(generic, *open));
}

TEST(Proxy, OfAStrangerIsAskedOnlyWhereTheJobMayFetch) {
  LoopbackServer proxy;
  proxy.on("http://page.test/", Reply{.body = "private"});
  auto options = through(fmt::format("http://localhost:{}", proxy.port()));
  options.transport.proxy->guarded = true;
  options.guard = AddressGuard::create({}).value();
  const auto refused = fetch({.url = "http://page.test/"}, 1 << 20, options);
  EXPECT_EQ(refused.error(), Errc::private_address);
  EXPECT_EQ(proxy.requests().size(), 0U);
  options.guard = AddressGuard::create({"127.0.0.0/8", "::1/128"}).value();
  static_cast<void>(fetch({.url = "http://page.test/"}, 1 << 20, options));
  EXPECT_EQ(proxy.requests().size(), 1U);
}

TEST(Proxy, CarriesHttpAndHttps) {
  const auto proxy = support::start_tinyproxy();
  LoopbackServer plain;
  plain.on("/", Reply{.body = "plain"});
  support::Authority authority;
  const TlsServer secure{{.files = authority.issue()}};
  auto options = through(proxy.url());
  options.transport.ca_file = authority.ca_file();
  const auto pages = coro::run_root(with_session(
      options, &fetch_each,
      std::vector<Request>{{.url = plain.url()}, {.url = secure.url()}, {.url = plain.url()}}));
  EXPECT_EQ(pages[0].body, "plain");
  EXPECT_EQ(pages[1].body, "ok");
  EXPECT_EQ(pages[2].body, "plain");
  EXPECT_THAT(std::string{plain.requests().at(0).header("Via")}, HasSubstr("tinyproxy"));
  EXPECT_EQ(pages[0].response->ip, "");
  EXPECT_EQ(pages[1].response->tls_version, "1.3");
  EXPECT_THAT(pages[1].response->response_head, Not(HasSubstr("tinyproxy")));
}

TEST(Proxy, WantsCredentials) {
  const auto proxy = support::start_tinyproxy("ann hunter2");
  LoopbackServer plain;
  plain.on("/", Reply{.body = "plain"});
  const TlsServer secure{{.close_at_once = true}};
  for (const auto& url : {plain.url(), secure.url()})
    EXPECT_THAT(proxy_error(fetch_through(proxy.url(), url)), HasSubstr("407")) << url;
  EXPECT_EQ(plain.count(), 0u);
  const auto with = fmt::format("http://ann:hunter2@127.0.0.1:{}", proxy.port());
  const auto page = fetch_through(with, plain.url());
  EXPECT_EQ(page.body, "plain");
  EXPECT_EQ(plain.requests().at(0).header("Proxy-Authorization"), "");
  EXPECT_THAT(page.response->request_head, Not(HasSubstr("Proxy-Authorization")));
}

TEST(Proxy, ThatIsNotThere) {
  support::RawListener nobody;
  nobody.close();
  const auto port = nobody.port();
  for (const char* scheme : {"http", "https", "socks5", "socks5h"}) {
    const auto address = fmt::format("127.0.0.1:{}", port);
    const auto proxy = fmt::format("{}://user:hunter2@{}", scheme, address);
    const auto text = proxy_error(fetch_through(proxy, "http://127.0.0.1:1/"));
    EXPECT_THAT(text, HasSubstr(address)) << scheme;
    EXPECT_THAT(text, Not(HasSubstr("hunter2"))) << scheme;
  }
}

TEST(Proxy, WhoseNameHasNoAddressIsSaidToBeThat) {
  const auto error =
      curl_error({.code = CURLE_COULDNT_RESOLVE_PROXY, .proxy = "nosuch.invalid:3128"});
  EXPECT_EQ(error.code, Errc::proxy);
  EXPECT_EQ(error.detail, "the proxy's name has no address: nosuch.invalid:3128");
}

TEST(Proxy, RefusesATunnel) {
  LoopbackServer proxy;
  proxy.otherwise([](const SeenRequest&) { return Reply{.status = 403}; });
  const auto url = fmt::format("http://127.0.0.1:{}", proxy.port());
  EXPECT_THAT(proxy_error(fetch_through(url, "https://127.0.0.1:1/")),
              HasSubstr("answered CONNECT with status 403"));
  EXPECT_EQ(proxy.requests().at(0).method, "CONNECT");
}

TEST(Proxy, ThatIsNone) {
  const TlsServer ssh{{.instead_of_tls = "SSH-2.0-OpenSSH_9.2\r\n"}};
  const auto at = fmt::format("127.0.0.1:{}", ssh.port());
  for (const char* scheme : {"https", "socks5h"})
    EXPECT_THAT(
        proxy_error(fetch_through(fmt::format("{}://{}", scheme, at), "http://127.0.0.1:1/")),
        HasSubstr(at));
  EXPECT_THAT(proxy_error(fetch_through("http://" + at, "https://127.0.0.1:1/")), HasSubstr(at));
}

TEST(Proxy, OverTls) {
  support::Authority authority;
  const TlsServer proxy{{.files = authority.issue()}};  // answers anything it is asked for
  auto options = through(fmt::format("https://127.0.0.1:{}", proxy.port()));
  const Request request{.url = "http://127.0.0.1:1/"};
  EXPECT_THAT(proxy_error(fetch(request, 100, options)), HasSubstr("certificate"));
  options.transport.ca_file = authority.ca_file();
  const auto page = fetch(request, 100, options);
  EXPECT_EQ(page.body, "ok");
  EXPECT_EQ(page.response->tls_version, "");  // the server's, of which there is none
}

TEST(Proxy, SocksResolvesNamesWhereTheSchemeSays) {
  LoopbackServer server;
  server.on("/", Reply{.body = "ok"});
  const SocksServer socks;
  const auto name = fmt::format("http://far.test:{}/", server.port());
  const auto at = fmt::format("127.0.0.1:{}", socks.port());
  EXPECT_EQ(fetch_through("socks5h://" + at, name).body, "ok");
  EXPECT_EQ(fetch_through("socks5://" + at, server.url()).body, "ok");
  EXPECT_THAT(socks.asked(), ElementsAre(fmt::format("far.test:{}", server.port()),
                                         fmt::format("127.0.0.1:{}", server.port())));
}

TEST(Proxy, SocksWithCredentialsAndRefusals) {
  LoopbackServer server;
  server.on("/", Reply{.body = "ok"});
  const SocksServer locked{"ann:hunter2"};
  const auto url = [&](std::string_view user, const SocksServer& socks) {
    return fmt::format("socks5h://{}127.0.0.1:{}", user, socks.port());
  };
  EXPECT_EQ(fetch_through(url("ann:hunter2@", locked), server.url()).body, "ok");
  proxy_error(fetch_through(url("ann:wrong@", locked), server.url()));
  proxy_error(fetch_through(url("", locked), server.url()));
  const SocksServer refusing{{}, 5};
  EXPECT_THAT(proxy_error(fetch_through(url("", refusing), server.url())),
              HasSubstr(fmt::format("127.0.0.1:{}", refusing.port())));
}

// The proxy is the user's own choice; what is fetched through it is the web's.
TEST(Proxy, OnAPrivateAddressIsAllowedAndPrivateTargetsAreNot) {
  LoopbackServer server;
  server.on("/", Reply{.body = "ok"});
  const SocksServer socks;
  auto options = through(fmt::format("socks5h://127.0.0.1:{}", socks.port()));
  options.guard = AddressGuard::create({}).value();
  const auto named = fmt::format("http://far.test:{}/", server.port());
  EXPECT_EQ(fetch({.url = named}, 100, options).body, "ok");
  EXPECT_EQ(socks.asked().size(), 1u);
  for (const char* host :
       {"127.0.0.1", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "10.0.0.1",
        "169.254.169.254", "localhost", "localhost.", "a.localhost"}) {
    const auto page = fetch({.url = fmt::format("http://{}:1/", host)}, 100, options);
    EXPECT_EQ(page.error(), Errc::private_address) << host;
  }
  EXPECT_EQ(socks.asked().size(), 1u);
}

}  // namespace trawl::http
