#include "core/web/url/host.hpp"

#include "tests/support/conformance_suite.hpp"
#include "tests/web/url/conformance_data.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace trawl::web {
namespace {

std::string key_of(std::string_view text) {
  return host_key(Url::parse(text).value());
}

}  // namespace

TEST(HostKey, HasThePortUnlessItIsTheDefault) {
  EXPECT_EQ(key_of("http://Example.org/x"), "example.org");
  EXPECT_EQ(key_of("https://example.org:443/"), "example.org");
  EXPECT_EQ(key_of("http://u:p@example.org:8080/"), "example.org:8080");
  EXPECT_EQ(key_of("http://example.org:443/"), "example.org:443");
  EXPECT_EQ(key_of("http://[0:0::1]:81/"), "[::1]:81");
  EXPECT_EQ(key_of("http://0x7f.1:81/"), "127.0.0.1:81");
}

TEST(RegistrableDomain, FollowsThePublicSuffixList) {
  EXPECT_EQ(registrable_domain("www.example.co.uk"), "example.co.uk");
  EXPECT_EQ(registrable_domain("a.b.example.org"), "example.org");
  EXPECT_EQ(registrable_domain("user.github.io"), "user.github.io");
  EXPECT_EQ(registrable_domain("a.user.github.io"), "user.github.io");
  EXPECT_EQ(registrable_domain("www.example.org."), "example.org");
  EXPECT_EQ(registrable_domain("a.b.unlisted"), "b.unlisted");
}

TEST(RegistrableDomain, SuffixesAndAddressesStandForThemselves) {
  EXPECT_EQ(registrable_domain("co.uk"), "co.uk");
  EXPECT_EQ(registrable_domain("localhost"), "localhost");
  EXPECT_EQ(registrable_domain("127.0.0.1"), "127.0.0.1");
  EXPECT_EQ(registrable_domain("[2001:db8::1]"), "[2001:db8::1]");
  EXPECT_EQ(registrable_domain(""), "");
}

// The list's own tests; hosts come in the form that URLs give them.
TEST(RegistrableDomain, EveryCaseOfThePublicSuffixTests) {
  std::istringstream lines(conformance_text("url/psl/tests.txt"));
  support::ConformanceSuite suite{"Hosts: registrable domains, PSL", "url/psl/tests.txt"};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string host;
    std::string expected;
    fields >> host >> expected;
    if (host.empty() || host.starts_with("//") || host == "null" || host.starts_with('.')) continue;
    const auto hostname = [](const std::string& name) {
      return std::string(Url::parse("http://" + name + "/").value().hostname());
    };
    const std::string normal = hostname(host);
    suite.expect(registrable_domain(normal) == (expected == "null" ? normal : hostname(expected)),
                 line);
  }
  EXPECT_GT(suite.cases(), 70U);
}

}  // namespace trawl::web
