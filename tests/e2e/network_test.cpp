// How servers are reached: credentials that stay where they belong, proxies, certificates; against
// nginx, Apache and squid.
#include "tests/e2e/program.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/nginx.hpp"
#include "tests/support/ports.hpp"
#include "tests/support/real_server.hpp"
#include "tests/support/tls_server.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace trawl::e2e {
namespace {

using testing::HasSubstr;
using testing::Not;

// Row 33.
TEST(Credentials, NeverFollowARedirectToAnotherServer) {
  LoopbackServer home, other;
  home.on("/",
          support::redirect_to(fmt::format("http://eve:letmein@127.0.0.1:{}/x", other.port())));
  other.on("/x", Reply{.body = page("x", {})});
  const TempDir dir;
  const auto netrc = dir.write("netrc", "machine unrelated.test login a password b\n");
  const auto run =
      run_trawl(Arguments{"fetch", fmt::format("http://ann:hunter2@127.0.0.1:{}/", home.port())} +
                loopback(dir / "out", {"--set", "fetch.headers.Cookie=session=hunter2", "--set",
                                       "fetch.headers.X-Api-Key=hunter2", "--set",
                                       "fetch.headers.Accept-Language=en", "--set",
                                       "fetch.netrc_file=" + netrc.string(), "--set",
                                       "output.warc_compress=none", "-vv"}));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  ASSERT_EQ(home.count("/"), 1U);
  ASSERT_EQ(other.count("/x"), 1U);
  for (const auto& request : home.requests()) {
    EXPECT_EQ(request.header("Authorization"), "Basic YW5uOmh1bnRlcjI=");
    EXPECT_EQ(request.header("Cookie"), "session=hunter2");
  }
  for (const auto& request : other.requests()) {
    for (const char* name : {"Authorization", "Cookie", "X-Api-Key"})
      EXPECT_EQ(request.header(name), "") << name;
    EXPECT_EQ(request.header("Accept-Language"), "en");
  }
  const auto records = read_records(dir / "out");
  EXPECT_EQ(state_of(records, home.url()), "fetched");
  EXPECT_EQ(state_of(records, other.url("/x")), "fetched");  // the URL without the user
  EXPECT_EQ(records.at(home.url()).outcome.redirect_to, other.url("/x"));
  EXPECT_THAT(run.out + run.err, Not(HasSubstr("hunter2")));
}

TEST(Credentials, AreInNoFileOfTheOutputFolderNorInThePrintedJob) {
  LoopbackServer home;
  home.on("/", Reply{.body = page("x", {})});
  const TempDir dir;
  const auto auth = dir.write("auth", "ann:hunter2\n").string();
  const Arguments settings{"--set", "fetch.auth=basic",         "--set", "fetch.auth_file=" + auth,
                           "--set", "output.warc_compress=none"};
  const auto run = run_trawl(Arguments{"fetch", home.url()} + loopback(dir / "out", settings));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(home.requests().back().header("Authorization"), "Basic YW5uOmh1bnRlcjI=");
  for (const char* secret : {"hunter2", "YW5uOmh1bnRlcjI="})
    EXPECT_EQ(support::run({.args = {"grep", "-rl", secret, (dir / "out").string()}}).out, "");
}

TEST(Certificates, OfAnAuthorityOfOnesOwn) {
  support::Authority authority;
  const auto files = authority.issue();
  const TempDir dir;
  dir.write("www/index.html", page("home", {}));
  const auto port = support::free_port();
  support::Nginx nginx{(dir / "www").string(),
                       fmt::format("listen 127.0.0.1:{} ssl http2; ssl_certificate {}; "
                                   "ssl_certificate_key {};",
                                   port, files.certificate, files.key)};
  const auto url = fmt::format("https://127.0.0.1:{}/", port);
  const auto refused = run_trawl(Arguments{"fetch", url} + loopback(dir / "refused"));
  EXPECT_EQ(refused.exit_code, 0);
  const auto failed = read_records(dir / "refused");
  EXPECT_EQ(error_of(failed, url), "tls_cert");
  EXPECT_EQ(failed.at(url).outcome.attempts, 1);
  EXPECT_THAT(failed.at(url).outcome.error_detail, HasSubstr("(verify result 20)"));
  const auto trusted =
      run_trawl(Arguments{"fetch", url} +
                loopback(dir / "out", {"--set", "fetch.ca_file=" + authority.ca_file()}));
  EXPECT_EQ(trusted.exit_code, 0) << trusted.err;
  EXPECT_EQ(read_records(dir / "out").at(url).outcome.http_version, "2");
  const auto missing = run_trawl(Arguments{"fetch", url} +
                                 loopback(dir / "none", {"--set", "fetch.ca_file=/none.pem"}));
  EXPECT_EQ(missing.exit_code, 3);
  EXPECT_THAT(missing.err, HasSubstr("fetch.ca_file"));
}

// Row 41: a handshake that broke off may go through the next time.
TEST(Certificates, WhereThereAreNoneIsLookedForThemOnceMore) {
  const support::TlsServer server{{.instead_of_tls = "SSH-2.0-OpenSSH_9.2\r\n"}};
  const TempDir dir;
  const auto run = run_trawl(Arguments{"fetch", server.url()} +
                             loopback(dir / "out", {"--set", "fetch.backoff=20ms..50ms", "--set",
                                                    "robots.policy=ignore"}));
  EXPECT_EQ(run.exit_code, 0) << run.err;
  const auto records = read_records(dir / "out");
  EXPECT_EQ(error_of(records, server.url()), "tls");
  EXPECT_EQ(records.at(server.url()).outcome.attempts, 2);
  EXPECT_EQ(server.connections(), 2);
}

TEST(Nginx, SendsBrotliAndGzip) {
  constexpr const char* module = "/usr/lib/nginx/modules/ngx_http_brotli_filter_module.so";
  ASSERT_TRUE(std::filesystem::exists(module)) << "libnginx-mod-http-brotli-filter is missing";
  const TempDir dir;
  const std::string text = page("long", {"/a", "/b"}) + std::string(20'000, 'x');
  dir.write("www/index.html", text);
  for (const char* coding : {"brotli", "gzip"}) {
    support::Nginx nginx{(dir / "www").string(), fmt::format("{} on;", coding),
                         fmt::format("load_module {};\n", module)};
    const auto out = dir / coding;
    const auto run = run_trawl(Arguments{"fetch", nginx.url()} + loopback(out));
    ASSERT_EQ(run.exit_code, 0) << run.err;
    const auto record = read_records(out).at(nginx.url());
    EXPECT_EQ(record.outcome.bytes_body, text.size()) << coding;
    EXPECT_LT(record.outcome.bytes_wire, 2'000U) << coding;
    EXPECT_EQ(record.outcome.title, "long");
  }
}

TEST(Apache, IsCrawledOverHttpAndHttp2) {
  support::Authority authority;
  const auto files = authority.issue();
  const TempDir dir;
  std::filesystem::permissions(dir.path(), std::filesystem::perms{0755});
  dir.write("www/index.html", page("home", {"/a.html", "/old"}));
  dir.write("www/a.html", page("a", {}) + std::string(10'000, 'x'));
  const auto tls_port = support::free_port();
  const auto apache = support::start_apache(
      (dir / "www").string(),
      fmt::format("Redirect permanent /old /a.html\nAddOutputFilterByType DEFLATE text/html\n"
                  "Listen 127.0.0.1:{0}\n<VirtualHost 127.0.0.1:{0}>\nSSLEngine on\n"
                  "SSLCertificateFile {1}\nSSLCertificateKeyFile {2}\nProtocols h2 http/1.1\n"
                  "</VirtualHost>\n",
                  tls_port, files.certificate, files.key));
  const auto secure = fmt::format("https://127.0.0.1:{}/", tls_port);
  const auto run =
      run_trawl(Arguments{"crawl", apache.url(), secure} +
                loopback(dir / "out", {"--set", "fetch.ca_file=" + authority.ca_file()}));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto records = read_records(dir / "out");
  EXPECT_EQ(count(records, crawl::UrlState::fetched), 6U);
  EXPECT_EQ(records.at(apache.url()).outcome.http_version, "1.1");
  EXPECT_EQ(records.at(secure).outcome.http_version, "2");
  EXPECT_EQ(records.at(apache.url("/old")).outcome.status, 301);
  EXPECT_LT(records.at(apache.url("/a.html")).outcome.bytes_wire, 2'000U);
}

TEST(Squid, CarriesACrawl) {
  LoopbackServer server;
  server.on("/", Reply{.body = page("home", {"/a"})});
  server.on("/a", Reply{.body = page("a", {})});
  support::Authority authority;
  const auto files = authority.issue();
  const TempDir dir;
  dir.write("www/index.html", page("home", {}));
  const auto port = support::free_port();
  support::Nginx nginx{(dir / "www").string(),
                       fmt::format("listen 127.0.0.1:{} ssl; ssl_certificate {}; "
                                   "ssl_certificate_key {};",
                                   port, files.certificate, files.key)};
  const auto secure = fmt::format("https://127.0.0.1:{}/", port);
  const auto squid = support::start_squid();
  const auto run = run_trawl(Arguments{"crawl", server.url(), secure} +
                             loopback(dir / "out", {"--set", "fetch.proxy=" + squid.url(), "--set",
                                                    "fetch.ca_file=" + authority.ca_file()}));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto records = read_records(dir / "out");
  for (const auto& url : {server.url(), server.url("/a"), secure}) {
    EXPECT_EQ(state_of(records, url), "fetched") << url;
    EXPECT_EQ(records.at(url).outcome.ip, "") << url;
  }
  for (const auto& request : server.requests())
    EXPECT_THAT(std::string{request.header("Via")}, HasSubstr("squid"));
}

TEST(Proxy, ThatIsNotThereIsSaidToBeThat) {
  LoopbackServer server;
  const TempDir dir;
  const auto proxy = fmt::format("http://127.0.0.1:{}", support::free_port());
  const auto run = run_trawl(
      Arguments{"fetch", server.url()} +
      loopback(dir / "out", {"--set", "fetch.proxy=" + proxy, "--set", "fetch.attempts=1"}));
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(error_of(read_records(dir / "out"), server.url()), "proxy");
  EXPECT_EQ(server.connections(), 0U);
}

// Row 42.
TEST(KeepAlive, AConnectionThatIsDroppedCostsNoAttempt) {
  LoopbackServer server;
  std::size_t last = 0;
  server.otherwise([&](const SeenRequest& request) {
    if (request.path == "/robots.txt") return Reply{.status = 404};
    if (std::exchange(last, request.connection) == request.connection)
      return support::reset_before_head();
    return Reply{.body = page("x", {"/1", "/2", "/3"})};
  });
  const TempDir dir;
  const auto run = run_trawl(Arguments{"crawl", server.url()} +
                             loopback(dir / "out", {"--set", "politeness.per_host=1"}));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto records = read_records(dir / "out");
  EXPECT_EQ(count(records, crawl::UrlState::fetched), 4U);
  for (const auto& [url, record] : records) EXPECT_EQ(record.outcome.attempts, 1) << url;
}

}  // namespace
}  // namespace trawl::e2e
