// RFC 9110, 5.6.7 (dates) and 8.8.3 (entity tags).
#include "core/crawl/state/validator.hpp"

#include <gtest/gtest.h>

namespace trawl::crawl {
namespace {

const Wall seen{Millis{1'800'000'000'000}};  // in January 2027

TEST(Validator, AnEntityTagIsInQuotes) {
  for (const std::string_view tag : {R"("")", R"("a")", R"(W/"a")", R"("!#~\")", "\"\xE4\""})
    EXPECT_TRUE(is_entity_tag(tag)) << tag;
  for (const std::string_view tag : {"", "a", "*", "\"", "W/", "W/a", "w/\"a\"", "\"a", "\"a\"b\"",
                                     "\"a b\"", "\"a\", \"b\"", "\"a\x7F\"", "\"a\"-gzip"})
    EXPECT_FALSE(is_entity_tag(tag)) << tag;
  EXPECT_TRUE(is_strong_entity_tag("\"a\""));
  EXPECT_FALSE(is_strong_entity_tag("W/\"a\""));
}

TEST(Validator, ADateInTheStandardsFormStaysAsItIsWritten) {
  for (const std::string_view date :
       {"Sun, 06 Nov 1994 08:49:37 GMT", "Mon, 06 Nov 1994 08:49:37 GMT"})  // a wrong weekday
    EXPECT_EQ(to_fixdate(date, seen), date);
  EXPECT_TRUE(is_fixdate("Sun, 06 Nov 1994 08:49:37 GMT"));
  for (const std::string_view date :
       {"Sun, 6 Nov 1994 08:49:37 GMT", "sun, 06 nov 1994 08:49:37 gmt",
        "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37 GMT "})
    EXPECT_FALSE(is_fixdate(date)) << date;
}

TEST(Validator, ADateInAnotherFormIsPutInTheStandards) {
  for (const std::string_view date :
       {"Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
        "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 09:49:37 +0100"})
    EXPECT_EQ(to_fixdate(date, seen), "Sun, 06 Nov 1994 08:49:37 GMT") << date;
}

TEST(Validator, DatesFarAwayAreWrittenAsTheyAre) {
  EXPECT_EQ(to_fixdate("31 Dec 9999 23:59:59", seen), "Fri, 31 Dec 9999 23:59:59 GMT");
  EXPECT_EQ(to_fixdate("1 Jan 0800 00:00:00", seen), "Sat, 01 Jan 0800 00:00:00 GMT");
}

TEST(Validator, WhatIsNoDateIsNone) {
  for (const std::string_view date :
       {"", "garbage date", "0", "1994-11-06T08:49:37Z", "Sun, 31 Feb 1994 08:49:37 GMT",
        "31 Dec 9999 23:59:59 -1400"})
    EXPECT_EQ(to_fixdate(date, seen), "") << date;
}

}  // namespace
}  // namespace trawl::crawl
