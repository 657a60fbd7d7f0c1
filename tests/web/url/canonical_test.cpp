#include "core/web/url/canonical.hpp"

#include "tests/support/cpu_time.hpp"

#include <gtest/gtest.h>

#include <string>

namespace trawl::web {
namespace {

std::string canonical(std::string_view text, const CanonicalRules& rules = {}) {
  const Result<Url> url = canonicalise(Url::parse(text).value(), rules);
  return url ? url->href() : url.error().message();
}

}  // namespace

TEST(Canonical, OnlyHttpAndHttpsAreFetched) {
  EXPECT_EQ(canonical("http://h/"), "http://h/");
  for (const char* text : {"ftp://h/", "file:///x", "mailto:a@b", "ws://h/", "javascript:void(0)"})
    EXPECT_EQ(canonical(text), "bad_url: only http and https URLs are fetched") << text;
}

TEST(Canonical, FragmentAndUserinfoAreDropped) {
  EXPECT_EQ(canonical("https://u:p@example.org/a?b#c"), "https://example.org/a?b");
  EXPECT_EQ(canonical("https://example.org/a#"), "https://example.org/a");
  EXPECT_EQ(canonical("https://u@example.org:8443/"), "https://example.org:8443/");
}

TEST(Canonical, EscapesHaveOneSpelling) {
  EXPECT_EQ(canonical("http://h/%7euser/%41%2d%2f%c3%a4"), "http://h/~user/A-%2F%C3%A4");
  EXPECT_EQ(canonical("http://h/?q=%61%26%2b"), "http://h/?q=a%26%2B");
  EXPECT_EQ(canonical("http://h/\xC3\xA4 b"), "http://h/%C3%A4%20b");
}

TEST(Canonical, StrayPercentSignsStayAndNeverJoinDecodedDigits) {
  EXPECT_EQ(canonical("http://h/100%"), "http://h/100%");
  EXPECT_EQ(canonical("http://h/%zz%4"), "http://h/%zz%4");
  EXPECT_EQ(canonical("http://h/%%36%31"), "http://h/%%361");
  EXPECT_EQ(canonical("http://h/%6%31"), "http://h/%6%31");
  EXPECT_EQ(canonical("http://h/%252541"), "http://h/%252541");
}

TEST(Canonical, DotSegmentsAreGoneHoweverTheyAreWritten) {
  EXPECT_EQ(canonical("http://h/a/%2e%2E/b/./%2e/c"), "http://h/b/c");
  EXPECT_EQ(canonical("http://h/a%2e%2e/%2e%2e%2e"), "http://h/a../...");
}

TEST(Canonical, NamedParametersAreStripped) {
  const CanonicalRules rules{.strip_params = {"utm_*", "gclid", "*_id*"}};
  EXPECT_EQ(canonical("http://h/?utm_source=x&a=1&gclid=2&b=3", rules), "http://h/?a=1&b=3");
  EXPECT_EQ(canonical("http://h/?utm%5Fsource=x&a", rules), "http://h/?a");
  EXPECT_EQ(canonical("http://h/?utm_x", rules), "http://h/");
  EXPECT_EQ(canonical("http://h/?x_ids=1&sid=2", rules), "http://h/?sid=2");
  EXPECT_EQ(canonical("http://h/?UTM_x=1&gclids=2&a=utm_x", rules),
            "http://h/?UTM_x=1&gclids=2&a=utm_x");
  EXPECT_EQ(canonical("http://h/?a&&b&", rules), "http://h/?a&&b&");
  EXPECT_EQ(canonical("http://h/?a=1&b=2", {.strip_params = {"*"}}), "http://h/");
}

TEST(Canonical, NamedPathParametersAreStripped) {
  const CanonicalRules rules{.strip_path_params = {"jsessionid", "sid*"}};
  EXPECT_EQ(canonical("http://h/a;jsessionid=1F.node2/b?c", rules), "http://h/a/b?c");
  EXPECT_EQ(canonical("http://h/a.do;jsessionid=1F", rules), "http://h/a.do");
  EXPECT_EQ(canonical("http://h/a;v=1;%6Asessionid=1F;w=2;sid_x/;jsessionid", rules),
            "http://h/a;v=1;w=2/");
  EXPECT_EQ(canonical("http://h/a;jsessionid=1;jsessionid=2", rules), "http://h/a");
  for (const char* other : {"http://h/a;v=1.2,3/b;;c", "http://h/jsessionid=1", "http://h/;x",
                            "http://h/a;xjsessionid=1", "http://h/a?b;jsessionid=1"})
    EXPECT_EQ(canonical(other, rules), other);
  // Dots that come together are dot segments.
  EXPECT_EQ(canonical("http://h/a/..;jsessionid=1/b", rules), "http://h/b");
  EXPECT_EQ(canonical("http://h/a;jsessionid=1"), "http://h/a;jsessionid=1");
}

TEST(Canonical, AnEmptyQueryIsNoQuery) {
  EXPECT_EQ(canonical("http://h/a?"), "http://h/a");
  EXPECT_EQ(canonical("http://h/a?#f"), "http://h/a");
}

TEST(Canonical, ParametersAreSortedByNameOnlyOnRequest) {
  EXPECT_EQ(canonical("http://h/?b=1&a=2&b=0&A"), "http://h/?b=1&a=2&b=0&A");
  EXPECT_EQ(canonical("http://h/?b=1&a=2&b=0&A", {.sort_query = true}), "http://h/?A&a=2&b=1&b=0");
}

TEST(Canonical, LongUrlsAreRefused) {
  const CanonicalRules rules{.max_length = 20};
  EXPECT_EQ(canonical("http://h/12345678901", rules), "http://h/12345678901");
  EXPECT_EQ(canonical("http://h/123456789012", rules),
            "bad_url: the URL has 21 bytes, more than urls.max_length = 20");
  EXPECT_EQ(canonical("http://h/1234567890#fragment", rules), "http://h/1234567890");
}

// What is stripped would make it short enough; a fragment is no part of it.
TEST(Canonical, UrlsThatAreFarTooLongAreRefusedAsTheyStand) {
  const CanonicalRules rules{.strip_params = {"x"}};
  const std::string below(65'000, 'a');
  const std::string above(66'000, 'a');
  EXPECT_EQ(canonical("http://h/?x=" + below, rules), "http://h/");
  EXPECT_EQ(canonical("http://h/?x=" + above, rules),
            "bad_url: the URL has 66012 bytes, more than urls.max_length = 2048");
  EXPECT_EQ(canonical("http://h/?x#" + above, rules), "http://h/");
  EXPECT_EQ(canonical("http://h/?x=" + above, {.strip_params = {"x"}, .max_length = 100'000}),
            "http://h/");
}

// Eight times the length must not take sixty-four times as long.
TEST(Canonical, ManyPathParametersTakeLinearTime) {
  const CanonicalRules rules{.strip_path_params = {"sid"}, .max_length = 1 << 20};
  const auto seconds = [&rules](std::size_t count) {
    std::string text = "http://h/";
    for (std::size_t i = 0; i < count; ++i) text += ";sid;a";
    const Url url = *Url::parse(text);
    std::string kept;
    const double time = support::cpu_seconds_of([&] { kept = canonicalise(url, rules)->href(); });
    EXPECT_EQ(kept.size(), 9 + 2 * count);
    return time;
  };
  const double few = seconds(20'000);
  EXPECT_LT(seconds(160'000), 24 * few + 0.1);
}

TEST(Canonical, HostsKeepWhatTheParserMadeOfThem) {
  EXPECT_EQ(canonical("HTTP://EXAMPLE.org:80/"), "http://example.org/");
  EXPECT_EQ(canonical("https://\xD0\xBD\xD1\x8D\xD0\xB1.\xD1\x80\xD1\x84/"),
            "https://xn--90ax2c.xn--p1ai/");
  EXPECT_EQ(canonical("http://example.org./"), "http://example.org./");
  EXPECT_EQ(canonical("http://h//a//b"), "http://h//a//b");
}

}  // namespace trawl::web
