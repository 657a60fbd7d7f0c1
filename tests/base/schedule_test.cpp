#include "core/base/schedule.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <vector>

namespace trawl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Wall utc(int year, int month, int day, int hour = 0, int minute = 0, int second = 0) {
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  return std::chrono::sys_days{date} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
         std::chrono::seconds{second};
}

// The next times in UTC, "2026-03-29 01:00".
std::vector<std::string> times(std::string_view text, Wall after, int count,
                               const std::string& zone = "UTC") {
  const auto schedule = Schedule::parse(text, zone);
  if (!schedule) return {schedule.error().detail};
  std::vector<std::string> found;
  for (int i = 0; i < count; ++i) {
    const auto next = schedule->next(after);
    if (!next) break;
    std::string shown = format_rfc3339(*next);
    found.push_back(shown.substr(0, 10) + " " + shown.substr(11, 5));
    after = *next;
  }
  return found;
}

std::string next(std::string_view text, Wall after) {
  const auto found = times(text, after, 1);
  return found.empty() ? "never" : found.front();
}

std::string wrong(std::string_view text, const std::string& zone = "UTC") {
  const auto schedule = Schedule::parse(text, zone);
  return schedule ? "" : schedule.error().detail;
}

const Wall thursday = utc(2026, 11, 26, 1, 17, 5);  // a Thursday

}  // namespace

TEST(Schedule, FieldsAreMinuteHourDayMonthWeekday) {
  EXPECT_EQ(next("30 4 * * *", thursday), "2026-11-26 04:30");
  EXPECT_EQ(next("0 1 * * *", thursday), "2026-11-27 01:00");
  EXPECT_EQ(next("17 1 * * *", thursday), "2026-11-27 01:17");  // 5 s ago is not next
  EXPECT_EQ(next("18 1 * * *", thursday), "2026-11-26 01:18");
  EXPECT_EQ(next("0 0 1 * *", thursday), "2026-12-01 00:00");
  EXPECT_EQ(next("0 0 1 1 *", thursday), "2027-01-01 00:00");
  EXPECT_EQ(next("0 0 * * 0", thursday), "2026-11-29 00:00");
  EXPECT_EQ(next("0 0 * * 7", thursday), "2026-11-29 00:00");
  EXPECT_EQ(next("0 0 * 6 *", thursday), "2027-06-01 00:00");
}

TEST(Schedule, RangesStepsListsAndNames) {
  EXPECT_THAT(
      times("*/20 * * * *", thursday, 4),
      ElementsAre("2026-11-26 01:20", "2026-11-26 01:40", "2026-11-26 02:00", "2026-11-26 02:20"));
  EXPECT_THAT(times("5,35 8-9 * * *", thursday, 5),
              ElementsAre("2026-11-26 08:05", "2026-11-26 08:35", "2026-11-26 09:05",
                          "2026-11-26 09:35", "2026-11-27 08:05"));
  EXPECT_THAT(times("0 12 * * mon-FRI", thursday, 3),
              ElementsAre("2026-11-26 12:00", "2026-11-27 12:00", "2026-11-30 12:00"));
  EXPECT_THAT(times("0 0 1 jan,Jul *", thursday, 3),
              ElementsAre("2027-01-01 00:00", "2027-07-01 00:00", "2028-01-01 00:00"));
  EXPECT_THAT(
      times("0 10-20/5 * * *", thursday, 4),
      ElementsAre("2026-11-26 10:00", "2026-11-26 15:00", "2026-11-26 20:00", "2026-11-27 10:00"));
  EXPECT_THAT(times("0 20/2 * * *", thursday, 3),
              ElementsAre("2026-11-26 20:00", "2026-11-26 22:00", "2026-11-27 20:00"));
  EXPECT_THAT(times("0 0 * * fri-7", thursday, 3),
              ElementsAre("2026-11-27 00:00", "2026-11-28 00:00", "2026-11-29 00:00"));
}

// crontab(5): with both day fields given, a day that matches either is meant.
TEST(Schedule, TwoDayFieldsAreEither) {
  EXPECT_THAT(
      times("0 0 13 * fri", thursday, 4),
      ElementsAre("2026-11-27 00:00", "2026-12-04 00:00", "2026-12-11 00:00", "2026-12-13 00:00"));
  EXPECT_THAT(times("0 0 */2 * fri", thursday, 2),  // a "*": both
              ElementsAre("2026-11-27 00:00", "2026-12-11 00:00"));
}

