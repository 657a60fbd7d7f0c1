#include "core/web/links/json_ld.hpp"

#include "core/web/xml/json_reader.hpp"

#include <gtest/gtest.h>

#include <string>

namespace trawl::web {
namespace {

// "KEY KIND URL; …".
std::string urls(std::string_view text) {
  std::string out;
  for (const JsonLdUrl& found : json_ld_urls(text)) {
    out.append(found.key).append(" ").append(to_string(found.kind)).append(" ");
    out.append(found.url).append("; ");
  }
  return out;
}

// "TAG ATTRIBUTE KIND URL; …".
std::string page_links(std::string_view html) {
  static const Url base = *Url::parse("http://host.example/folder/page");
  std::string out;
  for (const Link& link : extract_links(html, base).links) {
    out.append(link.tag).append(" ").append(link.attribute).append(" ");
    out.append(to_string(link.kind)).append(" ").append(link.url).append("; ");
  }
  return out;
}

TEST(JsonLd, UrlsHaveTheKindOfTheirMember) {
  EXPECT_EQ(urls(R"({"@context": "https://schema.org", "@type": "Article", "url": "/a",
                     "image": "/i.png", "contentUrl": "/v.mp4", "headline": "http://x/",
                     "sameAs": ["http://w/1", "http://w/2"], "@id": "http://w/me"})"),
            "url page /a; image embed /i.png; contentUrl embed /v.mp4; sameAs other http://w/1; "
            "sameAs other http://w/2; @id other http://w/me; ");
}

TEST(JsonLd, AnObjectStandsForWhatItIsTheValueOf) {
  EXPECT_EQ(urls(R"({"logo": {"@id": "#logo", "url": "/l.png"},
                     "image": [{"url": "/1.png", "creator": {"url": "/me"}}, "/2.png"],
                     "mainEntityOfPage": {"@type": "WebPage", "@id": "/p"}})"),
            "@id other #logo; url embed /l.png; url embed /1.png; url page /me; "
            "image embed /2.png; @id page /p; ");
}

TEST(JsonLd, BreadcrumbsAndGraphsAreRead) {
  EXPECT_EQ(urls(R"({"@graph": [{"@type": "BreadcrumbList", "itemListElement": [
                     {"position": 1, "item": {"@id": "/b", "name": "B"}},
                     {"position": 2, "item": "/c"}]}]})"),
            "@id page /b; item page /c; ");
}

TEST(JsonLd, AContextHoldsNoLinksButItsBaseCounts) {
  EXPECT_EQ(urls(R"([{"@context": ["http://v/", {"@base": "http://b/x/", "url": {"@id": "y:url"},
                     "image": "http://v/i", "deep": {"@context": {"url": "z"}}}], "url": "a"}])"),
            "url page http://b/x/a; ");
  EXPECT_EQ(urls(R"({"@context": {"@base": "relative/"}, "url": "a"})"), "url page a; ");
}

TEST(JsonLd, TemplatesBlankNodesAndSentencesAreNoAddresses) {
  EXPECT_EQ(urls(R"({"url": "/s?q={term}", "@id": "_:b0", "image": "a red car", "item": ""})"), "");
}

TEST(JsonLd, BadJsonIsIgnored) {
  EXPECT_EQ(urls(R"({"url": "/a")"), "");
  EXPECT_EQ(urls(R"({"url": "/a",})"), "");
  EXPECT_EQ(urls(R"(<!-- {"url": "/a"} -->)"), "");
  EXPECT_EQ(urls(R"({"url": "/a"} {"url": "/b"})"), "");
  EXPECT_EQ(urls(""), "");
  EXPECT_EQ(urls(std::string(100'000, '[')), "");
  EXPECT_EQ(urls(R"({"url": ")" + std::string(70'000, 'a') + R"(", "item": "/b"})"),
            "item page /b; ");
}

TEST(JsonLd, AScriptOfItsTypeIsReadAndResolvedLikeThePage) {
  EXPECT_EQ(page_links("<base href=/b/><script type='Application/LD+JSON; charset=utf-8'>"
                       "{\"url\": \"a\\u002fb\", \"@id\": \"urn:x\"}</script><a href=z>"),
            "script url page http://host.example/b/a/b; a href page http://host.example/b/z; ");
  EXPECT_EQ(page_links("<script>{\"url\": \"a\"}</script><script type=application/json>"
                       "{\"url\": \"b\"}</script><template><script type=application/ld+json>"
                       "{\"url\": \"c\"}</script></template>"),
            "");
}

class Counter : public JsonHandler {
 public:
  void on_open(bool array) override { text += array ? "[" : "{"; }
  void on_close() override { text += "<"; }
  void on_key(std::string_view name) override { text.append(name) += ":"; }
  void on_string(std::string_view string) override { text.append(string) += ","; }
  void on_other() override { text += "?,"; }
  std::string text;
};

TEST(JsonReader, BlocksMayBeCutAnywhere) {
  const std::string json =
      "\xEF\xBB\xBF {\"k\\u00fc\": [\"a\\\"b\", -1.5e3, true, null, {}], \"x\": \"\xFF\"} \n ";
  std::string whole;
  for (std::size_t block = 1; block <= json.size(); ++block) {
    Counter counter;
    JsonReader reader(counter);
    for (std::size_t at = 0; at < json.size(); at += block) {
      ASSERT_TRUE(reader.feed(std::string_view(json).substr(at, block))) << block << " " << at;
    }
    ASSERT_TRUE(reader.finish()) << block;
    EXPECT_EQ(counter.text, "{k\xC3\xBC:[a\"b,?,?,?,{<<x:\xFF,<") << block;
  }
}

TEST(JsonReader, WhatIsNoJsonIsRefusedAndStaysSo) {
  for (const char* bad : {"", "  ", "{", "{} x", "{}{}", "\"a", "nul", "[1,]"}) {
    Counter counter;
    JsonReader reader(counter);
    const bool fed = reader.feed(bad);
    EXPECT_FALSE(reader.finish() && fed) << bad;
    EXPECT_FALSE(reader.finish()) << bad;
  }
}

}  // namespace
}  // namespace trawl::web
