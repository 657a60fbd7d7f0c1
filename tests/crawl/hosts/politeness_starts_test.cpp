// How far apart the starts on one host are while several are in flight, in virtual time: as far as
// its answers asked for, whoever got these and whoever asks.
#include "core/crawl/hosts/politeness_buckets.hpp"
#include "virtual_time.hpp"

#include <gtest/gtest.h>

namespace trawl::crawl {
namespace {

std::int64_t ms(Mono time) {
  return std::chrono::duration_cast<Millis>(time - Mono{}).count();
}

// Two jobs that allow two fetches at once.
struct Host {
  PolitenessBuckets buckets;
  PolitenessBuckets::Member one{buckets, [] {}};
  PolitenessBuckets::Member other{buckets, [] {}};
  BucketKeys keys = bucket_keys("a.test");
  BucketLimits limits{.delay = Millis{1000}, .per_host = 2};

  // The time of a refusal; 0: granted.
  std::int64_t ask(PolitenessBuckets::Member& member, std::int64_t now) {
    const auto refusal = buckets.acquire(member, keys, limits, at_ms(now));
    return refusal ? ms(refusal->until) : 0;
  }
  std::int64_t squeeze_in(PolitenessBuckets::Member& member, std::int64_t now) {
    const auto refusal = buckets.squeeze_in(member, keys, limits, at_ms(now));
    return refusal ? ms(refusal->until) : 0;
  }
  // With a wait that the host asked for, but for the job's delay.
  void release(PolitenessBuckets::Member& member, std::int64_t now, std::int64_t asked) {
    const Millis wait = std::max(limits.delay, Millis{asked});
    buckets.release(keys, limits, at_ms(now), at_ms(now) + wait, Millis{asked}, &member);
  }
};

TEST(PolitenessStarts, AreAsFarApartAsOneJobWasToldWhoeverAsks) {
  Host host;
  EXPECT_EQ(host.ask(host.one, 1), 0);
  host.release(host.one, 100, 6000);  // a Crawl-delay
  EXPECT_EQ(host.ask(host.other, 200), 6100);
  EXPECT_EQ(host.ask(host.other, 6100), 0);
  EXPECT_EQ(host.ask(host.one, 6100), 12'100);
  EXPECT_EQ(host.ask(host.one, 12'100), 0);
}

TEST(PolitenessStarts, OfWhoSqueezesInAreAsFarApartToo) {
  Host host;
  EXPECT_EQ(host.ask(host.one, 1), 0);
  host.release(host.one, 100, 3000);
  EXPECT_EQ(host.ask(host.one, 3100), 0);
  EXPECT_EQ(host.squeeze_in(host.other, 3200), 6100);
  EXPECT_EQ(host.squeeze_in(host.other, 6100), 0);
  PolitenessBuckets::Member third{host.buckets, [] {}};
  EXPECT_EQ(host.squeeze_in(third, 6100), 9100);
  EXPECT_EQ(ms(*host.buckets.start_late(host.keys, host.limits, at_ms(3100), at_ms(6200))), 9100);
}

// What was in flight when the host asked to be left alone ends with a usual answer.
TEST(PolitenessStarts, AnEndWithinALongerWaitDoesNotBringThemTogether) {
  Host host;
  EXPECT_EQ(host.ask(host.one, 1), 0);
  EXPECT_EQ(host.ask(host.other, 1001), 0);
  host.release(host.one, 2000, 8000);
  host.release(host.other, 3000, 0);
  EXPECT_EQ(host.ask(host.one, 10'000), 0);
  EXPECT_EQ(host.ask(host.other, 10'000), 18'000);
  host.release(host.one, 10'500, 0);  // as usual again
  EXPECT_EQ(host.ask(host.other, 10'500), 11'500);
  EXPECT_EQ(host.ask(host.other, 11'500), 0);
  EXPECT_EQ(host.ask(host.one, 11'600), 12'500);
}

TEST(PolitenessStarts, TheDelayOfAnotherJobDoesNotCountForThem) {
  Host host;
  EXPECT_EQ(host.ask(host.one, 1), 0);
  host.release(host.one, 100, 0);
  host.limits.delay = Millis{0};
  EXPECT_EQ(host.ask(host.other, 1100), 0);
  EXPECT_EQ(host.ask(host.other, 1100), 0);
}

TEST(PolitenessStarts, ANewPaceOfOneJobCutsNoWaitOfAnother) {
  Host host;
  EXPECT_EQ(host.ask(host.one, 1), 0);
  EXPECT_EQ(host.ask(host.other, 1001), 0);
  host.release(host.other, 2000, 10'000);
  host.limits.delay = Millis{60'000};
  host.release(host.one, 2500, 0);
  host.limits.delay = Millis{0};
  host.buckets.move_wait(host.one, host.keys, at_ms(62'500), at_ms(2500));
  EXPECT_EQ(host.ask(host.one, 3000), 12'000);
  host.buckets.move_wait(host.one, host.keys, at_ms(12'000), at_ms(2500));
  EXPECT_EQ(host.ask(host.one, 3000), 12'000) << "it is not its own";
}

// Both are under way; the other has heard from robots.txt how long the host wants to be left alone.
TEST(PolitenessStarts, AnotherPaceDoesNotCutAWaitThatTheOtherNotedOnItsWay) {
  Host host;
  EXPECT_EQ(host.ask(host.one, 1), 0);
  EXPECT_EQ(host.ask(host.other, 1'001), 0);
  host.buckets.note_end(host.keys, at_ms(1'500), at_ms(31'500), Millis{30'000});
  host.limits.delay = Millis{60'000};
  host.release(host.one, 2'000, 0);
  host.limits.delay = Millis{500};
  host.buckets.move_wait(host.one, host.keys, at_ms(62'000), at_ms(2'500));
  EXPECT_EQ(host.ask(host.one, 3'000), 31'500);
}

TEST(PolitenessStarts, AnotherPaceHoldsAlsoForWhatTheSameVisitNotedOnItsWay) {
  Host host;
  EXPECT_EQ(host.ask(host.one, 1), 0);
  host.buckets.note_end(host.keys, at_ms(500), at_ms(60'500));
  host.limits.delay = Millis{60'000};
  host.release(host.one, 1'000, 0);
  host.limits.delay = Millis{500};
  host.buckets.move_wait(host.one, host.keys, at_ms(61'000), at_ms(1'500));
  EXPECT_EQ(host.ask(host.one, 1'600), 0);
}

}  // namespace
}  // namespace trawl::crawl
