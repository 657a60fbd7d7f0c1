// What a fetched answer says, whatever its content type.
#include "core/crawl/pages/page_reader.hpp"

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

TEST(PageFacts, ABodyOfUnknownTypeIsSeenToBeAPage) {
  const std::string_view page = "<!DOCTYPE html><title>T</title><a href=x>y</a>";
  for (const http::Headers& headers :
       {http::Headers{}, http::Headers{{"Content-Type", "unknown/unknown"}},
        http::Headers{{"Content-Type", "text/plain"}, {"Content-Type", "text/html"}}}) {
    const auto read = facts(headers, page);
    EXPECT_EQ(links(read), "http://host.example/x page");
    EXPECT_EQ(read.title, "T");
    EXPECT_EQ(read.content_type, "text/html");
  }
  EXPECT_EQ(
      links(facts({}, "<?xml version='1.0'?><rss><channel><item><link>/1</link></item></rss>")),
      "http://host.example/1 page");
  EXPECT_EQ(facts({{"Content-Type", "unknown/unknown"}}, "PNG").content_type, "unknown/unknown");
  EXPECT_EQ(facts({}, "").content_type, "");
}

TEST(PageFacts, ACodedBodyOfUnknownTypeIsSeenToBeAPage) {
  // <!DOCTYPE html><title>T</title><a href=x>y</a>, by gzip -n
  static constexpr unsigned char coded[] = {
      0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xb3, 0x51, 0x74,
      0xf1, 0x77, 0x0e, 0x89, 0x0c, 0x70, 0x55, 0xc8, 0x28, 0xc9, 0xcd, 0xb1, 0xb3,
      0x29, 0xc9, 0x2c, 0xc9, 0x49, 0xb5, 0x0b, 0xb1, 0xd1, 0x87, 0x30, 0x6c, 0x12,
      0x15, 0x32, 0x8a, 0x52, 0xd3, 0x6c, 0x2b, 0xec, 0x2a, 0x6d, 0xf4, 0x13, 0xed,
      0x00, 0xd4, 0x82, 0xbc, 0x52, 0x2e, 0x00, 0x00, 0x00};
  const std::string_view body{reinterpret_cast<const char*>(coded), sizeof coded};
  const auto read = facts({{"Content-Encoding", "gzip"}}, body);
  EXPECT_EQ(links(read), "http://host.example/x page");
  EXPECT_EQ(read.content_type, "text/html");
}

TEST(PageFacts, APictureOfLinksIsRead) {
  EXPECT_EQ(links(facts({{"Content-Type", "image/svg+xml"}},
                        "<svg xmlns:xlink='http://www.w3.org/1999/xlink'><a xlink:href='x'/>"
                        "<image href='y.png'/></svg>")),
            "http://host.example/x page | http://host.example/y.png embed");
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
