#include "core/web/feeds/sitemap.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <string>
#include <string_view>
#include <vector>

namespace trawl::web {
namespace {

using namespace std::string_view_literals;
using testing::ElementsAre;
using testing::IsEmpty;

const Url base = *Url::parse("https://host.example/maps/sitemap.xml");

Sitemap parse(std::string_view body, std::string_view charset = {}) {
  return parse_sitemap(body, base, charset);
}

std::vector<std::string> locs(const Sitemap& sitemap) {
  std::vector<std::string> all;
  for (const SitemapEntry& entry : sitemap.entries) all.push_back(entry.loc);
  return all;
}

std::string gzipped(std::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

// https://www.sitemaps.org/protocol.html, "XML tag definitions".
TEST(Sitemap, AUrlsetsEntriesKeepAllTheirFields) {
  const Sitemap sitemap = parse(
      "<?xml version='1.0' encoding='UTF-8'?>"
      "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url>"
      "<loc>http://www.example.com/a?b=1&amp;c=2#part</loc><lastmod>2005-01-01</lastmod>"
      "<changefreq>Monthly</changefreq><priority>0.8</priority></url>"
      "<url><loc>https://host.example/</loc><lastmod>soon</lastmod><priority>7</priority>"
      "<changefreq>rarely</changefreq></url></urlset>");
  EXPECT_EQ(sitemap.summary.type, SitemapType::urlset);
  EXPECT_EQ(sitemap.summary.error, "");
  EXPECT_EQ(sitemap.summary.entries, 2u);
  ASSERT_EQ(sitemap.entries.size(), 2u);
  const SitemapEntry& entry = sitemap.entries[0];
  EXPECT_EQ(entry.loc, "http://www.example.com/a?b=1&c=2");
  EXPECT_EQ(entry.lastmod, "2005-01-01");
  EXPECT_EQ(format_rfc3339(*entry.lastmod_time), "2005-01-01T00:00:00.000Z");
  EXPECT_EQ(entry.changefreq, "monthly");
  EXPECT_EQ(entry.priority, 0.8);
  EXPECT_EQ(sitemap.entries[1].lastmod, "");
  EXPECT_FALSE(sitemap.entries[1].lastmod_time);
  EXPECT_EQ(sitemap.entries[1].changefreq, "");
  EXPECT_FALSE(sitemap.entries[1].priority);
}

TEST(Sitemap, AnIndexListsSitemaps) {
  const Sitemap sitemap = parse(
      "<sitemapindex><sitemap><loc>/a.xml.gz</loc><lastmod>2024-01-01T00:00Z</lastmod></sitemap>"
      "</sitemapindex>");
  EXPECT_EQ(sitemap.summary.type, SitemapType::index);
  EXPECT_THAT(locs(sitemap), ElementsAre("https://host.example/a.xml.gz"));
  EXPECT_EQ(sitemap.entries[0].lastmod, "2024-01-01T00:00Z");
}

TEST(Sitemap, AnAttributeOfALocIsNoneOfItsText) {
  const Sitemap sitemap =
      parse("<urlset><url><loc href='x'>http://www.example.com/a</loc></url></urlset>");
  EXPECT_THAT(locs(sitemap), ElementsAre("http://www.example.com/a"));
}

TEST(Sitemap, FeedsAreSitemapsOfTheirItems) {
  const Sitemap rss = parse(
      "<rss version='2.0' "
      "xmlns:atom='http://www.w3.org/2005/Atom'><channel><link>https://no/</link>"
      "<item><atom:link href='https://no/2' rel='self'/><link>https://a/1</link>"
      "<pubDate>Sun, 06 Sep 2009 16:20:00 +0200</pubDate></item>"
      "<item><guid>urn:x:1</guid></item></channel></rss>");
  EXPECT_EQ(rss.summary.type, SitemapType::feed);
  EXPECT_THAT(locs(rss), ElementsAre("https://a/1"));
  EXPECT_EQ(rss.entries[0].lastmod, "2009-09-06T14:20:00Z");
  EXPECT_EQ(rss.summary.error, "");

  const Sitemap atom = parse(
      "<feed xmlns='http://www.w3.org/2005/Atom'><link href='https://no/'/>"
      "<entry><link rel='self' href='https://no/3'/><link href='1'/><link href='2'/>"
      "<published>2020-01-01T00:00:00Z</published><updated>2021-01-01T00:00:00Z</updated></entry>"
      "<entry><link rel='alternate' href='https://a/2'/>"
      "<published>2020-01-01T00:00:00Z</published></entry></feed>");
  EXPECT_THAT(locs(atom), ElementsAre("https://host.example/maps/1", "https://a/2"));
  EXPECT_EQ(atom.entries[0].lastmod, "2021-01-01T00:00:00Z");
  EXPECT_EQ(atom.entries[1].lastmod, "2020-01-01T00:00:00Z");

  const Sitemap rdf = parse(
      "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' "
      "xmlns='http://purl.org/rss/1.0/' xmlns:dc='http://purl.org/dc/elements/1.1/'>"
      "<channel><link>https://no/</link></channel>"
      "<item><link>https://a/3</link><dc:date>2022-02-02</dc:date></item></rdf:RDF>");
  EXPECT_THAT(locs(rdf), ElementsAre("https://a/3"));
  EXPECT_EQ(rdf.entries[0].lastmod, "2022-02-02");
}

TEST(Sitemap, ATextHasOneUrlALine) {
  const Sitemap sitemap = parse("\xEF\xBB\xBF\r\nhttps://a/1\r\n\n host.example/2 \nhttps://a/3");
  EXPECT_EQ(sitemap.summary.type, SitemapType::text);
  EXPECT_THAT(locs(sitemap), ElementsAre("https://a/1", "https://host.example/2", "https://a/3"));
  EXPECT_EQ(sitemap.summary.error, "");
  const Sitemap with_prose = parse("https://a/1\nthe next\nftp://a/2\n");
  EXPECT_THAT(locs(with_prose), ElementsAre("https://a/1"));
  EXPECT_EQ(with_prose.summary.error, "2 entries are no URL to fetch: the next");
}

TEST(Sitemap, ExtensionsAndOtherNamespacesAreNotItsPages) {
  const Sitemap sitemap = parse(
      "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:i='urn:image' "
      "xmlns:x='http://www.w3.org/1999/xhtml'><url><i:loc>https://no/1</i:loc>"
      "<i:image><i:loc>https://no/2</i:loc><loc>https://no/3</loc></i:image>"
      "<x:link rel='alternate' href='https://no/4'/><loc>https://a/</loc>"
      "<news:loc>https://no/5</news:loc></url></urlset>");
  EXPECT_THAT(locs(sitemap), ElementsAre("https://a/"));
  EXPECT_EQ(sitemap.summary.error, "");
}

TEST(Sitemap, AWrongNamespaceIsNamedAndReadAllTheSame) {
  for (const std::string_view space : {"", " xmlns='http://www.google.com/schemas/sitemap/0.84'",
                                       " xmlns='https://www.sitemaps.org/schemas/sitemap/0.9'"}) {
    const Sitemap sitemap =
        parse("<urlset" + std::string(space) + "><url><loc>https://a/</loc></url></urlset>");
    EXPECT_EQ(sitemap.summary.error, "") << space;
    EXPECT_EQ(sitemap.entries.size(), 1u) << space;
  }
  const Sitemap wrong =
      parse("<urlset xmlns='urn:other'><url><loc>https://a/</loc></url></urlset>");
  EXPECT_EQ(wrong.summary.error, "the namespace of <urlset> is not that of sitemaps: urn:other");
  EXPECT_EQ(wrong.entries.size(), 1u);
  const Sitemap undeclared = parse("<s:urlset><s:url><s:loc>https://a/</s:loc></s:url></s:urlset>");
  EXPECT_EQ(undeclared.entries.size(), 1u);
}

TEST(Sitemap, ALocThatIsNoWholeUrlIsNamedAndReadAllTheSame) {
  const Sitemap relative = parse(
      "<urlset><url><loc>https://h/whole</loc></url><url><loc>/a</loc></url>"
      "<url><loc>h/b</loc></url></urlset>");
  EXPECT_EQ(relative.summary.error, "2 locs are no whole URL: /a");
  EXPECT_EQ(relative.entries.size(), 3u);
  const Sitemap feed = parse("<rss><channel><item><link>/a</link></item></channel></rss>");
  EXPECT_EQ(feed.summary.error, "");
  EXPECT_EQ(feed.entries.size(), 1u);
}

TEST(Sitemap, EncodingsAreHeeded) {
  const std::string latin =
      "<?xml version='1.0' encoding='iso-8859-1'?>\n<urlset><url><loc>/\xFC</loc></url></urlset>";
  EXPECT_THAT(locs(parse(latin)), ElementsAre("https://host.example/%C3%BC"));
  std::string wide;
  for (const char c : "\xFF\xFE<urlset><url><loc>/a</loc></url></urlset>"sv) {
    wide += c;
    if (wide.size() > 2) wide += '\0';
  }
  EXPECT_THAT(locs(parse(wide)), ElementsAre("https://host.example/a"));
  EXPECT_THAT(locs(parse("https://a/\xFC\n", "latin1")), ElementsAre("https://a/%C3%BC"));
}

TEST(Sitemap, GzipFilesAreReadWhateverTheyAreCalled) {
  EXPECT_THAT(locs(parse(gzipped("<urlset><url><loc>/a</loc></url></urlset>"))),
              ElementsAre("https://host.example/a"));
  EXPECT_THAT(locs(parse(gzipped("https://a/1\nhttps://a/2"))),
              ElementsAre("https://a/1", "https://a/2"));
}

TEST(Sitemap, BlocksOfAnySizeGiveTheSameEntries) {
  const std::string bodies[] = {
      "\n\n<?xml version='1.0'?><urlset><url><loc>/a&amp;b</loc></url>"
      "<url><loc><![CDATA[/c&d]]></loc></url></urlset>",
      gzipped("<sitemapindex><sitemap><loc>/a</loc></sitemap></sitemapindex>"),
      "https://a/1\r\nhttps://a/2"};
  for (const std::string& body : bodies) {
    const Sitemap whole = parse(body);
    for (const std::size_t block : {1, 7}) {
      std::vector<std::string> found;
      SitemapReader reader{base, {}, [&](SitemapEntry entry) { found.push_back(entry.loc); }};
      for (std::string_view rest = body; !rest.empty();
           rest.remove_prefix(std::min(block, rest.size())))
        reader.feed(rest.substr(0, block));
      EXPECT_EQ(reader.finish().error, whole.summary.error);
      EXPECT_EQ(found, locs(whole));
    }
  }
}

TEST(Sitemap, WhatIsNoneSaysSo) {
  const std::pair<std::string_view, std::string_view> bodies[] = {
      {"", "not a sitemap: neither XML nor a list of URLs"},
      {"Not found", "not a sitemap: neither XML nor a list of URLs"},
      {"<!DOCTYPE html>\n<html><body><a href='/x'>", "not a sitemap: its root element is <html>"},
      {"<!-- nothing -->", "not a sitemap: it has no root element"},
      {"{\"a\": \"https://a/\"}", "not a sitemap: neither XML nor a list of URLs"}};
  for (const auto& [body, error] : bodies) {
    const Sitemap sitemap = parse(body);
    EXPECT_FALSE(sitemap.summary.type) << body;
    EXPECT_EQ(sitemap.summary.error, error) << body;
    EXPECT_THAT(sitemap.entries, IsEmpty());
  }
}

}  // namespace
}  // namespace trawl::web
