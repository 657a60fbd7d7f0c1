// What a glob stands for where URLs spell it in another way, and that it stands for nothing else.
#include "core/crawl/job/glob_forms.hpp"

#include "core/crawl/job/url_pattern.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string_view>

namespace trawl::crawl {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

bool matches(std::string_view glob, std::string_view url) {
  const auto pattern = UrlPattern::create(glob);
  EXPECT_TRUE(pattern) << glob;
  return pattern && pattern->matches(url);
}

}  // namespace

TEST(GlobForms, TheDefaultPortIsThatOfAUrlWithoutOne) {
  EXPECT_TRUE(matches("http://127.0.0.1:80/private/*", "http://127.0.0.1/private/x"));
  EXPECT_TRUE(matches("https://h.example:443/*", "https://h.example/x"));
  EXPECT_TRUE(matches("*://h.example:443/*", "https://h.example/x"));
  EXPECT_TRUE(matches("http://*.example:80/private/*", "http://h.example/private/x"));
  EXPECT_TRUE(matches("http://*:80/private/*", "http://h.example/private/x"));
  EXPECT_TRUE(matches("http://h.example:080/x", "http://h.example/x"));
  EXPECT_TRUE(matches("http://h.example:08080/x", "http://h.example:8080/x"));
  EXPECT_FALSE(matches("http://h.example:443/*", "http://h.example/x"));
  EXPECT_FALSE(matches("*://h.example:443/*", "http://h.example/x"));
  EXPECT_FALSE(matches("http://*:80/private/*", "http://h.example:8080/private/x"));
  EXPECT_FALSE(matches("http://*:80/private/*", "http://h.example/a/private/x"));
  EXPECT_FALSE(matches("http://h.example:80*", "http://h.example/"));
}

TEST(GlobForms, AHostIsInLowerCase) {
  EXPECT_TRUE(matches("http://UPPER.example/private/*", "http://upper.example/private/x"));
  EXPECT_TRUE(matches("http*://UPPER.example*", "https://upper.example:81/A"));
  EXPECT_TRUE(matches("http://*.EXAMPLE/A", "http://a.example/A"));
  EXPECT_TRUE(matches("http://*.EXAMPLE:*/A", "http://a.example:81/A"));
  EXPECT_FALSE(matches("http://*.EXAMPLE:*/A", "http://a.example/A"));
  EXPECT_FALSE(matches("http://UPPER.example/A", "http://upper.example/a"));
}

// And without a slash it is one where nothing but a host ends so.
TEST(GlobForms, AHostInCapitalsNeedsNoSlash) {
  for (const char* glob : {"http://*.EXAMPLE.org*", "*://*.Example.org*", "http://??.EXAMPLE.ORG*",
                           "http://A*b.EXAMPLE.org*", "http://*.EXAMPLE.org**"}) {
    EXPECT_TRUE(matches(glob, "http://ab.example.org/")) << glob;
    EXPECT_FALSE(matches(glob, "http://ab.example.org.other.example/")) << glob;
    EXPECT_FALSE(matches(glob, "http://h.example/ab.example.org/")) << glob;
    EXPECT_FALSE(matches(glob, "http://example.org/")) << glob;
    EXPECT_FALSE(matches(glob, "ftp://ab.example.org/")) << glob;
  }
  EXPECT_TRUE(matches("http://*.EXAMPLE.org*", "http://a.example.org:8080/A?b"));
  EXPECT_TRUE(matches("http://*.EXAMPLE.org:8*", "http://a.example.org:8080/x"));
  EXPECT_FALSE(matches("http://*.EXAMPLE.org:8*", "http://a.example.org/8"));
  EXPECT_FALSE(matches("http://*.EXAMPLE.org*", "https://a.example.org/"));
  EXPECT_TRUE(matches("http://*.EXAMPLE.org*", "http://h.example/a.EXAMPLE.org/b"));  // as before
  for (const char* glob : {"https://*.PDF*", "https://*README.md*", "https://*Wiki*",
                           "https://*.Some..file*", "https://*.PDF?page.of.it=*"})
    EXPECT_TRUE(canonical_forms(glob).empty()) << glob;
}

