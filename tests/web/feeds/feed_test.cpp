#include "core/web/feeds/feed.hpp"

#include "core/base/limits.hpp"

#include <gtest/gtest.h>

#include <string>

namespace trawl::web {
namespace {

const Url url = *Url::parse("http://host.example/blog/feed.xml");

PageLinks read(std::string_view content_type, std::string_view body, std::size_t block = 0) {
  const MediaType type = parse_media_type(content_type);
  FeedReader reader(*feed_format(type), type, url);
  if (block == 0) block = body.size() + 1;
  for (std::size_t at = 0; at < body.size(); at += block)
    if (!reader.feed(body.substr(at, block))) break;
  return reader.finish();
}

// "TAG KIND URL; …", with the tag's attribute where there is one.
std::string links(std::string_view content_type, std::string_view body, std::size_t block = 0) {
  std::string out;
  for (const Link& link : read(content_type, body, block).links) {
    out.append(link.tag);
    if (!link.attribute.empty()) out.append(".").append(link.attribute);
    out.append(" ").append(to_string(link.kind)).append(" ").append(link.url).append("; ");
  }
  return out;
}

constexpr std::string_view rss = R"(<?xml version="1.0"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"
     xmlns:media="http://search.yahoo.com/mrss/"
     xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"
     xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
  <title>News &amp;
     more</title><link>http://host.example/</link>
  <docs>http://www.rssboard.org/rss-specification</docs>
  <atom:link href="/blog/feed.xml" rel="self" type="application/rss+xml"/>
  <atom:link href="?page=2" rel="next"/>
  <image><url>/logo.png</url><title>Logo</title><link>/home</link></image>
  <textInput><title>Search</title><name>q</name><link>/search</link></textInput>
  <itunes:image href="/cover.jpg"/>
  <item><title>One</title><link> http://host.example/1?a=1&amp;b=2 </link>
    <guid>http://host.example/1</guid><comments>/1#comments</comments>
    <description>&lt;a href="/in-text"&gt;x&lt;/a&gt;</description>
    <content:encoded><![CDATA[<img src="/in-text.png">]]></content:encoded>
    <enclosure url="/1.mp3" length="5" type="audio/mpeg"/>
    <media:group><media:content url="/1.mp4"/><media:thumbnail url="/1.jpg"/></media:group>
    <source url="http://other.example/rss">Other</source></item>
  <item><guid isPermaLink="false">http://host.example/id</guid><link><![CDATA[/2]]></link></item>
  <item><guid>urn:3</guid><guid>no-url</guid></item>
</channel></rss>)";

constexpr std::string_view rss_links =
    "link page http://host.example/; docs other http://www.rssboard.org/rss-specification; "
    "link.href feed http://host.example/blog/feed.xml; "
    "link.href feed http://host.example/blog/feed.xml?page=2; "
    "url embed http://host.example/logo.png; link page http://host.example/home; "
    "link other http://host.example/search; image.href embed http://host.example/cover.jpg; "
    "link page http://host.example/1?a=1&b=2; guid page http://host.example/1; "
    "comments page http://host.example/1#comments; "
    "enclosure.url embed http://host.example/1.mp3; content.url embed http://host.example/1.mp4; "
    "thumbnail.url embed http://host.example/1.jpg; source.url feed http://other.example/rss; "
    "link page http://host.example/2; ";

TEST(Feed, RssGivesItemsEnclosuresAndItself) {
  EXPECT_EQ(links("application/rss+xml", rss), rss_links);
  EXPECT_EQ(links("text/xml; charset=utf-8", rss), rss_links);
  EXPECT_EQ(read("application/rss+xml", rss).title, "News & more");
}

TEST(Feed, BlocksMayBeCutAnywhere) {
  for (const std::size_t block : {1U, 2U, 3U, 7U, 61U, 1000U})
    EXPECT_EQ(links("text/xml", rss, block), rss_links) << block;
}

TEST(Feed, Rss1IsReadAsRdf) {
  EXPECT_EQ(links("application/rdf+xml",
                  R"(<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
                     xmlns="http://purl.org/rss/1.0/"><channel rdf:about="http://a/x">
                     <title>T</title><link>http://a/</link></channel>
                     <image rdf:about="x"><url>http://a/i.png</url></image>
                     <item rdf:about="http://a/1"><link>http://a/1</link></item></rdf:RDF>)"),
            "link page http://a/; url embed http://a/i.png; link page http://a/1; ");
}

// RFC 4287, RFC 5005.
TEST(Feed, AtomLinksHaveTheKindOfTheirRelation) {
  EXPECT_EQ(
      links("application/atom+xml",
            R"(<feed xmlns="http://www.w3.org/2005/Atom"><title type="html">A&amp;amp;B</title>
                     <link href="/"/><link rel="self" href="/feed"/><link rel="next" href="/feed?2"/>
                     <link rel="hub" href="http://hub.example/"/><icon>/i.ico</icon>
                     <entry><link rel="alternate" href="/1" type="text/html"/>
                     <link rel="enclosure" href="/1.mp3"/><link rel="edit" href="/edit/1"/>
                     <link rel="replies" href="/1/feed" type="application/atom+xml"/>
                     <link rel="related" href="/0"/><content src="/1.html"/>
                     <author><name>N</name><uri>/me</uri></author><id>http://host.example/id</id>
                     </entry></feed>)"),
      "link.href page http://host.example/; link.href feed http://host.example/feed; "
      "link.href feed http://host.example/feed?2; link.href other http://hub.example/; "
      "icon embed http://host.example/i.ico; link.href page http://host.example/1; "
      "link.href embed http://host.example/1.mp3; "
      "link.href other http://host.example/edit/1; "
      "link.href feed http://host.example/1/feed; link.href page http://host.example/0; "
      "content.src page http://host.example/1.html; uri page http://host.example/me; ");
}

// XML Base.
TEST(Feed, XmlBaseHoldsInItsElement) {
  EXPECT_EQ(links("application/atom+xml",
                  R"(<feed xmlns="http://www.w3.org/2005/Atom" xml:base="http://b.example/x/">
                     <link href="1"/><entry xml:base="y/"><link href="2"/></entry>
                     <link href="3"/></feed>)"),
            "link.href page http://b.example/x/1; link.href page http://b.example/x/y/2; "
            "link.href page http://b.example/x/3; ");
}

TEST(Feed, OtherXmlGivesNothing) {
  EXPECT_EQ(links("text/xml", "<a><link>http://a/</link></a>"), "");
  EXPECT_EQ(links("text/xml", "<html xmlns='http://www.w3.org/1999/xhtml'><link/></html>"), "");
  EXPECT_EQ(links("text/xml", "<feed><link href='/x'/></feed>"), "");
  EXPECT_EQ(links("text/xml", "no XML at all"), "");
  EXPECT_EQ(links("text/xml", ""), "");
  EXPECT_FALSE(feed_format(parse_media_type("image/svg+xml")));
  EXPECT_FALSE(feed_format(parse_media_type("text/plain")));
  EXPECT_FALSE(feed_format(parse_media_type("")));
}

TEST(Feed, DamageEndsNothingBeforeIt) {
  EXPECT_EQ(links("text/xml",
                  "<rss><channel><item><link>/1</link><title>a & b <br></title></item>"
                  "<item><link>/2</link></item><item><link>/3"),
            "link page http://host.example/1; link page http://host.example/2; ");
}

TEST(Feed, NoEntityIsExpandedAndNoFileRead) {
  EXPECT_EQ(links("text/xml",
                  "<!DOCTYPE rss [<!ENTITY a SYSTEM 'file:///etc/passwd'><!ENTITY b 'http://b/'>"
                  "<!ENTITY c '&b;&b;&b;'>]><rss><link>/&c;</link><link>&a;</link></rss>")
                .find("http://b/"),
            std::string::npos);
}

TEST(Feed, ItsCharsetIsThatOfXml) {
  const auto in = [](std::string_view content_type, std::string_view body) {
    const MediaType type = parse_media_type(content_type);
    FeedReader reader(FeedFormat::xml, type, url);
    reader.feed(body);
    return std::pair{reader.finish().title, reader.charset()};
  };
  const std::string body =
      "<?xml version='1.0' encoding='ISO-8859-1'?><rss><title>\xFC</title></rss>";
  EXPECT_EQ(in("text/xml", body), (std::pair<std::string, std::string>{"ü", "windows-1252"}));
  EXPECT_EQ(in("text/xml; charset=koi8-r", body),
            (std::pair<std::string, std::string>{"Э", "KOI8-R"}));
}

// https://www.jsonfeed.org/version/1.1/
constexpr std::string_view json = R"({"version": "https://jsonfeed.org/version/1.1", "title": "T",
  "home_page_url": "http://host.example/", "feed_url": "/feed.json", "next_url": "?page=2",
  "icon": "/i.png", "hubs": [{"type": "x", "url": "/hub"}], "authors": [{"url": "/me",
  "avatar": "/me.png"}], "_extension": {"url": "/x", "items": [{"url": "/x"}]},
  "items": [{"id": "http://host.example/id", "url": "/1", "external_url": "http://x.example/",
  "image": "/1.png", "content_html": "<a href=/in-text>", "tags": ["/no"],
  "attachments": [{"url": "/1.mp3", "mime_type": "audio/mpeg"}]}, {"url": 5}, {"url": "/2"}]})";

