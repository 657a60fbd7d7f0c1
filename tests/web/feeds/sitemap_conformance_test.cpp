// The sitemaps of four projects' tests, with what those read in them: where they come from is in
// tests/conformance/sitemaps/SOURCES.md.
#include "core/web/feeds/sitemap.hpp"
#include "core/web/robots/robots.hpp"
#include "core/web/timestamp.hpp"
#include "tests/support/base64.hpp"
#include "tests/support/conformance_suite.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

namespace trawl::web {
namespace {

namespace json = boost::json;
using support::from_base64;

std::string body_of(const json::object& row) {
  if (const auto* text = row.if_contains("text")) return std::string(text->as_string());
  return from_base64(row.at("b64").as_string());
}

// "loc lastmod", the latter in milliseconds: a day is written as a day or as its first instant.
std::string line_of(std::string_view loc, std::optional<Wall> lastmod) {
  std::string line{loc};
  if (lastmod) line += ' ' + std::to_string(lastmod->time_since_epoch().count());
  return line;
}

std::vector<std::string> wanted_lines(const json::object& row) {
  std::vector<std::string> lines;
  if (row.at("locs").is_null()) return lines;
  for (const json::value& value : row.at("locs").as_array()) {
    const json::value& lastmod = value.at("lastmod");
    // Written and empty is as good as not written.
    lines.push_back(
        line_of(value.at("loc").as_string(),
                lastmod.is_null() ? std::nullopt : parse_w3c_datetime(lastmod.as_string())));
  }
  return lines;
}

std::vector<std::string> lines_of(const Sitemap& sitemap) {
  std::vector<std::string> lines;
  for (const SitemapEntry& entry : sitemap.entries)
    lines.push_back(line_of(entry.loc, entry.lastmod_time));
  return lines;
}

// What is read otherwise than there, and why.
const std::map<std::string_view, std::string_view> other_readings = {
    {"testSitemapWithWrongNamespace",
     "its strict mode refuses the sitemap; here its URLs are kept, as in its lenient mode, and the "
     "error names the namespace"},
    {"testMobileSitemap",
     "its strict mode leaves out URLs of other hosts than the sitemap's, which the case of "
     "stormcrawler keeps; here the job's scope decides about them"},
};

bool type_fits(std::string_view kind, std::optional<SitemapType> type) {
  if (kind == "text") return type == SitemapType::text;
  if (kind == "index") return type == SitemapType::index;
  if (kind == "rss") return type == SitemapType::feed;
  return type == SitemapType::urlset || !type;
}

TEST(SitemapConformance, SitemapsOfOtherProjectsReadAsThere) {
  std::ifstream file(TRAWL_SOURCE_DIR "/tests/conformance/sitemaps/sitemap_cases.json");
  const auto rows = json::parse(file);
  support::ConformanceSuite suite{"Sitemaps: files of four projects",
                                  "sitemaps/sitemap_cases.json"};
  for (const auto& [name, reason] : other_readings)
    suite.explain(std::string{name}, std::string{reason});
  for (const json::value& value : rows.as_array()) {
    const json::object& row = value.as_object();
    const std::string name{row.at("test").as_string()};
    const Sitemap sitemap = parse_sitemap(body_of(row), *Url::parse(row.at("url").as_string()));
    const bool error_is_told = row.at("error").is_null() || !sitemap.summary.error.empty();
    suite.expect(error_is_told && type_fits(row.at("kind").as_string(), sitemap.summary.type) &&
                     lines_of(sitemap) == wanted_lines(row),
                 name);
  }
  EXPECT_EQ(suite.cases(), 31U);
}

// Named relative to the robots.txt too, although the protocol wants whole URLs.
TEST(SitemapConformance, RobotsTxtNamesSitemaps) {
  std::ifstream file(TRAWL_SOURCE_DIR "/tests/conformance/sitemaps/sitemaps_in_robots.json");
  const auto rows = json::parse(file);
  support::ConformanceSuite suite{"Sitemaps: named in robots.txt, Scrapy",
                                  "sitemaps/sitemaps_in_robots.json"};
  for (const json::value& row : rows.as_array()) {
    const auto robots = Robots::parse(row.at("robots_txt").as_string(), "trawl");
    const Url base = *Url::parse(row.at("base_url").as_string());
    json::array urls;
    for (const std::string& text : robots.sitemaps())
      urls.push_back(json::string(Url::parse(text, &base)->href()));
    suite.expect(urls == row.at("sitemaps").as_array(), json::serialize(row));
  }
  EXPECT_EQ(suite.cases(), 2U);
}

TEST(SitemapConformance, TheOtherReadingsAreAsTheReasonsSay) {
  std::ifstream file(TRAWL_SOURCE_DIR "/tests/conformance/sitemaps/sitemap_cases.json");
  const auto rows = json::parse(file);
  for (const json::value& value : rows.as_array()) {
    const json::object& row = value.as_object();
    if (!other_readings.contains(std::string_view{row.at("test").as_string()})) continue;
    const Sitemap sitemap = parse_sitemap(body_of(row), *Url::parse(row.at("url").as_string()));
    EXPECT_EQ(sitemap.entries.size(), row.at("locs").is_null() ? 2u : 3u);
  }
}

}  // namespace
}  // namespace trawl::web
