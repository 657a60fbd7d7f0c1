#include "core/web/headers/hsts.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace trawl::web {
namespace {

using testing::IsEmpty;

constexpr Wall start{std::chrono::seconds{1'700'000'000}};
constexpr std::int64_t year_ms = 365LL * 24 * 60 * 60 * 1000;

std::string told(std::string_view field) {
  const auto policy = parse_hsts(field);
  if (!policy) return "none";
  return fmt::format("{}{}", policy->max_age.count() / 1000,
                     policy->include_subdomains ? " with subdomains" : "");
}

class HstsHostsTest : public testing::Test {
 protected:
  void answer(std::string_view url, std::string_view field) {
    hosts_.accept(*Url::parse(url), field, now_);
  }
  std::string asked(std::string_view url) const {
    const auto secured = hosts_.secured(*Url::parse(url), now_);
    return secured ? secured->href() : "as it is";
  }

  HstsHosts hosts_{1000};
  Wall now_ = start;
};

}  // namespace

// RFC 6797, 6.1 and 6.2.
TEST(ParseHsts, ReadsEveryFormOfTheGrammar) {
  EXPECT_EQ(told("max-age=31536000"), "31536000");
  EXPECT_EQ(told("max-age=15768000 ; includeSubDomains"), "15768000 with subdomains");
  EXPECT_EQ(told("max-age=\"31536000\""), "31536000");
  EXPECT_EQ(told("max-age=0"), "0");
  EXPECT_EQ(told("max-age=0; includeSubDomains"), "0 with subdomains");
  EXPECT_EQ(told("INCLUDESUBDOMAINS;Max-Age = 7;"), "7 with subdomains");
  EXPECT_EQ(told(";; max-age=1 ;;"), "1");
  EXPECT_EQ(told("max-age=1; preload; later=\"a;b\\\"c\"; empty=\"\""), "1");
  EXPECT_EQ(told("max-age=99999999999999999999999999"), "315360000");
}

TEST(ParseHsts, WhatIsNotAsTheGrammarHasItIsNone) {
  for (const char* field : {"",
                            ";",
                            "includeSubDomains",
                            "max-age",
                            "max-age=",
                            "max-age=\"\"",
                            "max-age=-1",
                            "max-age=1s",
                            "max-age=1.5",
                            "max-age=1 2",
                            "max-age=1,max-age=2",
                            "max-age=1; max-age=1",
                            "max-age=1; MAX-AGE=2",
                            "max-age=1; includeSubDomains; includesubdomains",
                            "max-age=1; includeSubDomains=1",
                            "max-age=1 includeSubDomains",
                            "max-age=\"1",
                            "=1",
                            "max-age=1; a b",
                            "max-age=1; \"x\"",
                            "max-age==1",
                            "max-age=1; x=",
                            "max-age=\"1\\"})
    EXPECT_EQ(told(field), "none") << field;
  EXPECT_EQ(told("max-age=1" + std::string(5000, ' ')), "none");
}

TEST_F(HstsHostsTest, AKnownHostIsAskedOverHttps) {
  EXPECT_EQ(asked("http://example.org/a?b"), "as it is");
  answer("https://example.org/", "max-age=60");
  EXPECT_EQ(asked("http://example.org/a?b"), "https://example.org/a?b");
  EXPECT_EQ(asked("http://EXAMPLE.org./a"), "https://example.org./a");
  EXPECT_EQ(asked("https://example.org/"), "as it is");
  EXPECT_EQ(asked("http://www.example.org/"), "as it is");
  EXPECT_EQ(asked("http://org/"), "as it is");
}

// RFC 6797, 8.3, step 5.
TEST_F(HstsHostsTest, Port80Becomes443AndOthersStay) {
  answer("https://example.org:8443/", "max-age=60");
  EXPECT_EQ(asked("http://example.org:80/"), "https://example.org/");
  EXPECT_EQ(asked("http://example.org:8080/"), "https://example.org:8080/");
  EXPECT_EQ(asked("http://example.org:443/"), "https://example.org/");
}

// RFC 6797, 8.2.
TEST_F(HstsHostsTest, ADomainsWordHoldsForItsSubdomainsIfItSaysSo) {
  answer("https://example.org/", "max-age=60; includeSubDomains");
  EXPECT_EQ(asked("http://a.b.example.org/"), "https://a.b.example.org/");
  EXPECT_EQ(asked("http://notexample.org/"), "as it is");
  // The nearer one's own word does not take that away.
  answer("https://b.example.org/", "max-age=60");
  EXPECT_EQ(asked("http://a.b.example.org/"), "https://a.b.example.org/");
  answer("https://example.org/", "max-age=60");
  EXPECT_EQ(asked("http://a.b.example.org/"), "as it is");
  EXPECT_EQ(asked("http://b.example.org/"), "https://b.example.org/");
}

// RFC 6797, 7.2, 8.1 and 8.1.1.
TEST_F(HstsHostsTest, PlainTextAndAddressesAreNotBelieved) {
  answer("http://example.org/", "max-age=60");
  answer("https://127.0.0.1/", "max-age=60; includeSubDomains");
  answer("https://[::1]/", "max-age=60; includeSubDomains");
  answer("https://example.org/", "nonsense");
  EXPECT_EQ(hosts_.size(), 0U);
  EXPECT_EQ(asked("http://127.0.0.1/"), "as it is");
  EXPECT_EQ(asked("http://[::1]/"), "as it is");
}

TEST_F(HstsHostsTest, IsForgottenWhenItsTimeIsOverOrTheHostSaysSo) {
  answer("https://example.org/", "max-age=60");
  now_ += Millis{59'999};
  EXPECT_EQ(asked("http://example.org/"), "https://example.org/");
  answer("https://example.org/", "max-age=60");  // each answer puts the end off
  now_ += Millis{59'999};
  EXPECT_EQ(asked("http://example.org/"), "https://example.org/");
  now_ += Millis{1};
  EXPECT_EQ(asked("http://example.org/"), "as it is");
  answer("https://example.org/", "max-age=60");
  answer("https://example.org/", "max-age=0");
  EXPECT_EQ(asked("http://example.org/"), "as it is");
}

TEST_F(HstsHostsTest, TellsWhatIsWorthStoring) {
  answer("https://a.test/", "max-age=31536000");
  const auto first = hosts_.take_changes();
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].entry, (HstsHost{"a.test", start + Millis{year_ms}, false}));
  now_ += std::chrono::minutes{59};
  answer("https://a.test/", "max-age=31536000");
  EXPECT_THAT(hosts_.take_changes(), IsEmpty());
  now_ += std::chrono::minutes{2};
  answer("https://a.test/", "max-age=31536000");
  EXPECT_EQ(hosts_.take_changes().size(), 1U);
  answer("https://a.test/", "max-age=31536000; includeSubDomains");
  EXPECT_EQ(hosts_.take_changes().size(), 1U);
  answer("https://a.test/", "max-age=0");
  answer("https://b.test/", "max-age=0");  // was never known
  const auto last = hosts_.take_changes();
  ASSERT_EQ(last.size(), 1U);
  EXPECT_TRUE(last[0].removed);
  EXPECT_EQ(last[0].entry.host, "a.test");
}

TEST_F(HstsHostsTest, RestoresWhatAnEarlierRunHasLearnt) {
  hosts_.restore({"old.test", start, true}, start);
  hosts_.restore({"a.test", start + Millis{1000}, true}, start);
  EXPECT_EQ(asked("http://x.a.test/"), "https://x.a.test/");
  EXPECT_EQ(asked("http://old.test/"), "as it is");
  const auto changes = hosts_.take_changes();
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_TRUE(changes[0].removed);
  EXPECT_EQ(changes[0].entry.host, "old.test");
}

TEST_F(HstsHostsTest, HoldsNoMoreThanItsBoundAndLetsTheSoonestGo) {
  HstsHosts hosts{32};
  for (int i = 0; i < 200; ++i)
    hosts.accept(*Url::parse(fmt::format("https://h{}.test/", i)),
                 fmt::format("max-age={}", i == 7 ? 100'000 : 1000 + i), start);
  EXPECT_LE(hosts.size(), 32U);
  EXPECT_TRUE(hosts.secured(*Url::parse("http://h7.test/"), start));
  EXPECT_TRUE(hosts.secured(*Url::parse("http://h199.test/"), start));
  EXPECT_FALSE(hosts.secured(*Url::parse("http://h0.test/"), start));
  // The store hears of those that went.
  std::size_t kept = 0;
  for (const auto& change : hosts.take_changes()) change.removed ? --kept : ++kept;
  EXPECT_EQ(kept, hosts.size());
}

}  // namespace trawl::web
