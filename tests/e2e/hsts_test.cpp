// Hosts that ask for https alone (RFC 6797), by a real nginx over TLS on a port that speaks nothing
// else: whoever asks it over plain text gets a 400, which shows.
#include "tests/e2e/program.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/nginx.hpp"
#include "tests/support/ports.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trawl::e2e {
namespace {

using testing::HasSubstr;

struct SecureSite {
  support::Authority authority;
  support::CertificateFiles files =
      authority.issue({.names = "DNS:secure.test,DNS:sub.secure.test,DNS:other.test"});
  TempDir dir;
  std::uint16_t port = support::free_port();
  std::string hosts =
      dir.write("hosts", "127.0.0.1 secure.test sub.secure.test other.test\n").string();
  std::unique_ptr<support::Nginx> nginx;

  explicit SecureSite(std::string_view field = "max-age=1000; includeSubDomains") {
    dir.write("www/index.html",
              page("home", {plain("secure.test", "/a.html"), plain("sub.secure.test", "/b.html"),
                            plain("other.test", "/c.html")}));
    for (const char* name : {"a", "b", "c", "d"})
      dir.write(fmt::format("www/{}.html", name), page(name, {}));
    nginx = std::make_unique<support::Nginx>(
        (dir / "www").string(),
        fmt::format("listen 127.0.0.1:{} ssl; ssl_certificate {}; ssl_certificate_key {}; "
                    "if ($host != other.test) {{ set $sts \"{}\"; }} "
                    "add_header Strict-Transport-Security $sts always;",
                    port, files.certificate, files.key, field));
  }
  std::string secure(std::string_view host, std::string_view path = "/") const {
    return fmt::format("https://{}:{}{}", host, port, path);
  }
  std::string plain(std::string_view host, std::string_view path) const {
    return fmt::format("http://{}:{}{}", host, port, path);
  }
  Finished run(Arguments what, const std::string& folder, const Arguments& more = {}) const {
    return run_trawl(
        std::move(what) +
        loopback(dir / folder, Arguments{"--set", "fetch.ca_file=" + authority.ca_file(), "--set",
                                         "fetch.hosts_file=" + hosts, "--set", "scope.mode=any"} +
                                   more));
  }
  // Requests over plain text.
  std::size_t plain_requests() const {
    return static_cast<std::size_t>(
        std::ranges::count(nginx->accesses(), 400, &support::Access::status));
  }
};

void expect_asked_over_https(const SecureSite& site, const Records& records, std::string_view host,
                             std::string_view path) {
  const auto plain = site.plain(host, path), secure = site.secure(host, path);
  ASSERT_TRUE(records.contains(plain)) << plain;
  const auto& outcome = records.at(plain).outcome;
  EXPECT_EQ(error_of(records, plain), "hsts");
  EXPECT_EQ(state_of(records, plain), "excluded");
  EXPECT_EQ(outcome.redirect_to, secure);
  EXPECT_EQ(outcome.status, std::nullopt);
  EXPECT_EQ(outcome.attempts, 0);
  EXPECT_EQ(state_of(records, secure), "fetched");
  EXPECT_EQ(records.at(secure).depth, records.at(plain).depth);
  EXPECT_EQ(records.at(secure).via, plain);
}

TEST(Hsts, AKnownHostIsNotAskedOverPlainTextInThisRunNorInLaterOnes) {
  const SecureSite site;
  const auto first = site.run({"crawl", site.secure("secure.test")}, "out");
  ASSERT_EQ(first.exit_code, 0) << first.err;
  auto records = read_records(site.dir / "out");
  expect_asked_over_https(site, records, "secure.test", "/a.html");
  expect_asked_over_https(site, records, "sub.secure.test", "/b.html");
  // A host that does not ask for it is asked as the link has it.
  EXPECT_EQ(records.at(site.plain("other.test", "/c.html")).outcome.status, 400);
  const std::size_t of_other_host = site.plain_requests();

  const auto second = site.run({"fetch", site.plain("secure.test", "/d.html")}, "out");
  ASSERT_EQ(second.exit_code, 0) << second.err;
  records = read_records(site.dir / "out");
  expect_asked_over_https(site, records, "secure.test", "/d.html");
  EXPECT_EQ(records.at(site.secure("secure.test", "/d.html")).depth, 0);
  EXPECT_EQ(site.plain_requests(), of_other_host);
  const auto explained =
      run_trawl({"explain", (site.dir / "out").string(), site.plain("secure.test", "/d.html")});
  EXPECT_THAT(explained.out, HasSubstr("hsts"));
  expect_sound(site.dir / "out");
}

TEST(Hsts, IsNotBelievedWhereNobodyHasCheckedTheCertificateNorWhenItIsOff) {
  const SecureSite site;
  for (const char* off : {"fetch.tls_verify=false", "fetch.hsts=false"}) {
    const auto run = site.run({"crawl", site.secure("secure.test")}, off, {"--set", off});
    ASSERT_EQ(run.exit_code, 0) << run.err;
    const auto records = read_records(site.dir / off);
    EXPECT_EQ(records.at(site.plain("secure.test", "/a.html")).outcome.status, 400) << off;
  }
}

TEST(Hsts, AHostMayTakeItBack) {
  const SecureSite site{"max-age=0"};
  const auto run = site.run({"crawl", site.secure("secure.test")}, "out");
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(read_records(site.dir / "out").at(site.plain("secure.test", "/a.html")).outcome.status,
            400);
}

TEST(Hsts, ALinesRequestIsSentToTheHttpsUrlAsItIs) {
  const SecureSite site;
  const auto list = site.dir.write(
      "list", fmt::format("{}\n{{\"url\":\"{}\",\"method\":\"HEAD\"}}\n",
                          site.secure("secure.test"), site.plain("secure.test", "/a.html")));
  const Arguments one{"--set", "politeness.per_host=1", "--set", "fetch.concurrency=1"};
  ASSERT_EQ(site.run({"fetch", site.secure("secure.test")}, "out", one).exit_code, 0);
  const auto run = site.run({"fetch", "-i", list.string()}, "out", one);
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto accesses = site.nginx->accesses();
  const auto head = std::ranges::find(accesses, "HEAD", &support::Access::method);
  ASSERT_NE(head, accesses.end());
  EXPECT_EQ(head->target, "/a.html");
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(site.plain_requests(), 0U);
}

}  // namespace
}  // namespace trawl::e2e
