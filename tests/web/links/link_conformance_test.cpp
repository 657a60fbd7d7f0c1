// Link extraction against a full HTML tree builder's links (tests/conformance/links/SOURCES.md).

#include "core/web/charset/content.hpp"
#include "core/web/links/links.hpp"
#include "tests/support/base64.hpp"
#include "tests/support/conformance_suite.hpp"
#include "tests/web/html/conformance_data.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace trawl::web {
namespace {

namespace json = boost::json;
using support::from_base64;
using tests::text_of;

bool is_http(std::string_view url) {
  return url.starts_with("http://") || url.starts_with("https://");
}

// Only what may be compared: http(s) links as "url tag", sorted, each once.
std::vector<std::string> sorted(std::vector<std::string> links) {
  std::ranges::sort(links);
  links.erase(std::ranges::unique(links).begin(), links.end());
  return links;
}

std::vector<std::string> oracle_links(const json::array& links) {
  std::vector<std::string> out;
  for (const json::value& link : links) {
    const json::object& entry = link.as_object();
    if (!entry.contains("url") || !is_http(text_of(entry.at("url")))) continue;
    out.push_back(text_of(entry.at("url")) + " " + text_of(entry.at("tag")));
  }
  return sorted(out);
}

std::vector<std::string> links_of(const std::vector<Link>& links) {
  std::vector<std::string> out;
  for (const Link& link : links) {
    // The oracle reads no scripts, JSON-LD neither.
    if (link.tag == "script" && link.attribute != "src") continue;
    out.push_back(link.url + " " + std::string(link.tag));
  }
  return sorted(out);
}

std::vector<std::string> extracted(const json::object& row, const std::string& body,
                                   const Url& base) {
  const std::string scope = text_of(row.at("scope"));
  const std::string charset = row.contains("charset") ? text_of(row.at("charset")) : "";
  std::string storage;
  const std::string found = detect_charset(body, charset);
  const std::string_view html = to_utf8(body, found, storage);
  if (scope == "css") return links_of(extract_css_links(html, base));
  return links_of(extract_links(html, base, "", found).links);
}

std::string body_of(const json::object& row) {
  return row.contains("html") ? text_of(row.at("html")) : from_base64(text_of(row.at("html_b64")));
}

TEST(LinkConformance, LinksAreThoseOfTheTree) {
  const json::value cases = tests::parse_json(tests::read_conformance("links/link_cases.json"));
  support::ConformanceSuite suite{"Links: a tree's, on the cases of other crawlers",
                                  "links/link_cases.json"};
  for (const json::value& value : cases.as_array()) {
    const json::object& row = value.as_object();
    const std::string relation = text_of(row.at("relation"));
    if (relation != "equal" && relation != "subset") continue;
    const std::string body = body_of(row);
    const Result<Url> base = Url::parse(text_of(row.at("base_url")));
    ASSERT_TRUE(base);
    const std::string name = text_of(row.at("id")) + " " + text_of(row.at("test"));
    if (text_of(row.at("scope")) == "base") {
      const Result<Url> expected = Url::parse(text_of(row.at("oracle").at("base")));
      const PageLinks page = extract_links(body, *base);
      suite.expect(page.base_url == expected->href(), name);
      continue;
    }
    const auto expected = oracle_links(row.at("oracle").at("links").as_array());
    const auto got = extracted(row, body, *base);
    suite.expect(got == expected, name);
    EXPECT_EQ(got, expected) << body;
  }
  EXPECT_EQ(suite.cases(), 80U);
}

// Where the source project's own test and the tree disagree, trawl is with one of them.
struct Decision {
  std::string_view test;
  bool with_tree;
  std::string_view why;
};
constexpr Decision decisions[] = {
    {"test_restrict_xpaths_with_html_entities", false,
     "a query is sent in the page's encoding (URL standard); the tree's resolver knows UTF-8 only"},
    {"testOnlyExtractFormGets", true, "a form in a form is dropped (HTML standard)"},
    {"testConditionalComment1", true, "a comment is a comment in every browser since IE 10"},
    {"testDataAttributes20Minutes_src", true, "data-* is private to the page's scripts"},
    {"testDataAttributes20Minutes_srcset", true, "data-* is private to the page's scripts"},
    {"testDataAttributesTelerama", true, "data-* is private to the page's scripts"},
    {"testDataLazyAttributes", true, "data-* is private to the page's scripts"},
    {"testSourceSrcsetAttributes", true, "data-* is private to the page's scripts"},
};

// The page is raw bytes here, in the encoding that its row names.
TEST(LinkConformance, EachDifferenceIsDecided) {
  const json::value cases = tests::parse_json(tests::read_conformance("links/link_cases.json"));
  support::ConformanceSuite suite{"Links: cases where a tree and the crawler's test differ",
                                  "links/link_cases.json"};
  for (const json::value& value : cases.as_array()) {
    const json::object& row = value.as_object();
    const std::string relation = text_of(row.at("relation"));
    if (relation == "equal" || relation == "subset") continue;
    const auto decision = std::ranges::find(decisions, text_of(row.at("test")), &Decision::test);
    ASSERT_NE(decision, std::end(decisions)) << row.at("test");
    const Url base = *Url::parse(text_of(row.at("base_url")));
    std::vector<std::string> urls;
    for (const std::string& link : extracted(row, body_of(row), base))
      urls.push_back(link.substr(0, link.find(' ')));
    std::vector<std::string> expected;
    if (decision->with_tree) {
      for (const std::string& link : oracle_links(row.at("oracle").at("links").as_array()))
        expected.push_back(link.substr(0, link.find(' ')));
    } else {
      for (const json::value& url : row.at("expected_links").as_array())
        expected.push_back(text_of(url));
    }
    suite.expect(urls == sorted(expected), text_of(row.at("test")));
    EXPECT_EQ(urls, sorted(expected)) << decision->test << ": " << decision->why;
  }
  EXPECT_EQ(suite.cases(), 8U);
}

TEST(LinkConformance, ABigPageHasTheLinksOfItsTree) {
  const std::string html = tests::read_conformance_gz("links/pages/stormcrawler.html.gz");
  const json::value oracle =
      tests::parse_json(tests::read_conformance_gz("links/pages/stormcrawler.html.links.json.gz"));
  const Result<Url> base = Url::parse(text_of(oracle.at("base_url")));
  EXPECT_EQ(links_of(extract_links(html, *base).links),
            oracle_links(oracle.at("links").as_array()));
}

}  // namespace
}  // namespace trawl::web