// What stands behind a `*` may be the path's, and there letters are compared exactly.
TEST(GlobForms, NothingIsAddedToAGlobOfPaths) {
  EXPECT_TRUE(matches("https://*.PDF", "https://h.example/a.PDF"));
  EXPECT_FALSE(matches("https://*.PDF", "https://h.example/a.pdf"));
  EXPECT_TRUE(matches("https://*Wiki/Talk*", "https://h.example/Wiki/Talk"));
  EXPECT_FALSE(matches("https://*Wiki/Talk*", "https://h.example/wiki/Talk"));
  EXPECT_FALSE(matches("*://UPPER.example/*", "http://h.example/?u=http://upper.example/"));
  for (const char* glob : {"*", "http*", "*/private/*", "*.pdf", "https://h.example/*?a=%C3%A9",
                           "http://[::1]:*", "http://127.0.0.*/x", "*READ%2FME*"})
    EXPECT_TRUE(canonical_forms(glob).empty()) << glob;
}

// URL standard, 3.5.
TEST(GlobForms, AddressesAreSpelledAsUrlsSpellThem) {
  EXPECT_TRUE(matches("http://[0:0:0:0:0:0:0:1]:*", "http://[::1]:8080/x"));
  EXPECT_TRUE(matches("http://[0:0:0:0:0:0:0:1]*", "http://[::1]/x"));
  EXPECT_TRUE(matches("http://[FD00::0]:80/*", "http://[fd00::]/x"));
  EXPECT_TRUE(matches("http://127.1/*", "http://127.0.0.1/x"));
  EXPECT_TRUE(matches("http://127.1:*", "http://127.0.0.1:81/x"));
  EXPECT_TRUE(matches("http://[FD00:*/x", "http://[fd00::7]/x"));
  EXPECT_FALSE(matches("http://127.1*", "http://127.0.0.1/x"));
}

TEST(GlobForms, EscapesAreThoseOfCanonicalUrls) {
  EXPECT_TRUE(matches("*/%7Eu", "http://h.example/~u"));
  EXPECT_TRUE(matches("*/%7eu", "http://h.example/%7Eu"));  // as a page spells it
  EXPECT_TRUE(matches("http://h.example/%41?b=%2a*", "http://h.example/A?b=%2Ax"));
  EXPECT_TRUE(matches("*/a b", "http://h.example/a%20b"));
  EXPECT_FALSE(matches("*/a%3Fb", "http://h.example/a?b"));
  EXPECT_FALSE(matches("*/%2A", "http://h.example/x"));
}

TEST(GlobForms, WhatIsEscapedInPathsIsNotTheSameInQueries) {
  for (const char* glob : {"*/{id}", "http://h.example/{id}", "http://H.example:80/{id}"})
    EXPECT_TRUE(matches(glob, "http://h.example/%7Bid%7D")) << glob;
  EXPECT_TRUE(matches("*q={id}*", "http://h.example/?q={id}"));
  EXPECT_TRUE(matches("*/^a`", "http://h.example/%5Ea%60"));
  EXPECT_TRUE(matches("*/o'clock", "http://h.example/o'clock"));
  EXPECT_TRUE(matches("*=o'clock", "http://h.example/?t=o%27clock"));
  EXPECT_TRUE(matches("*/{id}?x={y}'", "http://h.example/%7Bid%7D?x={y}%27"));
  EXPECT_FALSE(matches("*/{id}", "http://h.example/id"));
}

TEST(GlobForms, AHostAloneIsItsFirstPage) {
  EXPECT_TRUE(matches("http://h.example", "http://h.example/"));
  EXPECT_FALSE(matches("http://h.example", "http://h.example/a"));
  EXPECT_FALSE(matches("http://h.example*x", "http://h.example/"));
}

TEST(GlobForms, WhatNoUrlHasIsNamedWithWhatToWrite) {
  EXPECT_THAT(why_never("http://h.example/x#top"), HasSubstr("leave out \"#top\""));
  EXPECT_THAT(why_never("http://u:p@h.example/*"), HasSubstr("write \"http://h.example/*\""));
  EXPECT_THAT(why_never("http://[::1/*"), HasSubstr("\"[::1\" is no host with a port"));
  EXPECT_THAT(why_never("http://1.2.3.400/*"), HasSubstr("no host"));
  EXPECT_THAT(why_never("http://h.example:65536/*"), HasSubstr("up to 65535"));
  for (const char* glob : {"*", "http://h.example:80/*", "http://[::1]:*", "http://[::*", "re:#",
                           "*@h.example/*", "http://*@h/*", "http://bücher.example/*"})
    EXPECT_THAT(why_never(glob), IsEmpty()) << glob;
}

}  // namespace trawl::crawl
