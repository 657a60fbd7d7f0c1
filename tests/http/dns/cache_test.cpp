#include "core/http/dns/cache.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace trawl::http::dns {
namespace {

using namespace std::chrono_literals;

constexpr Mono start{1h};

ResolutionPtr at(std::string_view address) {
  return std::make_shared<const Resolution>(Resolution{.addresses = {*IpAddress::parse(address)}});
}

}  // namespace

TEST(DnsCache, KeepsANameUntilItsTimeIsOver) {
  DnsCache cache{10'000};
  cache.keep("a.test", at("192.0.2.1"), start + 10s);
  EXPECT_TRUE(cache.find("a.test", start + 9999ms));
  EXPECT_FALSE(cache.find("b.test", start));
  EXPECT_FALSE(cache.find("a.test", start + 10s));
  EXPECT_EQ(cache.names(), 0U);
  EXPECT_EQ(cache.bytes(), 0U);
}

TEST(DnsCache, ReplacesWhatItKnew) {
  DnsCache cache{10'000};
  cache.keep("a.test", at("192.0.2.1"), start + 10s);
  const auto bytes = cache.bytes();
  cache.keep("a.test", at("192.0.2.2"), start + 20s);
  EXPECT_EQ(cache.find("a.test", start + 15s)->addresses.front().to_string(), "192.0.2.2");
  EXPECT_EQ(cache.bytes(), bytes);
}

TEST(DnsCache, DropsWhatWasUsedLongestAgoBeyondItsBound) {
  DnsCache cache{3000};
  for (int i = 0; i < 1000; ++i) {
    cache.keep(fmt::format("{:03}.test", i), at("192.0.2.1"), start + 1h);
    ASSERT_TRUE(cache.find("000.test", start)) << i;  // in use all the time
    ASSERT_LE(cache.bytes(), 3000U);
  }
  EXPECT_TRUE(cache.find("999.test", start));
  EXPECT_FALSE(cache.find("500.test", start));
  EXPECT_GT(cache.names(), 5U);
}

TEST(DnsCache, AnEntryBiggerThanTheWholeIsNotKept) {
  DnsCache cache{100};
  cache.keep("a.test", at("192.0.2.1"), start + 1h);
  EXPECT_EQ(cache.names(), 0U);
  EXPECT_EQ(cache.bytes(), 0U);
}

TEST(DnsCache, WhatSomebodyHoldsOutlivesItsEntry) {
  DnsCache cache{10'000};
  cache.keep("a.test", at("192.0.2.1"), start + 1s);
  const auto held = cache.find("a.test", start);
  cache.keep("a.test", at("192.0.2.2"), start + 1s);
  EXPECT_EQ(held->addresses.front().to_string(), "192.0.2.1");
}

}  // namespace trawl::http::dns
