#include "service/text/time_text.hpp"

#include <gtest/gtest.h>

namespace trawl::service {
namespace {

constexpr Wall now{Millis{1'769'904'000'000}};  // 2026-02-01T00:00:00Z

std::string since(std::string_view text) {
  const auto time = read_since(text, now);
  return time ? format_rfc3339(*time) : std::string{"?"};
}

std::string until(std::string_view text) {
  const auto time = read_until(text, now);
  return time ? format_rfc3339(*time) : std::string{"?"};
}

// RFC 3339, section 5.6.
TEST(TimeText, SinceTakesTimesOfRfc3339) {
  EXPECT_EQ(since("2026-01-31T23:59:59Z"), "2026-01-31T23:59:59.000Z");
  EXPECT_EQ(since("2026-01-31t23:59:59.12345z"), "2026-01-31T23:59:59.123Z");
  EXPECT_EQ(since("2026-01-31 23:59:59.5+01:30"), "2026-01-31T22:29:59.500Z");
  EXPECT_EQ(since("2026-01-31T23:59:59-00:30"), "2026-02-01T00:29:59.000Z");
  EXPECT_EQ(since("2024-02-29"), "2024-02-29T00:00:00.000Z");
}

TEST(TimeText, SinceTakesADurationBeforeNow) {
  EXPECT_EQ(since("2h"), "2026-01-31T22:00:00.000Z");
  EXPECT_EQ(since("1.5s"), "2026-01-31T23:59:58.500Z");
  EXPECT_EQ(since("7d"), "2026-01-25T00:00:00.000Z");
}

TEST(TimeText, SinceRefusesWhatIsNoTime) {
  for (const char* text :
       {"", "yesterday", "2026-02-30", "2026-13-01", "2026-01-31T24:00:00Z", "2026-01-31T23",
        "2026-01-31T23:59:", "2026-01-31T23:59:59.Z", "2026-01-31T23:59:59Zx", "2026-01-31T", "2",
        "-2h", "2026-01-31T23:59:59+25:00"})
    EXPECT_EQ(since(text), "?") << text;
}

TEST(TimeText, SecondsAndTheOffsetMayBeMissing) {
  EXPECT_EQ(since("2026-01-31T23:59"), "2026-01-31T23:59:00.000Z");
  EXPECT_EQ(since("2026-01-31 23:59+01:00"), "2026-01-31T22:59:00.000Z");
  EXPECT_EQ(since("2026-01-31T23:59:58"), "2026-01-31T23:59:58.000Z");
}

TEST(TimeText, TheDigitsOfAWebArchiveAreATime) {
  EXPECT_EQ(since("20260131235958"), "2026-01-31T23:59:58.000Z");
  for (const char* text : {"20260131", "2026013123595", "202601312359580", "20261331235958"})
    EXPECT_EQ(since(text), "?") << text;
}

TEST(TimeText, UntilIsTheLastMillisecondOfWhatIsNamed) {
  EXPECT_EQ(until("2026-01-31"), "2026-01-31T23:59:59.999Z");
  EXPECT_EQ(until("2026-01-31T23:59"), "2026-01-31T23:59:59.999Z");
  EXPECT_EQ(until("2026-01-31T23:59:58Z"), "2026-01-31T23:59:58.999Z");
  EXPECT_EQ(until("20260131235958"), "2026-01-31T23:59:58.999Z");
  EXPECT_EQ(until("2026-01-31T23:59:58.5Z"), "2026-01-31T23:59:58.500Z");
  EXPECT_EQ(until("2h"), "2026-01-31T22:00:00.000Z");
  EXPECT_EQ(until("soon"), "?");
}

}  // namespace
}  // namespace trawl::service