constexpr std::string_view json_links =
    "feed.home_page_url page http://host.example/; "
    "feed.feed_url feed http://host.example/feed.json; "
    "feed.next_url feed http://host.example/blog/feed.xml?page=2; "
    "feed.icon embed http://host.example/i.png; hub.url other http://host.example/hub; "
    "author.url page http://host.example/me; author.avatar embed http://host.example/me.png; "
    "item.url page http://host.example/1; item.external_url page http://x.example/; "
    "item.image embed http://host.example/1.png; "
    "attachment.url embed http://host.example/1.mp3; item.url page http://host.example/2; ";

TEST(Feed, JsonFeedGivesItemsAttachmentsAndItself) {
  EXPECT_EQ(links("application/feed+json", json), json_links);
  EXPECT_EQ(links("application/json", json), json_links);
  EXPECT_EQ(links("application/json", json, 5), json_links);
  EXPECT_EQ(read("application/json", json).title, "T");
}

TEST(Feed, OtherJsonGivesNothing) {
  EXPECT_EQ(links("application/json", R"({"title": "T", "items": [{"url": "/1"}]})"), "");
  EXPECT_EQ(links("application/json", R"([{"version": "https://jsonfeed.org/version/1"}])"), "");
  EXPECT_EQ(links("application/feed+json", R"({"items": [{"url": "/1"}, {"url": "/2)"),
            "item.url page http://host.example/1; ");
  EXPECT_EQ(links("application/feed+json", "nonsense"), "");
}

TEST(Feed, LinksAndAddressesAreBounded) {
  std::string body = "<rss><link>" + std::string(200'000, 'a') + "</link>";
  for (int i = 0; i < 60'000; ++i) body += "<link>/x</link>";
  const PageLinks page = read("text/xml", body);
  EXPECT_EQ(page.links.size(), limits::links_per_page_max);
  EXPECT_TRUE(page.links_cut);
}

}  // namespace
}  // namespace trawl::web
