#include "core/web/headers/cookie_jar.hpp"

#include "core/base/limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace trawl::web {
namespace {

using testing::ElementsAre;

constexpr Wall start{std::chrono::seconds{1'700'000'000}};

class CookieJarTest : public testing::Test {
 protected:
  bool set(std::string_view url, std::string_view line) {
    return jar_.accept(*Url::parse(url), line, now_);
  }
  std::string sent(std::string_view url) { return jar_.field_for(*Url::parse(url), now_); }

  CookieJar jar_;
  Wall now_ = start;
};

}  // namespace

TEST_F(CookieJarTest, ACookieWithoutDomainIsForItsHostAlone) {
  EXPECT_TRUE(set("http://www.example.com/", "a=1"));
  EXPECT_EQ(sent("http://www.example.com/x"), "a=1");
  EXPECT_EQ(sent("http://example.com/"), "");
  EXPECT_EQ(sent("http://a.www.example.com/"), "");
  // Ports and schemes are not told apart (RFC 6265, 8.5).
  EXPECT_EQ(sent("https://www.example.com:8443/"), "a=1");
}

TEST_F(CookieJarTest, ADomainIsForAllItsHostsAndOnlyOnesOwn) {
  EXPECT_TRUE(set("http://www.example.com/", "a=1; Domain=example.com"));
  EXPECT_EQ(sent("http://other.example.com/"), "a=1");
  EXPECT_EQ(sent("http://example.com/"), "a=1");
  EXPECT_EQ(sent("http://badexample.com/"), "");
  EXPECT_FALSE(set("http://www.example.com/", "a=1; Domain=other.com"));
  EXPECT_FALSE(set("http://www.example.com/", "a=1; Domain=other.example.com"));
  EXPECT_FALSE(set("http://example.com/", "a=1; Domain=www.example.com"));
}

TEST_F(CookieJarTest, PublicSuffixesAreRefusedUnlessTheyAreTheHostItself) {
  EXPECT_FALSE(set("http://shop.example.co.uk/", "a=1; Domain=co.uk"));
  EXPECT_FALSE(set("http://shop.example.co.uk/", "a=1; Domain=uk"));
  EXPECT_FALSE(set("http://me.github.io/", "a=1; Domain=github.io"));
  EXPECT_TRUE(set("http://github.io/", "a=1; Domain=github.io"));
  EXPECT_EQ(sent("http://github.io/"), "a=1");
  EXPECT_EQ(sent("http://me.github.io/"), "");
}

TEST_F(CookieJarTest, AnAddressHasNoDomains) {
  EXPECT_TRUE(set("http://127.0.0.1/", "a=1; Domain=127.0.0.1"));
  EXPECT_FALSE(set("http://127.0.0.1/", "b=1; Domain=0.0.1"));
  EXPECT_EQ(sent("http://127.0.0.1:81/"), "a=1");
  EXPECT_TRUE(set("http://[::1]/", "c=1"));
  EXPECT_EQ(sent("http://[::1]:8080/"), "c=1");
}

TEST_F(CookieJarTest, PathsMatchByWholeComponents) {
  EXPECT_TRUE(set("http://h.example/docs/intro.html", "a=1"));  // default path: /docs
  EXPECT_EQ(sent("http://h.example/docs"), "a=1");
  EXPECT_EQ(sent("http://h.example/docs/x/y"), "a=1");
  EXPECT_EQ(sent("http://h.example/docs2"), "");
  EXPECT_EQ(sent("http://h.example/"), "");
  EXPECT_TRUE(set("http://h.example/docs/", "b=2; Path=/"));
  EXPECT_EQ(sent("http://h.example/docs/"), "a=1; b=2");  // the longer path first
}

TEST_F(CookieJarTest, SecureCookiesComeFromAndGoToHttpsAlone) {
  EXPECT_FALSE(set("http://h.example/", "a=1; Secure"));
  EXPECT_TRUE(set("https://h.example/", "a=1; Secure; Path=/"));
  EXPECT_EQ(sent("http://h.example/"), "");
  EXPECT_EQ(sent("https://h.example/"), "a=1");
  // RFC 6265bis, 8.6: who sits on the plain line must not choose what goes over the other.
  EXPECT_FALSE(set("http://h.example/", "a=evil; Path=/"));
  EXPECT_FALSE(set("http://h.example/x/", "a=evil; Path=/x"));
  EXPECT_TRUE(set("http://h.example/", "b=2"));
  EXPECT_EQ(sent("https://h.example/"), "a=1; b=2");
}

TEST_F(CookieJarTest, PrefixesOfNamesHoldWhatTheyPromise) {
  EXPECT_FALSE(set("https://h.example/", "__Secure-a=1"));
  EXPECT_TRUE(set("https://h.example/", "__Secure-a=1; Secure"));
  EXPECT_FALSE(set("https://h.example/", "__Host-b=1; Secure"));
  EXPECT_FALSE(set("https://w.h.example/", "__Host-b=1; Secure; Path=/; Domain=h.example"));
  EXPECT_FALSE(set("https://h.example/", "__host-b=1; Path=/"));
  EXPECT_TRUE(set("https://h.example/", "__Host-b=1; Secure; Path=/"));
  EXPECT_EQ(sent("https://h.example/"), "__Secure-a=1; __Host-b=1");
}

TEST_F(CookieJarTest, ANewValueTakesTheOldOnesPlaceAndAPastDateRemovesIt) {
  EXPECT_TRUE(set("http://h.example/", "a=1"));
  EXPECT_TRUE(set("http://h.example/", "b=2"));
  EXPECT_TRUE(set("http://h.example/", "a=3"));
  EXPECT_EQ(sent("http://h.example/"), "a=3; b=2");
  EXPECT_TRUE(set("http://h.example/", "a=; Max-Age=0"));
  EXPECT_EQ(sent("http://h.example/"), "b=2");
  EXPECT_TRUE(set("http://h.example/", "b=2; Expires=Thu, 01 Jan 1970 00:00:00 GMT"));
  EXPECT_EQ(jar_.size(), 0U);
  EXPECT_EQ(jar_.memory_bytes(), 0U);
}

TEST_F(CookieJarTest, ACookieEndsWithItsTime) {
  EXPECT_TRUE(set("http://h.example/", "a=1; Max-Age=10"));
  now_ += std::chrono::seconds{9};
  EXPECT_EQ(sent("http://h.example/"), "a=1");
  now_ += std::chrono::seconds{1};
  EXPECT_EQ(sent("http://h.example/"), "");
}

TEST_F(CookieJarTest, ADomainsFloodPushesOutItsOwn) {
  EXPECT_TRUE(set("http://quiet.example/", "keep=1"));
  EXPECT_TRUE(set("https://flood.example/", "safe=1; Secure"));
  for (int i = 0; i < 1000; ++i)
    EXPECT_TRUE(
        set("https://w" + std::to_string(i) + ".flood.example/", "a" + std::to_string(i) + "=1"));
  EXPECT_EQ(jar_.size(), limits::cookies_per_domain_max + 1);
  EXPECT_EQ(sent("http://quiet.example/"), "keep=1");
  EXPECT_EQ(sent("https://flood.example/"), "safe=1");
}

TEST_F(CookieJarTest, IsBoundedInAllByWhatWasUsedLongestAgo) {
  const std::string value(4000, 'v');
  const std::size_t domains = limits::cookie_jar_bytes_max / value.size() + 100;
  for (std::size_t i = 0; i < domains; ++i) {
    EXPECT_TRUE(set("http://d" + std::to_string(i) + ".example/", "a=" + value));
    EXPECT_NE(sent("http://d0.example/"), "");  // in use all the time
  }
  EXPECT_LE(jar_.memory_bytes(), limits::cookie_jar_bytes_max);
  EXPECT_EQ(sent("http://d1.example/"), "");
  EXPECT_NE(sent("http://d" + std::to_string(domains - 1) + ".example/"), "");
}

TEST_F(CookieJarTest, SendsNoMoreThanAServerReads) {
  for (int i = 0; i < 10; ++i)
    EXPECT_TRUE(set("http://h.example/", "a" + std::to_string(i) + "=" + std::string(2000, 'x')));
  EXPECT_LE(sent("http://h.example/").size(), limits::cookie_field_bytes_max);
  EXPECT_EQ(sent("http://h.example/").substr(0, 3), "a0=");
}

TEST_F(CookieJarTest, TellsWhatChangedInOrder) {
  CookieJar jar{true};
  const Url url = *Url::parse("http://h.example/");
  EXPECT_TRUE(jar.accept(url, "a=1", start));
  EXPECT_TRUE(jar.accept(url, "a=2", start));
  EXPECT_TRUE(jar.accept(url, "a=; Max-Age=0", start));
  std::vector<std::string> told;
  for (const CookieChange& change : jar.take_changes())
    told.push_back(change.removed ? "-" + change.cookie.name : change.cookie.value);
  EXPECT_THAT(told, ElementsAre("1", "2", "-a"));
  EXPECT_TRUE(jar.take_changes().empty());
}

TEST_F(CookieJarTest, WhatIsRestoredKeepsItsOrderAndWhatIsNewComesBehind) {
  EXPECT_TRUE(jar_.restore(
      {.name = "b", .value = "2", .domain = "h.example", .path = "/", .order = 7}, now_));
  EXPECT_TRUE(jar_.restore(
      {.name = "a", .value = "1", .domain = "h.example", .path = "/", .order = 3}, now_));
  EXPECT_FALSE(jar_.restore(
      {.name = "x", .value = "1", .domain = "h.example", .path = "/", .expires = now_}, now_));
  EXPECT_FALSE(jar_.restore(
      {.name = "x", .value = "1", .domain = "co.uk", .path = "/", .host_only = false}, now_));
  EXPECT_TRUE(set("http://h.example/", "c=3"));
  EXPECT_EQ(sent("http://h.example/"), "a=1; b=2; c=3");
}

}  // namespace trawl::web
