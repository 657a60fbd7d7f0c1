#include "core/crawl/job/url_pattern.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

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

namespace {

bool matches(std::string_view glob, std::string_view url) {
  const auto pattern = UrlPattern::create(glob);
  EXPECT_TRUE(pattern) << glob;
  return pattern && pattern->matches(url);
}

std::string why_refused(std::string_view text) {
  const auto pattern = UrlPattern::create(text);
  if (pattern) return "taken";
  EXPECT_EQ(pattern.error().code, Errc::config);
  return pattern.error().detail;
}

}  // namespace

TEST(UrlPattern, CharactersBeyondAsciiStandForTheirPercentEncodedUtf8) {
  EXPECT_TRUE(matches("*日本*", "http://a.example/%E6%97%A5%E6%9C%AC.html"));
  EXPECT_TRUE(matches("https://a.example/é?x=é", "https://a.example/%C3%A9?x=%C3%A9"));
  EXPECT_TRUE(matches("https://*日本*", "https://a.example/%E6%97%A5%E6%9C%AC"));
  EXPECT_FALSE(matches("*日本*", "http://a.example/%E6%97%A5"));
  EXPECT_EQ(UrlPattern::create("*日本*")->text(), "*日本*");
}

TEST(UrlPattern, EscapesMatchInAnyCaseOfTheirDigits) {
  EXPECT_TRUE(matches("*日本*", "http://a.example/#%e6%97%a5%E6%9c%ac"));
  EXPECT_TRUE(matches("*/%c3%a9*", "http://a.example/%C3%A9/b"));
  EXPECT_FALSE(matches("*/%c3%a9/a", "http://a.example/%C3%A9/A"));
  EXPECT_FALSE(matches("*/%zz", "http://a.example/%ZZ"));
}

// URL standard, 3.3.
TEST(UrlPattern, AnInternationalisedHostStandsForItsPunycode) {
  EXPECT_TRUE(matches("http://日本語.example/*", "http://xn--wgv71a119e.example/a"));
  EXPECT_TRUE(
      matches("http*://日本語.example:8080/é", "https://xn--wgv71a119e.example:8080/%C3%A9"));
  EXPECT_TRUE(matches("*://*.BÜCHER.example/*", "http://www.xn--bcher-kva.example/"));
  EXPECT_TRUE(matches("http://日本語。example/", "http://xn--wgv71a119e.example/"));
  EXPECT_FALSE(matches("http://日本語.example/*", "http://a.example/%E6%97%A5%E6%9C%AC%E8%AA%9E"));
}

TEST(UrlPattern, RefusesHalfAnInternationalisedHostAndWhatIsNone) {
  EXPECT_NE(why_refused("http://日*.example/*").find("write whole labels"), std::string::npos);
  EXPECT_NE(why_refused("http://b?cher.日?/*").find("write whole labels"), std::string::npos);
  EXPECT_NE(why_refused("http://a／b.example/*").find("no internationalised name"),
            std::string::npos);
  EXPECT_NE(why_refused("http://\u200E.example/").find("no internationalised name"),
            std::string::npos);
}

TEST(UrlPattern, RefusesMalformedUtf8) {
  for (const std::string_view text : {"*\xFC*", "re:\xFC", "http://\xE6\x97.example/"})
    EXPECT_NE(why_refused(text).find("not in UTF-8"), std::string::npos) << why_refused(text);
}

TEST(UrlPattern, RefusesAnExpressionWithCharactersBeyondAscii) {
  EXPECT_NE(why_refused("re:/[a-zäö]+/").find("write \"ä\" percent-encoded, as %C3%A4"),
            std::string::npos)
      << why_refused("re:/[a-zäö]+/");
  EXPECT_TRUE(UrlPattern::create("re:%C3%A4"));
}

}  // namespace trawl::crawl
