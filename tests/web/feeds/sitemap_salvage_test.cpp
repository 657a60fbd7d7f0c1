// Damaged and hostile sitemaps: what can be read is kept, the error says what was wrong, and memory
// and time stay bounded.
#include "core/base/limits.hpp"
#include "core/web/feeds/sitemap.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <string>
#include <string_view>
#include <vector>

namespace trawl::web {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

const Url base = *Url::parse("https://host.example/sitemap.xml");

struct Read {
  std::vector<std::string> paths;
  std::string error;
};

Read read(std::string_view body) {
  const Sitemap sitemap = parse_sitemap(body, base);
  Read result{.paths = {}, .error = sitemap.summary.error};
  for (const SitemapEntry& entry : sitemap.entries)
    result.paths.push_back(entry.loc.substr(base.origin().size()));
  return result;
}

class Gzip {
 public:
  Gzip() { deflateInit2(&stream_, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY); }
  ~Gzip() { deflateEnd(&stream_); }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  void add(std::string_view text, int flush = Z_NO_FLUSH) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream_.avail_in = static_cast<uInt>(text.size());
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(out_.data());
      stream_.avail_out = static_cast<uInt>(out_.size());
      deflate(&stream_, flush);
      file_.append(out_, 0, out_.size() - stream_.avail_out);
    } while (stream_.avail_out == 0);
  }
  std::string finish() {
    add({}, Z_FINISH);
    return file_;
  }

 private:
  z_stream stream_{};
  std::string file_, out_ = std::string(1 << 16, '\0');
};

TEST(SitemapSalvage, ABareAmpersandStaysInItsUrl) {
  const Read result = read("<urlset>\n<url><loc>/?a=1&b=2</loc></url></urlset>");
  EXPECT_THAT(result.paths, ElementsAre("/?a=1&b=2"));
  EXPECT_EQ(result.error, "line 2: '&' that begins no predefined entity");
}

TEST(SitemapSalvage, ACutSitemapKeepsWhatIsWhole) {
  const std::string_view whole = "<urlset><url><loc>/one</loc></url><url><loc>/two</loc></url>";
  const Read in_text = read("<urlset><url><loc>/one</loc></url><url><loc>/tw");
  EXPECT_THAT(in_text.paths, ElementsAre("/one"));
  EXPECT_EQ(in_text.error, "the document ends before its elements do");
  for (const std::string_view tail : {"<", "</", "</lo", "</loc"})
    EXPECT_THAT(read("<urlset><url><loc>/one" + std::string(tail)).paths, ElementsAre("/one"));
  EXPECT_THAT(read(whole).paths, ElementsAre("/one", "/two"));
  const Sitemap text = parse_sitemap("https://host.example/one", base);
  EXPECT_EQ(text.entries.size(), 1u);
}

TEST(SitemapSalvage, WhatIsBeforeAndAfterTheDamageIsKept) {
  for (const std::string_view damage :
       {"<url><loc>/lost", "<url><lastmod>x</url>", "< <<", "<url", "&&;", "</urlset>", "</b>",
        "<url><loc>\x01</loc></url>", "<a b=\"c>", "\xFF\xFE", "]]>", "<b c=1 d>"}) {
    const Read result = read(fmt::format(
        "<urlset><url><loc>/one</loc></url>\n{}\n<url><loc>/two</loc></url></urlset>", damage));
    EXPECT_THAT(result.paths, testing::Contains("/one")) << damage;
    EXPECT_THAT(result.paths, testing::Contains("/two")) << damage;
  }
}

TEST(SitemapSalvage, AFaultInEveryEntryCostsNoEntry) {
  std::string body = "<urlset>";
  for (int i = 0; i < 2000; ++i) body += fmt::format("<url><loc>/{}</url></b>", i);
  EXPECT_EQ(read(body + "</urlset>").paths.size(), 2000u);
}

TEST(SitemapSalvage, TwoDocumentsInOneAreBothRead) {
  EXPECT_THAT(read("<?xml version='1.0'?><urlset><url><loc>/one</loc></url></urlset>\n"
                   "<?xml version='1.0'?><urlset><url><loc>/two</loc></url></urlset>")
                  .paths,
              ElementsAre("/one", "/two"));
  EXPECT_THAT(read("Warning: foo() in bar.php on line 3\n"
                   "<?xml version='1.0'?><urlset><url><loc>/one</loc></url></urlset>")
                  .paths,
              ElementsAre("/one"));
}

TEST(SitemapSalvage, EntriesThatAreNoUrlAreCounted) {
  const Read result = read(
      "<urlset><url><loc>http://[</loc></url><url><loc>mailto:x@y</loc></url><url><loc/></url>"
      "<url><loc>/one</loc></url></urlset>");
  EXPECT_THAT(result.paths, ElementsAre("/one"));
  EXPECT_EQ(result.error, "2 entries are no URL to fetch: http://[");
}

