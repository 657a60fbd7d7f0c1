#include "core/crawl/pages/sitemap_body.hpp"

#include "tests/support/temp_dir.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace trawl::crawl {
namespace {

constexpr int entries = 5000;

std::string urlset() {
  std::string text = "<urlset>";
  for (int i = 0; i < entries; ++i) text += fmt::format("<url><loc>http://a/{}</loc></url>", i);
  return text + "</urlset>";
}

struct Read {
  std::size_t entries = 0;
  std::size_t largest_batch = 0;
  web::SitemapSummary summary;
};

Read read(const PageSource& source, bool whole = true) {
  Read result;
  SitemapBody body{source, whole};
  for (auto batch = body.next(100); !batch.empty(); batch = body.next(100)) {
    EXPECT_EQ(batch.front().loc, fmt::format("http://a/{}", result.entries));
    result.entries += batch.size();
    result.largest_batch = std::max(result.largest_batch, batch.size());
  }
  EXPECT_TRUE(body.next(100).empty());
  result.summary = body.summary();
  return result;
}

TEST(SitemapBody, MemoryAndFilesGiveTheSameEntriesInBatches) {
  const support::TempDir dir;
  const auto url = *web::Url::parse("http://a/sitemap.xml");
  const std::string text = urlset();
  const http::Headers headers;
  const auto file = dir.write("body", text).string();
  for (const bool in_file : {false, true}) {
    const Read result = read({.url = url,
                              .headers = headers,
                              .body = in_file ? std::string_view{} : std::string_view{text},
                              .body_file = in_file ? file : std::string{}});
    EXPECT_EQ(result.entries, std::size_t{entries});
    EXPECT_LT(result.largest_batch, std::size_t{entries});
    EXPECT_EQ(result.summary.type, web::SitemapType::urlset);
    EXPECT_EQ(result.summary.error, "");
  }
}

TEST(SitemapBody, ABodyThatWasCutOrCodedBadlySaysSo) {
  const auto url = *web::Url::parse("http://a/sitemap.xml");
  const std::string cut = "<urlset><url><loc>/0</loc></url><url><loc>/1";
  const http::Headers plain;
  const Read result = read({.url = url, .headers = plain, .body = cut}, false);
  EXPECT_EQ(result.entries, 1U);
  EXPECT_EQ(result.summary.error, "it was cut before its end");
  for (const char* coding : {"gzip", "unheard-of"}) {
    const http::Headers coded{{"Content-Encoding", coding}};
    const Read bad = read({.url = url, .headers = coded, .body = cut});
    EXPECT_EQ(bad.entries, 0U);
    EXPECT_FALSE(bad.summary.type);
    EXPECT_EQ(bad.summary.error, "it was cut before its end");
  }
}

TEST(SitemapBody, OnlyXmlMayBeASitemapThatNobodyAnnounced) {
  const auto may_be = [](const char* type) {
    return may_be_sitemap(http::Headers{{"Content-Type", type}});
  };
  EXPECT_TRUE(may_be("application/xml"));
  EXPECT_TRUE(may_be("text/xml; charset=utf-8"));
  EXPECT_FALSE(may_be("application/xhtml+xml"));
  EXPECT_FALSE(may_be("text/html"));
  EXPECT_FALSE(may_be("text/plain"));
}

}  // namespace
}  // namespace trawl::crawl
