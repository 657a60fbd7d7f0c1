#include "core/crawl/url_pattern.hpp"

#include <gtest/gtest.h>

#include <string>

namespace trawl::crawl {

TEST(Glob, MatchesTheWholeText) {
  EXPECT_TRUE(glob_matches("", ""));
  EXPECT_TRUE(glob_matches("*", ""));
  EXPECT_TRUE(glob_matches("***", "abc"));
  EXPECT_TRUE(glob_matches("a?c", "abc"));
  EXPECT_TRUE(glob_matches("a*c", "ac"));
  EXPECT_TRUE(glob_matches("*.pdf", "https://a/b.pdf"));
  EXPECT_TRUE(glob_matches("*a*b", "xaxbxaab"));
  EXPECT_FALSE(glob_matches("", "a"));
  EXPECT_FALSE(glob_matches("abc", "abcd"));
  EXPECT_FALSE(glob_matches("?", ""));
  EXPECT_FALSE(glob_matches("*.pdf", "https://a/b.pdf?x"));
  EXPECT_FALSE(glob_matches("a*b", "A1B"));
}

TEST(Glob, IsNotSlowedDownByManyStars) {
  std::string glob;
  for (int i = 0; i < 500; ++i) glob += "a*";
  EXPECT_FALSE(glob_matches(glob + "b", std::string(20'000, 'a')));
}

TEST(UrlPattern, IsAGlobOnTheWholeUrl) {
  const auto pattern = UrlPattern::create("https://example.org/*/print?");
  ASSERT_TRUE(pattern);
  EXPECT_TRUE(pattern->matches("https://example.org/a/b/print1"));
  EXPECT_TRUE(pattern->matches("https://example.org/a/print?"));
  EXPECT_FALSE(pattern->matches("https://example.org/a/print"));
  EXPECT_EQ(pattern->text(), "https://example.org/*/print?");
}

TEST(UrlPattern, IsAnExpressionAfterRe) {
  const auto pattern = UrlPattern::create("re:[?&]sort=(asc|desc)");
  ASSERT_TRUE(pattern);
  EXPECT_TRUE(pattern->matches("https://example.org/list?a=1&sort=asc"));
  EXPECT_FALSE(pattern->matches("https://example.org/list?sort=none"));
}

TEST(UrlPattern, RefusesAnInvalidExpression) {
  const auto pattern = UrlPattern::create("re:(a");
  ASSERT_FALSE(pattern);
  EXPECT_EQ(pattern.error().code, Errc::config);
  EXPECT_NE(pattern.error().detail.find("missing )"), std::string::npos) << pattern.error().detail;
  EXPECT_FALSE(UrlPattern::create("re:(?=x)"));  // RE2 has no look-ahead
}

TEST(UrlPattern, RefusesAGlobThatNoUrlCanMatch) {
  for (const char* text :
       {"example.org/*", "/private/*", "HTTP://example.org/*", "ftp://x/*", ".pdf"}) {
    const auto pattern = UrlPattern::create(text);
    ASSERT_FALSE(pattern) << text;
    EXPECT_EQ(pattern.error().code, Errc::config);
  }
  EXPECT_NE(
      UrlPattern::create("example.org/*").error().detail.find("did you mean \"*example.org/*\""),
      std::string::npos);
  for (const char* text : {"*", "?*", "http*", "http?://x/", "https://x/*", "ht*", "*/private/*"}) {
    EXPECT_TRUE(UrlPattern::create(text)) << text;
  }
}

}  // namespace trawl::crawl
