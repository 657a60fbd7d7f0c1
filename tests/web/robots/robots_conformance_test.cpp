// Cases of five robots.txt projects and real files with the verdicts of three parsers; where they
// come from is in tests/conformance/robots/SOURCES.md.
#include "core/web/coding/decode.hpp"
#include "core/web/robots/robots.hpp"
#include "tests/support/base64.hpp"
#include "tests/support/conformance_suite.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>

namespace trawl::web {
namespace {

namespace json = boost::json;
using support::ConformanceSuite;
using support::from_base64;

std::string read_file(const std::string& name) {
  std::ifstream file(std::string(TRAWL_SOURCE_DIR "/tests/conformance/robots/") + name,
                     std::ios::binary);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string body_of(const json::object& row) {
  if (const auto* text = row.if_contains("robots_txt")) return std::string(text->as_string());
  return from_base64(row.at("robots_b64").as_string());
}

// Some URLs of the cases are no URLs, so the path is taken by hand: what follows the authority.
std::string path_of(std::string_view url) {
  url = url.substr(0, url.find('#'));
  std::size_t start = url.starts_with("//") ? 2 : 0;
  const auto scheme = url.find("://");
  if (scheme != std::string_view::npos && scheme < url.find_first_of("/?;")) start = scheme + 3;
  const auto path = url.find_first_of("/?;", start);
  if (path == std::string_view::npos) return "/";
  return (url[path] == '/' ? "" : "/") + std::string(url.substr(path));
}

TEST(RobotsConformance, UndisputedCasesOfOtherParsersAllPass) {
  const auto rows = json::parse(read_file("robots_cases.json"));
  ConformanceSuite suite{"robots.txt: undisputed cases of five parsers",
                         "robots/robots_cases.json"};
  for (const auto& value : rows.as_array()) {
    const auto& row = value.as_object();
    if (row.at("disputed").as_bool()) continue;
    const auto robots = Robots::parse(body_of(row), std::string(row.at("user_agent").as_string()));
    const auto verdict = robots.check(path_of(row.at("url").as_string()));
    suite.expect(verdict.allowed == row.at("allowed").as_bool(), json::serialize(value));
  }
  EXPECT_EQ(suite.cases(), 402U);
}

// Where the parsers disagree, RFC 9309 decides: these are our own verdicts, written down so that
// they don't change by accident.
TEST(RobotsConformance, DisputedCasesAreDecidedAsTheRfcSays) {
  const auto rows = json::parse(read_file("robots_cases.json"));
  std::map<std::string_view, bool> ours = {
      {"7fda6b8d1618", true},  // 2.2.2: an unescaped URL is escaped before it is compared
      {"e34a16b2451d", true},  // 2.2.2: escaped unreserved characters are unescaped
      {"2e9d6eca12c8", true},  // 2.2.2: /robots.txt itself is always allowed
      {"e27d9578f346", false}, {"628f21f5f53b", false},  // 2.2.2, non-ASCII
      {"df49410e6ebc", false},                           // %2f and %2F are one octet
      {"fe80afd66089", false}, {"c191340a94d2", false},  // 2.2.3: %24 and %2A are literal
      {"c0c8ffd74c33", false}, {"81dace4b3f77", false},
      {"7606b3d66e70", false}, {"8838465a646a", true},
      {"8607ee777e2d", true},  // '<' can't be in a URL unescaped
      {"dd73485cebe4", false}, {"4cf664842a59", false},
      {"28b348ff3a31", false}, {"f5b8a9243c55", false},
      {"2e12b1f53ff7", false}, {"7d6501dcfbea", false},
      {"be7086814388", false}, {"c6e8374a8f9b", false},
      {"5a3a8949c485", true},   // a large crawl delay forbids nothing here
      {"234ecc7feb42", true},   // a final '$' is an anchor and nothing else
      {"1788b4ec44cc", false},  // a missing colon is forgiven, as Google does
  };
  std::size_t seen = 0;
  for (const auto& value : rows.as_array()) {
    const auto& row = value.as_object();
    const auto own = ours.find(std::string_view(row.at("id").as_string()));
    if (own == ours.end()) continue;
    ++seen;
    const auto robots = Robots::parse(body_of(row), std::string(row.at("user_agent").as_string()));
    EXPECT_EQ(robots.check(path_of(row.at("url").as_string())).allowed, own->second)
        << json::serialize(value);
  }
  EXPECT_EQ(seen, ours.size());
}

TEST(RobotsConformance, UnanimousVerdictsOnRealFilesAllPass) {
  const auto unpacked = decode_all("gzip", read_file("real_robots_files.json.gz"), {});
  ASSERT_TRUE(unpacked);
  const auto files = json::parse(unpacked->body);
  std::map<std::pair<std::string, std::string>, Robots> parsed;
  const auto rows = json::parse(read_file("real_robots_verdicts.json"));
  ConformanceSuite suite{"robots.txt: unanimous verdicts on real files",
                         "robots/real_robots_verdicts.json"};
  for (const auto& value : rows.as_array()) {
    const auto& row = value.as_object();
    if (!row.at("unanimous").as_bool()) continue;
    const std::string file(row.at("file").as_string()), agent(row.at("user_agent").as_string());
    auto [entry, added] = parsed.try_emplace({file, agent}, Robots::allow_all());
    if (added) {
      const auto& text = files.at("files").at(file).as_string();
      entry->second = Robots::parse(from_base64(text), agent);
    }
    const auto verdict = entry->second.check(path_of(row.at("url").as_string()));
    suite.expect(verdict.allowed == row.at("google").as_bool(), json::serialize(value));
  }
  EXPECT_EQ(suite.cases(), 2977U);
}

TEST(RobotsConformance, SitemapsAndCrawlDelaysAreReadAsByOtherParsers) {
  const auto extra = json::parse(read_file("robots_extra.json"));
  ConformanceSuite suite{"robots.txt: sitemaps and crawl delays", "robots/robots_extra.json"};
  for (const auto& value : extra.at("crawl_delay_sitemap_etc").as_array()) {
    const auto& row = value.as_object();
    const std::string what(row.at("what").as_string());
    const std::string body = from_base64(row.at("robots_b64").as_string());
    if (what == "sitemaps" || what == "getSitemaps") {
      std::vector<std::string> expected;
      for (const auto& sitemap : row.at("out").as_array())
        expected.emplace_back(sitemap.as_string());
      suite.expect(Robots::parse(body, "x").sitemaps() == expected, json::serialize(value));
    } else if (what == "crawl_delay" || what == "getCrawlDelay") {
      const auto& args = row.at("args").as_array();
      const std::string agent = args.empty() ? "*" : std::string(args[0].as_string());
      std::optional<double> expected;
      if (!row.at("out").is_null()) expected = row.at("out").to_number<double>();
      if (row.at("source").as_string() == "seomoz/reppy" && expected)
        suite.explain(json::serialize(value),
                      "reppy gives a delay before any user-agent line to everybody; it belongs to "
                      "nobody (RFC 9309 2.2.1)");
      suite.expect(Robots::parse(body, agent).crawl_delay_s() == expected, json::serialize(value));
    }
  }
  EXPECT_EQ(suite.cases(), 33U);
}

// The last line of each of these files is "Disallow: /" in bar's group.
TEST(RobotsConformance, LinesAreCountedAsByGooglesParser) {
  const auto extra = json::parse(read_file("robots_extra.json"));
  ConformanceSuite suite{"robots.txt: line numbers", "robots/robots_extra.json"};
  for (const auto& value : extra.at("parser_facts").as_array()) {
    const auto& row = value.as_object();
    if (row.at("what").as_string() != "last_line_seen") continue;
    const auto verdict =
        Robots::parse(from_base64(row.at("robots_b64").as_string()), "bar").check("/x");
    suite.expect(verdict.line == row.at("out").to_number<std::uint32_t>(), json::serialize(value));
  }
  EXPECT_EQ(suite.cases(), 5U);
}

}  // namespace
}  // namespace trawl::web
