#include "core/base/units.hpp"

#include <gtest/gtest.h>

namespace trawl {

TEST(Units, DurationsAreReadInEveryUnit) {
  EXPECT_EQ(parse_duration("250ms"), Millis{250});
  EXPECT_EQ(parse_duration("1.5s"), Millis{1500});
  EXPECT_EQ(parse_duration("5m"), Millis{300'000});
  EXPECT_EQ(parse_duration("24h"), Millis{86'400'000});
  EXPECT_EQ(parse_duration("0"), Millis{0});
}

TEST(Units, NumbersWithoutUnitNegativesAndNonsenseAreRefused) {
  for (const char* text : {"5", "-1s", "", "s", "1 week", "nan s", "inf s", "1e99d"})
    EXPECT_FALSE(parse_duration(text)) << text;
  for (const char* text : {"5", "-1B", "", "MiB", "1 parsec", "1e30TiB"})
    EXPECT_FALSE(parse_bytes(text)) << text;
}

TEST(Units, SizesKnowDecimalAndBinaryUnits) {
  EXPECT_EQ(parse_bytes("32MiB"), 33'554'432u);
  EXPECT_EQ(parse_bytes("10MB"), 10'000'000u);
  EXPECT_EQ(parse_bytes("1 GiB"), 1'073'741'824u);
  EXPECT_EQ(parse_bytes("2M"), 2u << 20);  // as in curl's and wget's --limit-rate
  EXPECT_EQ(parse_bytes("100k"), 102'400u);
}

TEST(Units, FormattedValuesReadBackToTheSame) {
  for (const std::int64_t ms : {1LL, 999LL, 1000LL, 90'000LL, 3'600'000LL, 86'400'001LL})
    EXPECT_EQ(parse_duration(format_duration(Millis{ms})), Millis{ms});
  for (const std::uint64_t bytes : {1ULL, 1000ULL, 1024ULL, 1ULL << 30, (1ULL << 30) + 1})
    EXPECT_EQ(parse_bytes(format_bytes(bytes)), bytes);
}

TEST(Clock, TimesAreWrittenAsRfc3339WithMilliseconds) {
  const Wall time{Millis{1'767'225'599'007}};
  EXPECT_EQ(format_rfc3339(time), "2025-12-31T23:59:59.007Z");
  EXPECT_EQ(format_seconds(time), "2025-12-31T23:59:59Z");
  EXPECT_EQ(format_compact(time), "20251231235959");
}

TEST(Clock, EachPartOfATimeHasItsWidth) {
  EXPECT_EQ(format_rfc3339(Wall{}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(format_compact(Wall{Millis{1}}), "19700101000000");
  const Wall early = std::chrono::sys_days{std::chrono::year{987} / 6 / 5} + Millis{14'582'009};
  EXPECT_EQ(format_rfc3339(early), "0987-06-05T04:03:02.009Z");
  const Wall before = std::chrono::sys_days{std::chrono::year{-1} / 12 / 31};
  EXPECT_EQ(format_seconds(before), "-001-12-31T00:00:00Z");
  const Wall late = std::chrono::sys_days{std::chrono::year{12'345} / 12 / 31};
  EXPECT_EQ(format_seconds(late), "12345-12-31T00:00:00Z");
}

}  // namespace trawl