TEST(SitemapSalvage, ABillionLaughsAreNotTold) {
  std::string laughs = "<?xml version='1.0'?><!DOCTYPE urlset [<!ENTITY l0 \"/lol\">";
  for (int i = 1; i < 40; ++i)
    laughs += fmt::format("<!ENTITY l{0} \"&l{1};&l{1};&l{1};&l{1};\">", i, i - 1);
  laughs += "]><urlset><url><loc>/a&l39;</loc></url></urlset>";
  const Read result = read(laughs);
  EXPECT_THAT(result.paths, ElementsAre("/a&l39;"));
  EXPECT_EQ(result.error, "line 1: '&' that begins no predefined entity");
}

TEST(SitemapSalvage, NoFileOfTheMachineIsRead) {
  EXPECT_THAT(read("<!DOCTYPE urlset [<!ENTITY x SYSTEM 'file:///etc/hostname'>]>"
                   "<urlset><url><loc>/a?&x;</loc></url></urlset>")
                  .paths,
              ElementsAre("/a?&x;"));
  EXPECT_THAT(read("<urlset xmlns:xi='http://www.w3.org/2001/XInclude'><url><loc>"
                   "<xi:include href='file:///etc/hostname' parse='text'/></loc></url></urlset>")
                  .paths,
              IsEmpty());
}

TEST(SitemapSalvage, EndlessNestingEnds) {
  std::string deep = "<urlset><url><loc>/one</loc></url>";
  for (int i = 0; i < 2'000'000; ++i) deep += "<url>";
  const Read result = read(deep);
  EXPECT_THAT(result.paths, ElementsAre("/one"));
  EXPECT_THAT(result.error, StartsWith("elements are nested deeper than"));
}

TEST(SitemapSalvage, ALongLocIsRefused) {
  const Read result = read("<urlset><url><loc>/" + std::string(10'000'000, 'a') +
                           "</loc></url><url><loc>/one</loc></url></urlset>");
  EXPECT_THAT(result.paths, ElementsAre("/one"));
  EXPECT_THAT(result.error, StartsWith("one entry is no URL to fetch: /aaa"));
}

TEST(SitemapSalvage, EntriesAreCountedAgainstABound) {
  std::uint64_t count = 0;
  SitemapReader reader{base, {}, [&](const SitemapEntry&) { ++count; }};
  const std::string entry = "<url><loc>/a</loc></url>";
  bool more = reader.feed("<urlset>");
  for (std::size_t i = 0; more && i < 2 * limits::sitemap_urls_max; ++i) more = reader.feed(entry);
  EXPECT_FALSE(more);
  const SitemapSummary summary = reader.finish();
  EXPECT_EQ(count, limits::sitemap_urls_max);
  EXPECT_EQ(summary.entries, count);
  EXPECT_THAT(summary.error, StartsWith("more than 250000 URLs"));
}

// A gigabyte of blanks in a megabyte.
TEST(SitemapSalvage, AGzipBombEndsAtTheBound) {
  const std::string blanks(1 << 20, ' ');
  Gzip bomb;
  bomb.add("<urlset><url><loc>/one</loc></url>");
  for (int i = 0; i < 256; ++i) bomb.add(blanks);
  bomb.add("<url><loc>/two</loc></url></urlset>");
  const Read result = read(bomb.finish());
  EXPECT_THAT(result.paths, ElementsAre("/one"));
  EXPECT_THAT(result.error, StartsWith("more than 50 MiB uncompressed"));
}

TEST(SitemapSalvage, ADamagedGzipFileGivesWhatCameBefore) {
  const std::string_view gzip = "\x1F\x8B\x08\x00\x00\x00\x00\x00\x00\x03";
  const Read result = read(gzip);
  EXPECT_THAT(result.paths, IsEmpty());
  EXPECT_NE(result.error, "");
}

// The first is shorter than what the form is told by.
TEST(SitemapSalvage, AGzipFileWithAWrongChecksumKeepsItsEntries) {
  for (const std::size_t entries : {2u, 1000u}) {
    Gzip gzip;
    gzip.add("<urlset>");
    for (std::size_t i = 0; i < entries; ++i) gzip.add("<url><loc>/one</loc></url>");
    gzip.add("</urlset>");
    std::string file = gzip.finish();
    file[file.size() - 8] ^= 1;
    const Read result = read(file);
    EXPECT_EQ(result.paths.size(), entries);
    EXPECT_EQ(result.error, "the gzip file is damaged");
  }
}

TEST(SitemapSalvage, AGzippedListThatIsDamagedKeepsItsWholeLines) {
  Gzip gzip;
  gzip.add("https://host.example/one\nhttps://host.example/tw");
  std::string file = gzip.finish();
  file[file.size() - 8] ^= 1;
  EXPECT_THAT(read(file).paths, ElementsAre("/one"));
}

}  // namespace
}  // namespace trawl::web