TEST(Schedule, WordsStandForExpressions) {
  EXPECT_EQ(next("@hourly", thursday), "2026-11-26 02:00");
  EXPECT_EQ(next("@daily", thursday), "2026-11-27 00:00");
  EXPECT_EQ(next("@midnight", thursday), "2026-11-27 00:00");
  EXPECT_EQ(next("@weekly", thursday), "2026-11-29 00:00");
  EXPECT_EQ(next("@Monthly", thursday), "2026-12-01 00:00");
  EXPECT_EQ(next("@yearly", thursday), "2027-01-01 00:00");
  EXPECT_EQ(next("@annually", thursday), "2027-01-01 00:00");
}

TEST(Schedule, RareDaysAreFound) {
  EXPECT_THAT(times("0 0 29 2 *", thursday, 2),
              ElementsAre("2028-02-29 00:00", "2032-02-29 00:00"));
  EXPECT_EQ(next("0 0 29 2 *", utc(2096, 3, 1)), "2104-02-29 00:00");  // 2100 is no leap year
  EXPECT_EQ(next("0 0 31 * *", utc(2026, 11, 1)), "2026-12-31 00:00");
}

TEST(Schedule, IntervalsCountFromTheTimeGiven) {
  EXPECT_EQ(next("every 6h", thursday), "2026-11-26 07:17");
  EXPECT_EQ(Schedule::parse("every 90s")->next(thursday), thursday + Millis{90'000});
  EXPECT_TRUE(Schedule::parse("off")->is_off());
  EXPECT_EQ(Schedule::parse("off")->next(thursday), std::nullopt);
}

TEST(Schedule, LocalTimesFollowTheZone) {
  EXPECT_EQ(times("0 3 * * *", thursday, 1, "Europe/Berlin").front(), "2026-11-26 02:00");
  EXPECT_EQ(next("CRON_TZ=America/New_York 0 3 * * *", thursday), "2026-11-26 08:00");
  EXPECT_EQ(next("CRON_TZ=Asia/Kathmandu 0 0 * * *", thursday), "2026-11-26 18:15");
  EXPECT_EQ(next("CRON_TZ=Asia/Tokyo 0 0 * * mon", thursday), "2026-11-29 15:00");
}

// Berlin, 2026-03-29: 02:00 CET is 03:00 CEST (01:00 UTC).
TEST(Schedule, ASkippedTimeComesAtTheSkip) {
  EXPECT_THAT(times("30 2 * * *", utc(2026, 3, 28, 12), 2, "Europe/Berlin"),
              ElementsAre("2026-03-29 01:00", "2026-03-30 00:30"));
  EXPECT_THAT(times("0,30 2 * * *", utc(2026, 3, 28, 12), 2, "Europe/Berlin"),
              ElementsAre("2026-03-29 01:00", "2026-03-30 00:00"));
  EXPECT_THAT(times("30 2,3 * * *", utc(2026, 3, 28, 12), 3, "Europe/Berlin"),
              ElementsAre("2026-03-29 01:00", "2026-03-29 01:30", "2026-03-30 00:30"));
  // New York, 2026-03-08: 02:00 EST is 03:00 EDT (07:00 UTC).
  EXPECT_THAT(times("15 2 * * *", utc(2026, 3, 7, 12), 2, "America/New_York"),
              ElementsAre("2026-03-08 07:00", "2026-03-09 06:15"));
}

// Berlin, 2026-10-25: 03:00 CEST is 02:00 CET (01:00 UTC).
TEST(Schedule, ADoubledTimeComesOnce) {
  EXPECT_THAT(times("30 2 * * *", utc(2026, 10, 24, 12), 2, "Europe/Berlin"),
              ElementsAre("2026-10-25 00:30", "2026-10-26 01:30"));
  // Asked between the two.
  EXPECT_THAT(times("30 2 * * *", utc(2026, 10, 25, 0, 45), 1, "Europe/Berlin"),
              ElementsAre("2026-10-26 01:30"));
  EXPECT_THAT(times("0 3 * * *", utc(2026, 10, 24, 12), 1, "Europe/Berlin"),
              ElementsAre("2026-10-25 02:00"));
}

TEST(Schedule, EveryHourMeansEveryHourWhateverTheClocksDo) {
  EXPECT_THAT(
      times("0 * * * *", utc(2026, 10, 24, 23, 30), 4, "Europe/Berlin"),
      ElementsAre("2026-10-25 00:00", "2026-10-25 01:00", "2026-10-25 02:00", "2026-10-25 03:00"));
  EXPECT_THAT(times("*/30 * * * *", utc(2026, 3, 29, 0, 15), 3, "Europe/Berlin"),
              ElementsAre("2026-03-29 00:30", "2026-03-29 01:00", "2026-03-29 01:30"));
}

// Lord Howe Island sets its clocks by half an hour, Samoa left out a whole day.
TEST(Schedule, OddClockChanges) {
  EXPECT_THAT(times("15 2 * * *", utc(2026, 10, 2, 20), 2, "Australia/Lord_Howe"),
              ElementsAre("2026-10-03 15:30", "2026-10-04 15:15"));
  EXPECT_THAT(times("0 12 * * *", utc(2011, 12, 29, 0), 3, "Pacific/Apia"),
              ElementsAre("2011-12-29 22:00", "2011-12-30 10:00", "2011-12-30 22:00"));
}

TEST(Schedule, WhatIsNoScheduleIsNamed) {
  EXPECT_THAT(wrong("0 3 * *"), HasSubstr("has 4 of the 5 fields"));
  EXPECT_THAT(wrong("0 3 * * * *"), HasSubstr("more than the 5 fields"));
  EXPECT_THAT(wrong("60 * * * *"), HasSubstr("\"60\" is no minute from 0 to 59"));
  EXPECT_THAT(wrong("* * 0 * *"), HasSubstr("\"0\" is no day of month from 1 to 31"));
  EXPECT_THAT(wrong("* * * foo *"), HasSubstr("\"foo\" is no month from 1 to 12"));
  EXPECT_THAT(wrong("0 0 30 2 *"), HasSubstr("never comes"));
  EXPECT_THAT(wrong("every 5"), HasSubstr("needs a unit"));
  EXPECT_THAT(wrong("every 5ms"), HasSubstr("no interval from 1s"));
  EXPECT_THAT(wrong("CRON_TZ=Mars/Olympus 0 0 * * *"),
              HasSubstr("\"Mars/Olympus\" is no time zone"));
  EXPECT_THAT(wrong("0 0 * * *", "../etc"), HasSubstr("is no time zone"));
  for (const char* text : {"", "@often", "*/0 * * * *", "5-1 * * * *", "1- * * * *", "-1 * * * *",
                           "1,,2 * * * *", "*/ * * * *", "every", "CRON_TZ=UTC", "1-2-3 * * * *"})
    EXPECT_NE(wrong(text), "") << text;
}

// The same by walking every minute of a year through the zone's clocks.
TEST(Schedule, AgreesWithAWalkOverEveryMinute) {
  for (const char* text : {"7 */5 * * *", "0 0 1,15 * mon", "30 2 * * *", "59 23 31 12 *"}) {
    const auto schedule = Schedule::parse(text, "America/Sao_Paulo");
    const auto zone = TimeZone::find("America/Sao_Paulo");
    const auto cron = Cron::parse(text);
    ASSERT_TRUE(schedule && zone && cron);
    Wall time = utc(2027, 1, 1);  // no clock changes there since 2019
    const Wall end = utc(2028, 1, 1);
    auto expected = schedule->next(time);
    for (time += std::chrono::minutes{1}; time < end; time += std::chrono::minutes{1}) {
      const auto local = zone->local(time);
      const auto date = std::chrono::floor<std::chrono::days>(local);
      const auto minute = std::chrono::floor<std::chrono::minutes>(local - date).count();
      if (!cron->matches_day(std::chrono::year_month_day{date}) ||
          !cron->matches_minute(static_cast<int>(minute / 60), static_cast<int>(minute % 60)))
        continue;
      ASSERT_EQ(expected, time) << text;
      expected = schedule->next(time);
    }
  }
}

}  // namespace trawl
