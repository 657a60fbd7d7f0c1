#include "tests/http/client/client.hpp"
#include "tests/support/nginx.hpp"
#include "tests/support/raw_listener.hpp"

namespace trawl::http {
namespace {

int free_port() {
  support::RawListener listener;
  return listener.port();
}

// An nginx with a page of its own on a plain port and, with a self-signed certificate, on another.
struct Witness {
  support::TempDir dir;
  int tls_port = free_port();
  std::unique_ptr<support::Nginx> nginx;

  explicit Witness(const std::string& protocol) {
    dir.write("www/page.html", "<p>hello</p>");
    const auto made =
        support::run({.args = {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                               "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                               "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                               (dir / "key.pem").string(), "-out", (dir / "cert.pem").string()}});
    if (made.exit_code != 0) throw std::runtime_error("openssl: " + made.err);
    nginx = std::make_unique<support::Nginx>(
        dir.string() + "/www",
        fmt::format("listen 127.0.0.1:{} ssl {}; ssl_certificate {}/cert.pem; "
                    "ssl_certificate_key {}/key.pem;",
                    tls_port, protocol, dir.string(), dir.string()));
  }
  std::string tls_url(std::string_view target) const {
    return fmt::format("https://127.0.0.1:{}{}", tls_port, target);
  }
};

}  // namespace

TEST(WithNginx, PlainAndKeptAlive) {
  if (!support::Nginx::is_installed()) GTEST_SKIP();
  Witness witness{""};
  std::vector<Request> requests(5, Request{.url = witness.nginx->url("/page.html")});
  const auto pages =
      coro::run_root(with_session(loopback_options(), &fetch_each, std::move(requests)));
  for (const auto& page : pages) {
    ASSERT_TRUE(page.response);
    EXPECT_EQ(page.body, "<p>hello</p>");
    EXPECT_EQ(page.response->http_version, "1.1");
    EXPECT_EQ(page.response->tls_version + page.response->tls_cipher, "");
  }
}

TEST(WithNginx, ACertificateThatNobodyVouchesFor) {
  if (!support::Nginx::is_installed()) GTEST_SKIP();
  Witness witness{""};
  const auto url = witness.tls_url("/page.html");
  const auto pages = coro::run_root(with_session(
      loopback_options(), &fetch_each,
      std::vector<Request>{{.url = url}, {.url = url, .tls_verify = false}, {.url = url}}));
  EXPECT_EQ(pages[0].error(), Errc::tls_cert);
  EXPECT_EQ(pages[1].body, "<p>hello</p>");
  EXPECT_EQ(pages[2].error(), Errc::tls_cert);  // not let in through the connection of the second
  const auto plain_port = fmt::format("https://127.0.0.1:{}/", witness.nginx->port());
  EXPECT_EQ(fetch(plain_port).error(), Errc::tls);
}

TEST(WithNginx, Http2WhereTheServerOffersIt) {
  if (!support::Nginx::is_installed()) GTEST_SKIP();
  Witness witness{"http2"};
  const auto url = witness.tls_url("/page.html");
  const auto pages = coro::run_root(with_session(
      loopback_options(), &fetch_all,
      std::vector<Request>{{.url = url, .tls_verify = false},
                           {.url = url, .version = HttpVersion::http1_1, .tls_verify = false},
                           {.url = url, .method = "HEAD", .tls_verify = false}}));
  for (const auto& page : pages) ASSERT_TRUE(page.response) << page.response.error().message();
  for (const auto& page : pages) {
    EXPECT_TRUE(page.response->tls_version.starts_with("1.")) << page.response->tls_version;
    EXPECT_TRUE(page.response->tls_cipher.starts_with("TLS_")) << page.response->tls_cipher;
  }
  EXPECT_EQ(pages[0].response->http_version, "2");
  EXPECT_EQ(pages[0].body, "<p>hello</p>");
  EXPECT_EQ(pages[1].response->http_version, "1.1");
  EXPECT_EQ(pages[2].response->status, 200);
  EXPECT_EQ(pages[2].body, "");
}

}  // namespace trawl::http
