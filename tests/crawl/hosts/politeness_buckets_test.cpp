// Several frontiers in one process, in virtual time.
#include "core/crawl/hosts/politeness_buckets.hpp"

#include "virtual_time.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace trawl::crawl {
namespace {

const BucketKeys no_keys{};

std::int64_t ms(Mono time) {
  return std::chrono::duration_cast<Millis>(time - Mono{}).count();
}

// The time of a refusal; 0: granted, -1: until something is freed.
std::int64_t ask(PolitenessBuckets& buckets, PolitenessBuckets::Member& member,
                 const BucketKeys& keys, const BucketLimits& limits, std::int64_t now) {
  const auto refusal = buckets.acquire(member, keys, limits, at_ms(now));
  if (!refusal) return 0;
  return refusal->until == PolitenessBuckets::when_freed ? -1 : ms(refusal->until);
}

struct Two {
  PolitenessBuckets buckets;
  int woken = 0;
  PolitenessBuckets::Member one{buckets, [] {}};
  PolitenessBuckets::Member other{buckets, [this] { ++woken; }};
};

}  // namespace

TEST(PolitenessBuckets, KeysAreOfHostDomainAndAddress) {
  const auto www = bucket_keys("www.example.co.uk"), port = bucket_keys("www.example.co.uk:81");
  const auto other = bucket_keys("example.co.uk"), foreign = bucket_keys("sample.co.uk");
  EXPECT_NE(www.host, port.host);
  EXPECT_EQ(www.domain, port.domain);
  EXPECT_EQ(www.domain, other.domain);
  EXPECT_NE(www.domain, foreign.domain);
  EXPECT_EQ(www.address, 0U);
  // An address is known, and belongs to no domain.
  const auto v4 = bucket_keys("127.0.0.1:8080"), v6 = bucket_keys("[::1]");
  EXPECT_EQ(v4.address, address_bucket("127.0.0.1"));
  EXPECT_EQ(v6.address, address_bucket("::1"));
  EXPECT_EQ(bucket_keys("[::1]:81").address, v6.address);
  EXPECT_EQ(v4.domain, 0U);
  EXPECT_EQ(address_bucket(""), no_keys.address);
}

