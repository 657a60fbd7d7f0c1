#include "core/crawl/state/retry_after.hpp"

#include "tests/support/conformance_suite.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace trawl::crawl {
namespace {

constexpr Wall at(std::int64_t epoch_seconds) {
  return Wall{std::chrono::seconds{epoch_seconds}};
}
constexpr Wall now = at(1559559600);  // 2019-06-03T11:00:00Z

boost::json::value header_cases() {
  std::ifstream in(TRAWL_SOURCE_DIR "/tests/conformance/headers/header_cases.json");
  return boost::json::parse(std::string(std::istreambuf_iterator<char>(in), {}));
}

}  // namespace

TEST(RetryAfter, ReadsSeconds) {
  EXPECT_EQ(parse_retry_after("120", now), Millis{120'000});
  EXPECT_EQ(parse_retry_after("0", now), Millis{0});
  EXPECT_EQ(parse_retry_after(" \t42 ", now), Millis{42'000});
  EXPECT_EQ(parse_retry_after("99999999999999999999999999", now),
            std::chrono::hours(24 * 365 * 100));
}

TEST(RetryAfter, ReadsDates) {
  EXPECT_EQ(parse_retry_after("Mon, 03 Jun 2019 11:30:12 GMT", now), Millis{1'812'000});
  EXPECT_EQ(parse_retry_after("Mon, 03 Jun 2019 10:59:59 GMT", now), Millis{0});
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now), Millis{0});
  EXPECT_EQ(parse_retry_after("Fri, 31 Dec 9999 23:59:59 GMT", now),
            std::chrono::hours(24 * 365 * 100));
}

TEST(RetryAfter, IgnoresEverythingElse) {
  for (const char* text : {"", " ", "-1", "+1", "1.0", "1,2", "1 2", "0x10", "1e3", "soon", "²",
                           "GMT", "Mon", "Mon, ", "03 Jun", "1h", "12:00:00"}) {
    EXPECT_EQ(parse_retry_after(text, now), std::nullopt) << text;
  }
  EXPECT_EQ(parse_retry_after(std::string_view("1\0", 2), now), std::nullopt);
}

TEST(RetryAfter, AgreesWithUrllib3) {
  const auto cases = header_cases().as_object().at("retry_after_urllib3").as_object();
  ASSERT_EQ(cases.at("now").as_string(), "2019-06-03T11:00:00Z");
  const auto seconds = [](const boost::json::value& row) -> Millis {
    const auto& value = row.as_object().at("seconds");
    return Millis{value.is_null() ? 0 : value.as_int64() * 1000};  // null: no sleep
  };
  support::ConformanceSuite suite{"Headers: Retry-After, urllib3", "headers/header_cases.json"};
  for (const char* list : {"sleep", "parse"}) {
    for (const auto& row : cases.at(list).as_array()) {
      const std::string header{row.as_object().at("header").as_string()};
      suite.expect(parse_retry_after(header, now) == seconds(row), header);
    }
  }
  for (const auto& header : cases.at("invalid").as_array()) {
    const std::string text{header.as_string()};
    suite.expect(!parse_retry_after(text, now), text);
  }
}

TEST(HttpDate, ReadsTheThreeFormatsOfRfc9110) {
  for (const char* text : {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                           "Sun Nov  6 08:49:37 1994"}) {
    EXPECT_EQ(parse_http_date(text, now), at(784111777)) << text;
  }
}

TEST(HttpDate, RefusesWhatNoCalendarHas) {
  for (const char* text : {"Tue, 30 Feb 2024 12:00:00 GMT", "29 Feb 2023 12:00:00 GMT",
                           "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
                           "Sun, 06 Nov 1994 23:60:00 GMT", "Sun, 06 Nov 1994 23:59:61 GMT",
                           "Sun, 06 Nov 994 08:49:37 GMT", "Sun, 06 Nov 19940 08:49:37 GMT",
                           "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 PST",
                           "Sun, 06 Nov 1994 08:49:37 GMT x", "Sun, 06 Nov 1994 08:49 GMT",
                           "Sun Nov  6 08:49:37 94"}) {
    EXPECT_EQ(parse_http_date(text, now), std::nullopt) << text;
  }
}

TEST(HttpDate, TwoDigitYearsLieAtMostFiftyYearsAhead) {
  // RFC 9110, 5.6.7, seen from 2019 and from 2051.
  EXPECT_EQ(parse_http_date("01-Jan-69 00:00:00", now), at(3124224000));             // 2069
  EXPECT_EQ(parse_http_date("01-Jan-70 00:00:00", now), at(0));                      // 1970
  EXPECT_EQ(parse_http_date("01-Jan-70 00:00:00", at(2556144000)), at(3155760000));  // 2070
}

// curl reads many more forms than HTTP has; what both read must be the same instant.
TEST(HttpDate, AgreesWithCurlWhereBothRead) {
  support::ConformanceSuite suite{"Headers: dates that curl and we read",
                                  "headers/header_cases.json"};
  suite.explain("Sun, 06 Nov 2044 08:49:37 GMT", "curl's row is of a build with 32-bit time");
  suite.explain("Thu, 31-Dec-1969 23:59:59 GMT", "curl clamps to 0");
  suite.explain("Thu, 01-Jan-1499 00:00:00 GMT", "curl refuses years before 1583");
  const auto cases = header_cases();
  for (const auto& row : cases.as_object().at("http_dates_curl_getdate").as_array()) {
    const std::string input{row.as_object().at("input").as_string()};
    const auto date = parse_http_date(input, now);
    if (date) suite.expect(*date == at(row.as_object().at("epoch").as_int64()), input);
  }
  EXPECT_EQ(suite.cases(), 27U);
}

TEST(RetryAfter, ADateIsComparedWithTheAnswersOwn) {
  const http::Headers headers{{"Date", "Thu, 01 Jan 2026 12:00:00 GMT"},
                              {"Retry-After", "Thu, 01 Jan 2026 12:02:00 GMT"}};
  constexpr Millis two_minutes{120'000};
  const Wall right = *parse_http_date("Thu, 01 Jan 2026 12:00:01 GMT", {});
  for (const auto wrong : {-24 * 3652, 0, 24 * 3652})
    EXPECT_EQ(retry_after_of(headers, right + std::chrono::hours(wrong)), two_minutes);
  EXPECT_EQ(retry_after_of({{"Retry-After", "7"}}, right), Millis{7000});
  EXPECT_EQ(retry_after_of({{"Date", "garbage"}, {"Retry-After", "7"}}, right), Millis{7000});
  EXPECT_EQ(retry_after_of({}, right), std::nullopt);
}

}  // namespace trawl::crawl
