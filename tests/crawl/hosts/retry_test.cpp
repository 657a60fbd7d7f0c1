#include "core/crawl/hosts/retry.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace trawl::crawl {
namespace {

FetchSpec spec(int attempts, Millis backoff_min, Millis backoff_max) {
  FetchSpec spec;
  spec.attempts = attempts;
  spec.backoff_min = backoff_min;
  spec.backoff_max = backoff_max;
  return spec;
}

}  // namespace

TEST(RetryPolicy, RetriesWhatPassesByItself) {
  RetryPolicy retry(spec(4, Millis{1000}, Millis{60'000}), 1);
  for (const Errc error : {Errc::dns, Errc::dns_timeout, Errc::connect_refused,
                           Errc::connect_timeout, Errc::first_byte_timeout, Errc::total_timeout,
                           Errc::too_slow, Errc::reset, Errc::body_truncated, Errc::proxy}) {
    EXPECT_TRUE(retry.next(1, error)) << to_string(error);
    EXPECT_TRUE(retry.next(3, error)) << to_string(error);
    EXPECT_FALSE(retry.next(4, error)) << to_string(error);
  }
  for (const int status : {408, 425, 429, 500, 502, 503, 504, 520, 524}) {
    EXPECT_TRUE(retry.next(1, status)) << status;
    EXPECT_FALSE(retry.next(4, status)) << status;
  }
}

TEST(RetryPolicy, DoesNotRetryWhatWouldEndTheSameWay) {
  RetryPolicy retry(spec(4, Millis{1000}, Millis{60'000}), 1);
  for (const Errc error :
       {Errc::tls_cert, Errc::header_too_large, Errc::decode, Errc::too_many_redirects,
        Errc::redirect_loop, Errc::redirect_bad, Errc::bad_url, Errc::private_address, Errc::robots,
        Errc::scope, Errc::cancelled, Errc::internal}) {
    EXPECT_FALSE(retry.next(1, error)) << to_string(error);
  }
  for (const int status : {200, 204, 301, 304, 400, 401, 403, 404, 410, 451, 501, 505, 511, 999}) {
    EXPECT_FALSE(retry.next(1, status)) << status;
  }
}

TEST(RetryPolicy, GivesABrokenHandshakeOneMoreChance) {
  RetryPolicy retry(spec(4, Millis{1000}, Millis{60'000}), 1);
  for (const Errc error : {Errc::tls, Errc::protocol}) {
    EXPECT_TRUE(retry.next(1, error));
    EXPECT_FALSE(retry.next(2, error));
  }
  RetryPolicy single(spec(1, Millis{1000}, Millis{60'000}), 1);
  EXPECT_FALSE(single.next(1, Errc::tls));
  EXPECT_FALSE(single.next(1, Errc::reset));
}

TEST(RetryPolicy, WaitsAreSpreadBetweenTheMinimumAndADoublingCeiling) {
  RetryPolicy retry(spec(20, Millis{1000}, Millis{10'000}), 42);
  const Millis ceilings[] = {Millis{2000}, Millis{4000}, Millis{8000}, Millis{10'000},
                             Millis{10'000}};
  for (int attempt = 1; attempt <= 5; ++attempt) {
    Millis lowest = Millis::max();
    Millis highest{0};
    for (int i = 0; i < 2000; ++i) {
      const Millis wait = retry.next(attempt, Errc::reset).value();
      lowest = std::min(lowest, wait);
      highest = std::max(highest, wait);
    }
    const Millis ceiling = ceilings[attempt - 1];
    EXPECT_GE(lowest, Millis{1000});
    EXPECT_LE(lowest, Millis{1000} + ceiling / 20);
    EXPECT_LE(highest, ceiling);
    EXPECT_GE(highest, ceiling - ceiling / 20);
  }
}

TEST(RetryPolicy, NoWaitIsLongerThanTheLongestBackoff) {
  EXPECT_EQ(longest_backoff(spec(3, Millis{1000}, Millis{60'000})), Millis{60'000});
  EXPECT_EQ(longest_backoff(spec(3, Millis{2000}, Millis{1000})), Millis{2000});
}

TEST(RetryPolicy, TheSameSeedGivesTheSameWaits) {
  RetryPolicy one(spec(4, Millis{1000}, Millis{60'000}), 7);
  RetryPolicy other(spec(4, Millis{1000}, Millis{60'000}), 7);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(one.next(2, Errc::reset), other.next(2, Errc::reset));
}

TEST(RetryPolicy, StandsExtremeSettings) {
  RetryPolicy zero(spec(1'000'000, Millis{0}, Millis{0}), 1);
  EXPECT_EQ(zero.next(999'999, Errc::reset), Millis{0});
  RetryPolicy wide(spec(1'000'000, Millis{1}, Millis{1'000'000'000'000}), 1);
  EXPECT_LE(wide.next(999'999, Errc::reset).value(), Millis{1'000'000'000'000});
  RetryPolicy reversed(spec(4, Millis{500}, Millis{100}), 1);
  EXPECT_EQ(reversed.next(3, Errc::reset), Millis{500});
}

}  // namespace trawl::crawl
