#include "core/web/links/link_header.hpp"

#include "core/base/limits.hpp"
#include "core/web/ascii.hpp"
#include "tests/support/conformance_suite.hpp"
#include "tests/web/html/conformance_data.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace trawl::web {
namespace {

namespace json = boost::json;

const Url page = *Url::parse("https://host.example/folder/page?query");

// "URL kind rel" a link.
std::string links(std::vector<std::pair<std::string, std::string>> fields) {
  std::string text;
  for (const Link& link : header_links(fields, page)) {
    EXPECT_EQ(link.tag, "http");
    if (!text.empty()) text += " | ";
    text += link.url + " " + std::string(to_string(link.kind));
    if (!link.rel.empty()) text += " " + link.rel;
  }
  return text;
}
std::string links(std::string link_value) {
  return links({{"Link", std::move(link_value)}});
}

// tests/conformance/headers/SOURCES.md: parse-link-header's own tests.
TEST(LinkHeaderConformance, LinksAndRelationsAreThoseOfParseLinkHeader) {
  const json::value all = tests::parse_json(tests::read_conformance("headers/header_cases.json"));
  support::ConformanceSuite suite{"Headers: Link, parse-link-header", "headers/header_cases.json"};
  for (const json::value& value : all.at("link_header_parse_link_header").as_array()) {
    const json::object& row = value.as_object();
    std::set<std::pair<std::string, std::string>> expected;
    for (const json::value& link : row.at("links").as_array()) {
      expected.emplace(tests::text_of(link.at("url")), tests::text_of(link.at("rel")));
    }
    std::set<std::pair<std::string, std::string>> got;
    for (const LinkValue& link : parse_link_header(tests::text_of(row.at("header")))) {
      std::string_view rel = link.rel ? *link.rel : std::string_view{};
      for (auto token = ascii::next_token(rel); !token.empty(); token = ascii::next_token(rel)) {
        got.emplace(link.target, token);
      }
    }
    suite.expect(got == expected, tests::text_of(row.at("test")));
  }
}

TEST(LinkHeader, KindsAreThoseOfTheLinkElement) {
  EXPECT_EQ(links("<a>; rel=canonical"), "https://host.example/folder/a canonical canonical");
  EXPECT_EQ(links("</de>; rel=alternate; hreflang=de"),
            "https://host.example/de alternate alternate");
  EXPECT_EQ(links("</f>; rel=\"alternate\"; type=\"application/atom+xml\""),
            "https://host.example/f feed alternate");
  EXPECT_EQ(
      links("</s.css>; rel=stylesheet, </i.png>; rel=preload; as=image"),
      "https://host.example/s.css style stylesheet | https://host.example/i.png embed preload");
  EXPECT_EQ(links("<?p=2>; rel=\"next\", <?p=0>; rel=prev"),
            "https://host.example/folder/page?p=2 page next | "
            "https://host.example/folder/page?p=0 page prev");
  EXPECT_EQ(links("<https://x.example/>; rel=preconnect"), "https://x.example/ other preconnect");
}

TEST(LinkHeader, SeveralLinesAndNamesInAnyCaseCount) {
  EXPECT_EQ(links({{"LINK", "<a>; REL=next"}, {"X", "<x>; rel=next"}, {"link", "<b>; rel=next"}}),
            "https://host.example/folder/a page next | https://host.example/folder/b page next");
}

TEST(LinkHeader, QuotedStringsHideTheirSeparators) {
  EXPECT_EQ(links(R"(<a>; title="x, <b>; rel=next \" ,"; rel=next)"),
            "https://host.example/folder/a page next");
  EXPECT_EQ(links(R"(<a>;rel="\n\e\x\t")"), "https://host.example/folder/a page next");
}

TEST(LinkHeader, TheFirstRelCounts) {
  EXPECT_EQ(links("<a>; rel=next; rel=stylesheet"), "https://host.example/folder/a page next");
  EXPECT_EQ(links("<a>; rel; rel=next"), "https://host.example/folder/a page next");
}

TEST(LinkHeader, ALinkWithoutARelationLinksToNothing) {
  EXPECT_EQ(links("<a>, <b>; title=x, <c>; rel=\"\", <d>; rev=next"), "");
}

TEST(LinkHeader, ALinkOfAnotherResourceIsNotFollowed) {
  EXPECT_EQ(links("<a>; rel=next; anchor=\"/other\""), "https://host.example/folder/a other next");
  EXPECT_EQ(links("<a>; rel=next; anchor=\"#part\""), "https://host.example/folder/a page next");
  EXPECT_EQ(links("<a>; rel=next; anchor=\"\""), "https://host.example/folder/a page next");
}

TEST(LinkHeader, BadFormsHideNoGoodOnes) {
  EXPECT_EQ(links("nonsense, <a>; rel=next"), "https://host.example/folder/a page next");
  EXPECT_EQ(links("<a> junk; rel=stylesheet, <b>; rel=next"),
            "https://host.example/folder/b page next");
  EXPECT_EQ(links(",,;;, <a>;;rel = next ;, ,"), "https://host.example/folder/a page next");
  EXPECT_EQ(links("<a; rel=next"), "");
  EXPECT_EQ(links("<a>; rel=\"next"), "https://host.example/folder/a page next");
  EXPECT_EQ(links("<javascript:x>; rel=next, <http://[>; rel=next"), "");
  EXPECT_EQ(links(""), "");
}

TEST(LinkHeader, NofollowIsARelation) {
  const std::vector<std::pair<std::string, std::string>> fields{
      {"link", "<a>; rel=\"next nofollow\", <b>; rel=next"}};
  const auto found = header_links(fields, page);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_TRUE(found[0].nofollow);
  EXPECT_FALSE(found[1].nofollow);
}

TEST(LinkHeader, AnImageSetIsReadLikeTheAttribute) {
  EXPECT_EQ(links("<a.png>; rel=preload; imagesrcset=\"b.png 1x, c.png 2x\""),
            "https://host.example/folder/a.png embed preload | "
            "https://host.example/folder/b.png embed preload | "
            "https://host.example/folder/c.png embed preload");
}

TEST(LinkHeader, AnswersCannotHoldMoreLinksThanAPage) {
  std::string value;
  for (int i = 0; i < 60'000; ++i) value += "<a>;rel=next,";
  const std::vector<std::pair<std::string, std::string>> fields{{"link", value}};
  EXPECT_EQ(header_links(fields, page).size(), limits::links_per_page_max);
}

// HTML standard, section 4.2.5.3: the grammar of <meta http-equiv=refresh>.
TEST(RefreshHeader, ItsAddressIsARedirect) {
  EXPECT_EQ(links({{"Refresh", "0; url=/there"}}), "https://host.example/there redirect");
  EXPECT_EQ(links({{"refresh", "5;URL='/a b'"}}), "https://host.example/a%20b redirect");
  EXPECT_EQ(links({{"refresh", "5"}, {"refresh", "x; url=/a"}}), "");
}

TEST(RobotsHeader, AllLinesCount) {
  const std::vector<std::pair<std::string, std::string>> fields{
      {"X-Robots-Tag", "otherbot: noindex, nofollow"}, {"x-robots-tag", "nofollow"}};
  EXPECT_EQ(to_string(header_robots(fields, "trawl")), "nofollow");
}

}  // namespace
}  // namespace trawl::web
