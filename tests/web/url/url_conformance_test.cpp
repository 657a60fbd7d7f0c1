// The URL standard's own tests (web-platform-tests), and a table of odd hosts that reach loopback.
#include "core/base/result.hpp"
#include "core/web/url/url.hpp"
#include "tests/support/conformance_suite.hpp"
#include "tests/web/url/conformance_data.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace trawl::web {
namespace {

namespace json = boost::json;
using support::ConformanceSuite;

Result<Url> parse_with_base(const std::string& input, const std::string& base_text) {
  if (base_text.empty()) return Url::parse(input);
  const Result<Url> base = Url::parse(base_text);
  if (!base) return fail(Errc::bad_url, "the base is no URL");
  return Url::parse(input, &*base);
}

bool has_components(const Url& url, const json::object& test) {
  const json::value* origin = test.if_contains("origin");
  return url.href() == text_of(test, "href") && url.protocol() == text_of(test, "protocol") &&
         url.username() == text_of(test, "username") &&
         url.password() == text_of(test, "password") && url.host() == text_of(test, "host") &&
         url.hostname() == text_of(test, "hostname") && url.port() == text_of(test, "port") &&
         url.pathname() == text_of(test, "pathname") && url.search() == text_of(test, "search") &&
         url.hash() == text_of(test, "hash") &&
         (!origin || !origin->is_string() || url.origin() == text_of(test, "origin"));
}

// What parses has all its components, and so has what is parsed from its href again.
bool passes(const json::object& test) {
  const Result<Url> url = parse_with_base(text_of(test, "input"), text_of(test, "base"));
  if (test.contains("failure")) return !url;
  if (!url || !has_components(*url, test)) return false;
  const Result<Url> again = Url::parse(url->href());
  return again && has_components(*again, test);
}

void run_url_tests(ConformanceSuite& suite, const std::string& path) {
  for (const json::value& entry : conformance_array(path))
    if (entry.is_object()) suite.expect(passes(entry.get_object()), json::serialize(entry));
}

bool is_ascii(const std::string& text) {
  return std::ranges::all_of(text, [](unsigned char c) { return c < 0x80; });
}

const std::set<std::string> newer_than_icu = {"xn--20-9802c.xn--0w5a.xn--1-eg4e.",
                                              "xn--9-i0j5967eg3qz.ss"};

void run_host_tests(ConformanceSuite& suite, const std::string& path) {
  for (const json::value& entry : conformance_array(path)) {
    if (!entry.is_object()) continue;
    const json::object& test = entry.get_object();
    const Result<Url> url = Url::parse("https://" + text_of(test, "input") + "/x");
    const bool right =
        test.at("output").is_null()
            ? !url
            : url && url->hostname() == text_of(test, "output") && url->pathname() == "/x";
    suite.expect(right, text_of(test, "input"));
  }
}

}  // namespace

TEST(UrlConformance, EveryCaseOfTheStandardsParserTests) {
  ConformanceSuite suite{"URL: parser, WPT", "url/urltestdata.json"};
  run_url_tests(suite, "url/urltestdata.json");
  EXPECT_EQ(suite.cases(), 454U);
}

TEST(UrlConformance, FurtherCasesOfOtherParsers) {
  ConformanceSuite suite{"URL: parser, ada", "url/ada_{extra,long}_urltestdata.json"};
  run_url_tests(suite, "url/ada_extra_urltestdata.json");
  run_url_tests(suite, "url/ada_long_urltestdata.json");
  EXPECT_GE(suite.cases(), 11U);
}

TEST(UrlConformance, HostsBecomeAsciiAsTheStandardsTestsSay) {
  ConformanceSuite suite{"URL: hosts to ASCII, WPT", "url/toascii.json"};
  run_host_tests(suite, "url/toascii.json");
  EXPECT_EQ(suite.cases(), 40U);
}

TEST(UrlConformance, HostsBecomeAsciiAsUts46Says) {
  ConformanceSuite suite{"URL: hosts to ASCII, UTS 46", "url/IdnaTestV2.json"};
  for (const json::value& entry : conformance_array("url/IdnaTestV2.json")) {
    if (!entry.is_object()) continue;
    const std::string output = text_of(entry.get_object(), "output");
    const std::string input = text_of(entry.get_object(), "input");
    if (newer_than_icu.contains(output) && !is_ascii(input))
      suite.explain(input,
                    "ideographs of Unicode 17 (CJK extension J), which ICU 72 of Debian 12 does "
                    "not know");
  }
  run_host_tests(suite, "url/IdnaTestV2.json");
  EXPECT_EQ(suite.cases(), 1276U);
}

// The standard does not look at the lengths that DNS allows (VerifyDnsLength is off).
TEST(UrlConformance, LengthsThatDnsRefusesAreNoFailuresOfTheUrl) {
  ConformanceSuite suite{"URL: lengths of labels", "url/verifydnslength_tests.json"};
  for (const json::value& entry : conformance_array("url/verifydnslength_tests.json")) {
    const std::string input = text_of(entry.as_object(), "input");
    suite.expect(Url::parse(input).has_value(), input);
  }
}

TEST(UrlConformance, QueriesAndFragmentsAreEncodedAsUtf8) {
  ConformanceSuite suite{"URL: percent-encoding, WPT (UTF-8)", "url/percent-encoding.json"};
  for (const json::value& entry : conformance_array("url/percent-encoding.json")) {
    if (!entry.is_object()) continue;
    const std::string input = text_of(entry.get_object(), "input");
    const std::string output = text_of(entry.at("output").as_object(), "utf-8");
    const Result<Url> url = Url::parse("https://doesnotmatter.invalid/?" + input + "#" + input);
    suite.expect(url && url->search() == "?" + output && url->hash() == "#" + output, input);
  }
}

TEST(UrlConformance, NoSpellingOfAnAddressPassesAsAName) {
  ConformanceSuite suite{"URL: spellings of addresses", "ssrf/host_spellings.json"};
  for (const json::value& entry : conformance_array("ssrf/host_spellings.json")) {
    const json::object& test = entry.as_object();
    const Result<Url> url = Url::parse("http://" + text_of(test, "host_text") + "/");
    const bool none = test.at("whatwg_host").is_null();
    suite.expect(none ? !url : url && url->hostname() == text_of(test, "whatwg_host"),
                 text_of(test, "host_text"));
  }
}

}  // namespace trawl::web
