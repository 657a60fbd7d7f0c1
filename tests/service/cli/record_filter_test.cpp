#include "service/record_filter.hpp"

#include <gtest/gtest.h>

namespace trawl::service {
namespace {

constexpr Wall now{Millis{1'769'904'000'000}};  // 2026-02-01T00:00:00Z

std::string since(std::string_view text) {
  const auto time = read_since(text, now);
  return time ? format_rfc3339(*time) : std::string{"?"};
}

// RFC 3339, section 5.6.
TEST(RecordFilter, SinceTakesTimesOfRfc3339) {
  EXPECT_EQ(since("2026-01-31T23:59:59Z"), "2026-01-31T23:59:59.000Z");
  EXPECT_EQ(since("2026-01-31t23:59:59.12345z"), "2026-01-31T23:59:59.123Z");
  EXPECT_EQ(since("2026-01-31 23:59:59.5+01:30"), "2026-01-31T22:29:59.500Z");
  EXPECT_EQ(since("2026-01-31T23:59:59-00:30"), "2026-02-01T00:29:59.000Z");
  EXPECT_EQ(since("2024-02-29"), "2024-02-29T00:00:00.000Z");
}

TEST(RecordFilter, SinceTakesADurationBeforeNow) {
  EXPECT_EQ(since("2h"), "2026-01-31T22:00:00.000Z");
  EXPECT_EQ(since("1.5s"), "2026-01-31T23:59:58.500Z");
  EXPECT_EQ(since("7d"), "2026-01-25T00:00:00.000Z");
}

TEST(RecordFilter, SinceRefusesWhatIsNoTime) {
  for (const char* text :
       {"", "yesterday", "2026-02-30", "2026-13-01", "2026-01-31T24:00:00Z", "2026-01-31T23:59:59",
        "2026-01-31T23:59Z", "2026-01-31T23:59:59.Z", "2026-01-31T23:59:59Zx", "2026-01-31T", "2",
        "-2h", "2026-01-31T23:59:59+25:00"})
    EXPECT_EQ(since(text), "?") << text;
}

TEST(RecordFilter, EveryConditionIsRead) {
  const auto filter = read_filter({.state = "failed, excluded",
                                   .status = "404,5xx",
                                   .host = "http://EXAMPLE.org:80/x",
                                   .since = "1h",
                                   .error = "dns_timeout,reset",
                                   .limit = 7},
                                  now);
  ASSERT_TRUE(filter);
  EXPECT_EQ(filter->states, (std::vector{crawl::UrlState::failed, crawl::UrlState::excluded}));
  EXPECT_EQ(filter->status, (std::vector<storage::StatusRange>{{404, 404}, {500, 599}}));
  EXPECT_EQ(filter->host, "example.org");
  EXPECT_EQ(filter->since_ms, 1'769'900'400'000);
  EXPECT_EQ(filter->errors, (std::vector{Errc::dns_timeout, Errc::reset}));
  EXPECT_EQ(filter->limit, 7u);
}

TEST(RecordFilter, NothingSaidIsNoCondition) {
  const auto filter = read_filter({}, now);
  ASSERT_TRUE(filter);
  EXPECT_TRUE(filter->host.empty() && filter->status.empty());
  EXPECT_TRUE(filter->states.empty() && filter->errors.empty());
  EXPECT_FALSE(filter->since_ms || filter->limit);
}

TEST(RecordFilter, MistakesAreUsageErrorsThatHelp) {
  const auto error = read_filter({.error = "dns_timout"}, now);
  ASSERT_FALSE(error);
  EXPECT_EQ(error.error().code, Errc::usage);
  EXPECT_NE(error.error().detail.find("\"dns_timeout\""), std::string::npos);
  for (const FilterText& text :
       {FilterText{.state = "done"}, FilterText{.state = "failed,,"}, FilterText{.error = "reset,"},
        FilterText{.status = "2"}, FilterText{.host = "a b"}}) {
    const auto filter = read_filter(text, now);
    ASSERT_FALSE(filter);
    EXPECT_EQ(filter.error().code, Errc::usage);
  }
}

}  // namespace
}  // namespace trawl::service
