// What can be wrong with a server's name, port and TLS: every case of
// tests/conformance/hostile/tls_network_limits_curl_7_88_1.json, made anew on loopback. What is to
// be recorded was written down from docs/faults.md; that it fails where curl failed is checked too.
#include "tests/e2e/program.hpp"
#include "tests/support/conformance_suite.hpp"
#include "tests/support/dns_server.hpp"
#include "tests/support/ports.hpp"
#include "tests/support/raw_listener.hpp"
#include "tests/support/tls_server.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <openssl/ssl.h>

#include <fstream>
#include <iterator>

namespace trawl::e2e {
namespace {

namespace json = boost::json;
using support::Authority;
using support::TlsScript;
using support::TlsServer;

json::array read_cases() {
  std::ifstream file{TRAWL_SOURCE_DIR
                     "/tests/conformance/hostile/tls_network_limits_curl_7_88_1.json"};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  return json::parse(text).as_object().at("tls_and_network").as_array();
}

struct Expected {
  std::string url;
  std::string error;   // "" for a page that is fetched
  std::string detail;  // a part of its words
};

}  // namespace

// Rows 33 to 41 of the faults.
TEST(NetworkReplay, TlsAndNetworkCasesThatWereMeasuredBefore) {
  Authority authority;
  const TlsServer good{{.files = authority.issue()}};
  const TlsServer expired{{.files = authority.issue({.days = -2})}};
  const TlsServer stranger{{.files = authority.issue({.names = "DNS:other.test"})}};
  const TlsServer self_signed{{.files = authority.issue({.self_signed = true})}};
  const TlsServer old{{.files = authority.issue(), .version_max = TLS1_VERSION}};
  const TlsServer asking{{.files = authority.issue(), .client_ca = authority.ca_file()}};
  const TlsServer plain{{.instead_of_tls = "HTTP/1.1 400 Bad Request\r\n\r\n"}};
  const TlsServer mute{{.close_at_once = true}};
  const TlsServer garbage{{.instead_of_tls = std::string(200, '\x99')}};
  const support::RawListener silent;  // which never accepts: the kernel makes connections
  support::DnsServer names;
  const std::map<std::string, Expected, std::less<>> all{
      {"good", {good.url(), "", ""}},
      {"certificate expired", {expired.url(), "tls_cert", "(verify result 10)"}},
      {"certificate for another host", {stranger.url(), "tls_cert", "127.0.0.1"}},
      {"self-signed certificate", {self_signed.url(), "tls_cert", "(verify result 18)"}},
      {"TLS 1.0 only server", {old.url(), "tls", ""}},
      {"client certificate required", {asking.url(), "tls", "certificate required"}},
      {"plain HTTP on the TLS port", {plain.url(), "tls", ""}},
      {"close after ClientHello", {mute.url(), "tls", ""}},
      {"silent after accept",
       {fmt::format("https://127.0.0.1:{}/", silent.port()), "connect_timeout", ""}},
      {"garbage in handshake", {garbage.url(), "tls", ""}},
      {"name does not exist", {"https://gone.test/", "dns", "there is no name gone.test"}},
      {"connection refused",
       {fmt::format("https://127.0.0.1:{}/", support::free_port()), "connect_refused", ""}}};
  Arguments urls{"fetch"};
  for (const auto& [name, expected] : all) urls.push_back(expected.url);
  const TempDir dir;
  const Arguments settings{"--set", "fetch.ca_file=" + authority.ca_file(),
                           "--set", fmt::format("fetch.resolver=[\"{}\"]", names.address()),
                           "--set", "fetch.timeout_connect=1s",
                           "--set", "fetch.attempts=2",
                           "--set", "fetch.backoff=10ms..20ms",
                           "--set", "robots.policy=ignore"};
  const auto run = run_trawl(urls + loopback(dir / "out", settings));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto records = read_records(dir / "out");

  support::ConformanceSuite suite{"Hostile answers, TLS and network",
                                  "hostile/tls_network_limits_curl_7_88_1.json"};
  for (const auto& item : read_cases()) {
    const std::string name{item.as_object().at("case").as_string()};
    const auto found = all.find(name);
    ASSERT_NE(found, all.end()) << name;
    const auto& [url, error, detail] = found->second;
    const bool by_curl = item.as_object().at("exit").as_int64() == 0;
    const auto& outcome = records.at(url).outcome;
    suite.expect((state_of(records, url) == "fetched") == by_curl &&
                     error_of(records, url) == error && outcome.error_detail.contains(detail),
                 fmt::format("{}: {} {}", name, error_of(records, url), outcome.error_detail));
  }
  EXPECT_EQ(suite.cases(), all.size());
}

}  // namespace trawl::e2e
