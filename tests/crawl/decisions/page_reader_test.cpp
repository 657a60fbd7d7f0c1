// What a fetched answer says, whatever its content type.
#include "core/crawl/page_reader.hpp"

#include <gtest/gtest.h>

namespace trawl::crawl {
namespace {

const web::Url url = *web::Url::parse("http://host.example/page");

PageFacts facts(const http::Headers& headers, std::string_view body) {
  return read_page({.url = url,
                    .headers = headers,
                    .body = body,
                    .body_file = {},
                    .known_sha256 = {},
                    .decoded_bytes_max = {},
                    .want_links = true,
                    .robots_token = "trawl"});
}

std::string links(const PageFacts& page) {
  std::string text;
  for (const web::Link& link : page.links) {
    if (!text.empty()) text += " | ";
    text += link.url + " " + std::string(web::to_string(link.kind));
  }
  return text;
}

TEST(PageFacts, LinksOfTheHeaderComeBeforeThoseOfThePage) {
  EXPECT_EQ(links(facts({{"Content-Type", "text/html"}, {"Link", "</2>; rel=next"}},
                        "<base href=/folder/><a href=x>")),
            "http://host.example/2 page | http://host.example/folder/x page");
}

TEST(PageFacts, APictureHasTheLinksOfItsHeader) {
  EXPECT_EQ(links(facts({{"Content-Type", "image/png"}, {"Link", "</p>; rel=canonical"}}, "PNG")),
            "http://host.example/p canonical");
}

TEST(PageFacts, PlainTextHasNoLinks) {
  EXPECT_EQ(links(facts({{"Content-Type", "text/plain"}}, "<a href=x> http://host.example/")), "");
}

TEST(PageFacts, FeedsHaveTitleCharsetAndLinks) {
  const auto feed = facts({{"Content-Type", "text/xml"}},
                          "<rss><channel><title>T</title><item><link>/1</link></item></channel>");
  EXPECT_EQ(links(feed), "http://host.example/1 page");
  EXPECT_EQ(feed.title, "T");
  EXPECT_EQ(feed.charset, "UTF-8");
  EXPECT_EQ(links(facts({{"Content-Type", "application/json; charset=x"}},
                        R"({"version": "https://jsonfeed.org/version/1.1", "next_url": "/2"})")),
            "http://host.example/2 feed");
}

TEST(PageFacts, AStyleSheetHasItsOwnCharset) {
  const auto sheet = facts({{"Content-Type", "text/css"}}, "@charset \"koi8-r\";a{b:url(\xC1)}");
  EXPECT_EQ(links(sheet), "http://host.example/%D0%B0 embed");
  EXPECT_EQ(sheet.charset, "KOI8-R");
}

TEST(PageFacts, RobotsOfHeaderAndPageAddUp) {
  const auto page = facts({{"Content-Type", "text/html"}, {"X-Robots-Tag", "Trawl: noindex"}},
                          "<meta name=robots content=nofollow>");
  EXPECT_EQ(web::to_string(page.robots), "noindex,nofollow");
}

}  // namespace
}  // namespace trawl::crawl