TEST(PolitenessBuckets, TheWaitOfOneJobHoldsForTheOther) {
  Two two;
  const auto keys = bucket_keys("a.test");
  const BucketLimits slow{.delay = Millis{1000}}, slower{.delay = Millis{5000}};
  EXPECT_EQ(ask(two.buckets, two.one, keys, slow, 0), 0);
  EXPECT_EQ(ask(two.buckets, two.other, keys, slower, 10), -1);
  two.buckets.release(keys, slow, at_ms(100), at_ms(1100));
  EXPECT_EQ(two.woken, 1);
  EXPECT_EQ(two.other.take_freed(), std::vector{keys.host});
  EXPECT_EQ(ask(two.buckets, two.other, keys, slower, 100), 5100);  // its own delay
  EXPECT_EQ(ask(two.buckets, two.one, keys, slow, 100), 1100);
  EXPECT_EQ(ask(two.buckets, two.one, keys, slow, 1100), 0);
  two.buckets.release(keys, slow, at_ms(1200), at_ms(61'200));  // Retry-After
  EXPECT_EQ(ask(two.buckets, two.other, keys, slower, 7000), 61'200);
}

TEST(PolitenessBuckets, ANameWithADotAtItsEndIsTheSameHost) {
  EXPECT_EQ(bucket_keys("example.org."), bucket_keys("example.org"));
  EXPECT_EQ(bucket_keys("example.org.:81"), bucket_keys("example.org:81"));
  EXPECT_NE(bucket_keys("example.org..").host, bucket_keys("example.org").host);
  EXPECT_NE(bucket_keys("a" + std::string(1'000'000, '.') + ":81").host, 0U) << "no recursion";
}

TEST(PolitenessBuckets, AHostThatIsHeldIsAskedByNobodyBefore) {
  Two two;
  const auto keys = bucket_keys("example.org");
  two.buckets.hold(keys, at_ms(5'000));
  two.buckets.hold(keys, at_ms(3'000));
  EXPECT_EQ(ask(two.buckets, two.one, keys, {}, 10), 5'000);
  EXPECT_EQ(ask(two.buckets, two.one, keys, {}, 5'000), 0);
}

TEST(PolitenessBuckets, OverloadsDoubleTheIntervalWhoeverMeetsThem) {
  Two two;
  const auto keys = bucket_keys("example.org");
  const PolitenessSpec politeness;  // a second
  const auto after = [&](std::optional<int> status, std::int64_t at) {
    const auto interval =
        two.buckets.interval_after(keys, politeness, {.status = status}, at_ms(at), at_ms(at + 1));
    return interval.count();
  };
  EXPECT_EQ(after(200, 0), 0);
  EXPECT_EQ(after(503, 1'000), 2'000);
  EXPECT_EQ(after(429, 4'000), 4'000);
  EXPECT_EQ(after(500, 9'000), 4'000) << "neither good nor an overload";
  EXPECT_EQ(after(std::nullopt, 14'000), 4'000);
  EXPECT_EQ(after(200, 19'000), 3'000);
  EXPECT_EQ(after(404, 24'000), 2'000);
  EXPECT_EQ(after(200, 29'000), 0);
}

TEST(PolitenessBuckets, OverloadsAreForgottenAnHourAfterTheLastRequest) {
  Two two;
  const auto keys = bucket_keys("example.org");
  const auto after = [&](std::optional<int> status, std::int64_t at) {
    return two.buckets.interval_after(keys, {}, {.status = status}, at_ms(at), at_ms(at)).count();
  };
  constexpr std::int64_t hour = 3'600'000;
  EXPECT_EQ(after(503, 0), 2'000);
  EXPECT_EQ(after(std::nullopt, hour - 1), 2'000);
  EXPECT_EQ(after(std::nullopt, 2 * hour - 2), 2'000);
  EXPECT_EQ(after(std::nullopt, 4 * hour), 0);
  EXPECT_EQ(after(503, 4 * hour), 2'000) << "doubled from the start";
}

TEST(PolitenessBuckets, WhatAskedNothingCostsNoWait) {
  Two two;
  const auto keys = bucket_keys("a.test");
  const BucketLimits slow{.delay = Millis{1000}};
  EXPECT_EQ(ask(two.buckets, two.one, keys, slow, 0), 0);
  two.buckets.release(keys, slow, at_ms(1), Mono::min());
  EXPECT_EQ(ask(two.buckets, two.other, keys, slow, 1), 0);
}

TEST(PolitenessBuckets, AnAddressHasItsFetchesAtOnceWhateverTheHosts) {
  Two two;
  const BucketLimits limits{.per_ip = 2};
  const auto a = bucket_keys("127.0.0.1:1"), b = bucket_keys("127.0.0.1:2"),
             c = bucket_keys("127.0.0.1:3");
  EXPECT_EQ(ask(two.buckets, two.one, a, limits, 0), 0);
  EXPECT_EQ(ask(two.buckets, two.other, b, limits, 0), 0);
  EXPECT_EQ(ask(two.buckets, two.other, c, limits, 0), -1);
  two.buckets.release(a, limits, at_ms(5), at_ms(5));
  EXPECT_EQ(two.other.take_freed(), std::vector{a.address});
  EXPECT_EQ(ask(two.buckets, two.other, c, limits, 5), 0);
  // One host is never held below its own per_host by it.
  const BucketLimits many{.per_host = 3, .per_ip = 1};
  const auto d = bucket_keys("127.0.0.2:1");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(two.buckets, two.one, d, many, 5), 0);
  EXPECT_EQ(ask(two.buckets, two.one, d, many, 5), -1);
}

TEST(PolitenessBuckets, ADomainHasItsHostsSideBySideUntilTheirWaitsAreOver) {
  Two two;
  const BucketLimits limits{.delay = Millis{1000}, .per_domain = 2};
  const auto a = bucket_keys("a.example.org"), b = bucket_keys("b.example.org"),
             c = bucket_keys("c.example.org"), elsewhere = bucket_keys("c.example.net");
  EXPECT_EQ(ask(two.buckets, two.one, a, limits, 0), 0);
  two.buckets.release(a, limits, at_ms(10), at_ms(1010));
  EXPECT_EQ(ask(two.buckets, two.one, b, limits, 20), 0);
  EXPECT_EQ(ask(two.buckets, two.one, c, limits, 30), 1010);
  EXPECT_EQ(ask(two.buckets, two.one, elsewhere, limits, 30), 0);
  two.buckets.release(b, limits, at_ms(40), at_ms(1040));
  EXPECT_EQ(ask(two.buckets, two.one, c, limits, 1010), 0);
  EXPECT_EQ(ask(two.buckets, two.one, a, limits, 1010), 1040);
  // A Retry-After of one host holds its place no longer than any other pause.
  two.buckets.release(c, limits, at_ms(1050), at_ms(9'000'000));
  EXPECT_EQ(ask(two.buckets, two.one, a, limits, 1050), 0);
  EXPECT_EQ(ask(two.buckets, two.one, b, limits, 1050), 61'050);
}

TEST(PolitenessBuckets, WhoeverHasWaitedLongestGoesFirst) {
  Two two;
  const auto keys = bucket_keys("a.test");
  const BucketLimits limits{.delay = Millis{1000}};
  std::map<int, int> turns;
  std::int64_t now = 0;
  EXPECT_EQ(ask(two.buckets, two.one, keys, limits, now), 0);
  EXPECT_EQ(ask(two.buckets, two.other, keys, limits, now), -1);
  for (int i = 0; i < 20; ++i) {
    two.buckets.release(keys, limits, at_ms(now), at_ms(now + 1000));
    now += 1000;
    // One always comes first, and lets the other pass whose turn it is.
    if (ask(two.buckets, two.one, keys, limits, now) == 0) {
      ++turns[1];
      EXPECT_NE(ask(two.buckets, two.other, keys, limits, now), 0);
    } else {
      ++turns[2];
      EXPECT_EQ(ask(two.buckets, two.other, keys, limits, now), 0);
      EXPECT_NE(ask(two.buckets, two.one, keys, limits, now), 0);
    }
  }
  EXPECT_EQ(turns[1], 10);
  EXPECT_EQ(turns[2], 10);
}

TEST(PolitenessBuckets, ARefusalSaysHowManyWait) {
  PolitenessBuckets buckets;
  PolitenessBuckets::Member members[4]{
      {buckets, [] {}}, {buckets, [] {}}, {buckets, [] {}}, {buckets, [] {}}};
  const auto keys = bucket_keys("a.test");
  const BucketLimits limits{.delay = Millis{1000}};
  EXPECT_FALSE(buckets.acquire(members[0], keys, limits, at_ms(0)));
  for (const std::size_t line : {1, 2, 3})
    EXPECT_EQ(buckets.acquire(members[line], keys, limits, at_ms(0))->line, line);
  EXPECT_EQ(buckets.acquire(members[1], keys, limits, at_ms(0))->line, 3U) << "it waits already";
}

TEST(PolitenessBuckets, OneThatDoesNotComeLosesItsTurnSoon) {
  Two two;
  const auto keys = bucket_keys("a.test");
  const BucketLimits limits{.delay = Millis{1000}};
  EXPECT_EQ(ask(two.buckets, two.one, keys, limits, 0), 0);
  EXPECT_EQ(ask(two.buckets, two.other, keys, limits, 0), -1);  // then its job is paused
  two.buckets.release(keys, limits, at_ms(0), at_ms(1000));
  EXPECT_EQ(ask(two.buckets, two.one, keys, limits, 1000), 1100);
  EXPECT_EQ(ask(two.buckets, two.one, keys, limits, 1100), 0);
  two.buckets.release(keys, limits, at_ms(1100), at_ms(2100));
  EXPECT_EQ(ask(two.buckets, two.one, keys, limits, 2100), 0);
}

TEST(PolitenessBuckets, AHostIsKeptFreeOnlyForOneThatComes) {
  Two two;
  const auto keys = bucket_keys("a.test");
  const BucketLimits quick{.delay = Millis{100}}, slow{.delay = Millis{1000}};
  EXPECT_EQ(ask(two.buckets, two.one, keys, quick, 0), 0);
  EXPECT_EQ(ask(two.buckets, two.other, keys, slow, 0), -1);
  two.buckets.release(keys, quick, at_ms(50), at_ms(150));
  EXPECT_EQ(ask(two.buckets, two.other, keys, slow, 50), 1050);
  EXPECT_EQ(ask(two.buckets, two.one, keys, quick, 950), 0) << "the other has not waited for long";
  two.buckets.release(keys, quick, at_ms(960), at_ms(1060));
  EXPECT_EQ(ask(two.buckets, two.other, keys, slow, 1050), 1960);
  EXPECT_EQ(ask(two.buckets, two.one, keys, quick, 1900), 0);
  two.buckets.release(keys, quick, at_ms(1910), at_ms(2010));
  EXPECT_EQ(ask(two.buckets, two.other, keys, slow, 1960), 2910);
  // For two seconds now; and it does not come when its time is there.
  EXPECT_EQ(ask(two.buckets, two.one, keys, quick, 2010), 2110);
  EXPECT_EQ(ask(two.buckets, two.one, keys, quick, 2900), 3000);
  EXPECT_EQ(ask(two.buckets, two.one, keys, quick, 3011), 0);
}

TEST(PolitenessBuckets, OneThatIsGoneHoldsNobodyUp) {
  PolitenessBuckets buckets;
  PolitenessBuckets::Member stays{buckets, [] {}};
  const auto keys = bucket_keys("a.test");
  const BucketLimits limits{.delay = Millis{1000}};
  {
    PolitenessBuckets::Member goes{buckets, [] {}};
    EXPECT_EQ(ask(buckets, stays, keys, limits, 0), 0);
    EXPECT_EQ(ask(buckets, goes, keys, limits, 0), -1);
  }
  buckets.release(keys, limits, at_ms(0), at_ms(1000));
  EXPECT_EQ(ask(buckets, stays, keys, limits, 1000), 0);
}

TEST(PolitenessBuckets, AnAddressThatIsFoundOutLaterCountsFromThenOn) {
  Two two;
  const BucketLimits limits{.per_ip = 1};
  BucketKeys a = bucket_keys("a.test");
  EXPECT_EQ(ask(two.buckets, two.one, a, limits, 0), 0);
  const auto found = address_bucket("127.0.0.9");
  two.buckets.move_address(a.address, found, 1, at_ms(1));
  a.address = found;
  const auto b = bucket_keys("127.0.0.9:2");
  EXPECT_EQ(ask(two.buckets, two.other, b, limits, 1), -1);
  two.buckets.release(a, limits, at_ms(2), at_ms(2));
  EXPECT_EQ(ask(two.buckets, two.other, b, limits, 2), 0);
}

// A visit that holds a place of its own host can't wait for one that somebody holds who may wait
// for this one.
TEST(PolitenessBuckets, WhoSqueezesInKeepsTheTimesOfTheHostAndCountsAsAnyFetch) {
  Two two;
  const auto keys = bucket_keys("a.test");
  const BucketLimits limits{.delay = Millis{1000}};
  const auto squeeze_in = [&](std::int64_t now) {
    const auto refusal = two.buckets.squeeze_in(two.other, keys, limits, at_ms(now));
    return refusal ? ms(refusal->until) : 0;
  };
  EXPECT_EQ(ask(two.buckets, two.one, keys, limits, 1), 0);
  EXPECT_EQ(ask(two.buckets, two.other, keys, limits, 1), -1);
  EXPECT_EQ(squeeze_in(500), 1001);
  EXPECT_EQ(squeeze_in(1001), 0);
  two.buckets.release(keys, limits, at_ms(1100), at_ms(3000));
  EXPECT_EQ(ask(two.buckets, two.one, keys, limits, 3000), -1) << "it is counted";
  EXPECT_EQ(squeeze_in(2500), 3000);
  two.buckets.release(keys, limits, at_ms(2600), at_ms(2600));
  EXPECT_EQ(squeeze_in(2600), 3600) << "a wait is never cut short";
  EXPECT_EQ(ask(two.buckets, two.one, keys, limits, 3600), 0) << "and nobody is in the line";
}

TEST(PolitenessBuckets, TheEndOfARequestCountsThoughItsPlaceIsKept) {
  Two two;
  const auto keys = bucket_keys("a.test");
  const BucketLimits limits{.delay = Millis{1000}};
  EXPECT_EQ(ask(two.buckets, two.one, keys, limits, 0), 0);
  two.buckets.note_end(keys, at_ms(700), at_ms(1700));
  EXPECT_EQ(ask(two.buckets, two.other, keys, limits, 1700), -1);
  const auto refusal = two.buckets.squeeze_in(two.one, keys, limits, at_ms(1200));
  ASSERT_TRUE(refusal);
  EXPECT_EQ(ms(refusal->until), 1700);
}

TEST(PolitenessBuckets, WhoSendsLateKeepsTheDistanceToWhoSqueezedIn) {
  Two two;
  const auto keys = bucket_keys("a.test");
  const BucketLimits limits{.delay = Millis{1000}};
  const auto start_late = [&](std::int64_t since, std::int64_t now) {
    const auto until = two.buckets.start_late(keys, limits, at_ms(since), at_ms(now));
    return until ? ms(*until) : 0;
  };
  EXPECT_EQ(ask(two.buckets, two.one, keys, limits, 1), 0);
  EXPECT_FALSE(two.buckets.any_squeezed_in(at_ms(1)));
  EXPECT_EQ(start_late(1, 5000), 0) << "and this is a start";
  EXPECT_EQ(ms(two.buckets.squeeze_in(two.other, keys, limits, at_ms(5100))->until), 6000);
  EXPECT_FALSE(two.buckets.squeeze_in(two.other, keys, limits, at_ms(6000)));
  EXPECT_TRUE(two.buckets.any_squeezed_in(at_ms(1)));
  EXPECT_EQ(start_late(1, 6500), 7000);
  two.buckets.release(keys, limits, at_ms(6900), at_ms(7900));
  EXPECT_EQ(start_late(1, 7000), 7900);
  EXPECT_EQ(start_late(1, 7900), 0);
  EXPECT_EQ(start_late(7000, 7950), 0) << "nobody squeezed in since";
}

TEST(PolitenessBuckets, OneWhoAsksForFewBucketsLeavesTheirLines) {
  PolitenessBuckets buckets;
  PolitenessBuckets::Member stays{buckets, [] {}};
  const auto keys = bucket_keys("a.test");
  const BucketLimits limits{.delay = Millis{1000}};
  {
    PolitenessBuckets::Member goes{buckets, [] {}, keys};
    EXPECT_EQ(ask(buckets, stays, keys, limits, 0), 0);
    EXPECT_EQ(ask(buckets, goes, keys, limits, 0), -1);
  }
  buckets.release(keys, limits, at_ms(0), at_ms(1000));
  EXPECT_EQ(ask(buckets, stays, keys, limits, 1000), 0);
}

TEST(PolitenessBuckets, RemembersOnlyWhatStillMatters) {
  Two two;
  const BucketLimits limits{.delay = Millis{1000}, .per_domain = 8};
  std::int64_t now = 0;
  for (int i = 0; i < 200'000; ++i, ++now) {
    const BucketKeys keys{.host = 2 * static_cast<std::uint64_t>(i) + 1};
    ASSERT_EQ(ask(two.buckets, two.one, keys, limits, now), 0);
    two.buckets.release(keys, limits, at_ms(now), at_ms(now + 1000));
  }
  EXPECT_LE(two.buckets.size(), 2 * 1024U + 2000);
}

}  // namespace trawl::crawl
