#include "core/web/timestamp.hpp"

#include <gtest/gtest.h>

#include <string>

namespace trawl::web {
namespace {

std::string w3c(std::string_view text) {
  const auto time = parse_w3c_datetime(text);
  return time ? format_rfc3339(*time) : "none";
}

std::string rfc822(std::string_view text) {
  const auto time = parse_rfc822_date(text);
  return time ? format_rfc3339(*time) : "none";
}

TEST(Timestamp, AllFormsOfTheW3cProfileAreRead) {
  EXPECT_EQ(w3c("1997"), "1997-01-01T00:00:00.000Z");
  EXPECT_EQ(w3c("1997-07"), "1997-07-01T00:00:00.000Z");
  EXPECT_EQ(w3c("1997-07-16"), "1997-07-16T00:00:00.000Z");
  EXPECT_EQ(w3c("1997-07-16T19:20+01:00"), "1997-07-16T18:20:00.000Z");
  EXPECT_EQ(w3c("1997-07-16T19:20:30+01:00"), "1997-07-16T18:20:30.000Z");
  EXPECT_EQ(w3c("1997-07-16T19:20:30.45-01:30"), "1997-07-16T20:50:30.450Z");
  EXPECT_EQ(w3c("2024-02-29T23:59:60Z"), "2024-03-01T00:00:00.000Z");
}

TEST(Timestamp, WhatSitesWriteInsteadIsReadToo) {
  EXPECT_EQ(w3c(" 2024-05-01 10:00:00 "), "2024-05-01T10:00:00.000Z");
  EXPECT_EQ(w3c("2024-05-01t10:00z"), "2024-05-01T10:00:00.000Z");
  EXPECT_EQ(w3c("2024-05-01T10:00:00.123456789+0200"), "2024-05-01T08:00:00.123Z");
  EXPECT_EQ(w3c("2024-05-01 10:00:00 +02"), "2024-05-01T08:00:00.000Z");
}

TEST(Timestamp, WhatIsNoDateIsNone) {
  for (const std::string_view text :
       {"", "yesterday", "2024-13", "2024-00", "2024-02-30", "2024-1-1", "24-01-01", "2024-01-01T",
        "2024-01-01T25:00Z", "2024-01-01T10:61Z", "2024-01-01T10:00+99:00", "2024-01-01x",
        "2024-01-01T10:00Zx", "20240101", "-2024-01-01"})
    EXPECT_EQ(w3c(text), "none") << text;
}

TEST(Timestamp, TheDatesOfFeedsAreRead) {
  EXPECT_EQ(rfc822("Sun, 06 Sep 2009 16:20:00 +0000"), "2009-09-06T16:20:00.000Z");
  EXPECT_EQ(rfc822("6 September 2009 16:20 GMT"), "2009-09-06T16:20:00.000Z");
  EXPECT_EQ(rfc822("Sun, 06 Sep 2009 16:20:00 -0730"), "2009-09-06T23:50:00.000Z");
  EXPECT_EQ(rfc822("Sun, 06 Sep 2009 16:20:00 EST"), "2009-09-06T21:20:00.000Z");
  EXPECT_EQ(rfc822("Sun, 06 Sep 2009"), "2009-09-06T00:00:00.000Z");
  for (const std::string_view text :
       {"", "Sun,", "Sun, 32 Sep 2009 00:00 GMT", "06 Foo 2009", "06 Sep 9 00:00 GMT",
        "06 Sep 20091 00:00 GMT", "29 Feb 09 00:00 GMT", "2009-09-06"})
    EXPECT_EQ(rfc822(text), "none") << text;
}

// RFC 2822, section 4.3.
TEST(Timestamp, ShortYearsOfFeedsAreThoseOfMail) {
  EXPECT_EQ(rfc822("Sun, 06 Sep 09 16:20:00 GMT"), "2009-09-06T16:20:00.000Z");
  EXPECT_EQ(rfc822("06 Sep 49 16:20 GMT"), "2049-09-06T16:20:00.000Z");
  EXPECT_EQ(rfc822("06 Sep 50 16:20 GMT"), "1950-09-06T16:20:00.000Z");
  EXPECT_EQ(rfc822("06 Sep 99"), "1999-09-06T00:00:00.000Z");
  EXPECT_EQ(rfc822("06 Sep 109 16:20 GMT"), "2009-09-06T16:20:00.000Z");
}

TEST(Timestamp, ACommentMayFollowTheDatesOfFeeds) {
  EXPECT_EQ(rfc822("Sun, 06 Sep 2009 16:20:00 +0000 (UTC)"), "2009-09-06T16:20:00.000Z");
  EXPECT_EQ(rfc822("Sun, 06 Sep 2009 16:20:00 -0700 (Mountain (US) Time)"),
            "2009-09-06T23:20:00.000Z");
  EXPECT_EQ(rfc822("Sun, 06 Sep 2009 16:20:00 GMT(UTC)"), "2009-09-06T16:20:00.000Z");
  EXPECT_EQ(rfc822("Sun, 06 Sep 2009 16:20:00 +0000 (UTC"), "none");
  EXPECT_EQ(rfc822("Sun, 06 Sep 2009 16:20:00 +0000 UTC)"), "none");
}

}  // namespace
}  // namespace trawl::web
