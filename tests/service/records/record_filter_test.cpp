#include "service/records/record_filter.hpp"

#include <gtest/gtest.h>

namespace trawl::service {
namespace {

constexpr Wall now{Millis{1'769'904'000'000}};  // 2026-02-01T00:00:00Z

TEST(RecordFilter, EveryConditionIsRead) {
  const auto filter = read_filter({.state = "failed, excluded",
                                   .status = "404,5xx",
                                   .host = "http://EXAMPLE.org:80/x",
                                   .type = "Text/HTML, image/*,pdf",
                                   .since = "1h",
                                   .error = "dns_timeout,reset",
                                   .note = "max_body, outlink",
                                   .urls = {"*/docs/*", "re:[.]pdf$"},
                                   .limit = 7},
                                  now);
  ASSERT_TRUE(filter);
  EXPECT_EQ(filter->states, (std::vector{crawl::UrlState::failed, crawl::UrlState::excluded}));
  EXPECT_EQ(filter->status, (std::vector<storage::StatusRange>{{404, 404}, {500, 599}}));
  EXPECT_EQ(filter->host, "example.org");
  EXPECT_EQ(filter->since_ms, 1'769'900'400'000);
  EXPECT_EQ(filter->errors, (std::vector{Errc::dns_timeout, Errc::reset}));
  EXPECT_EQ(filter->notes, (std::vector<std::string>{"max_body", "outlink"}));
  EXPECT_EQ(filter->types, (std::vector<std::string>{"text/html", "image/*", "pdf/*", "*/pdf"}));
  ASSERT_EQ(filter->urls.size(), 2u);
  EXPECT_TRUE(filter->urls[1].matches("http://a/x.pdf"));
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
        FilterText{.status = "2"}, FilterText{.note = "odd"}, FilterText{.note = "outlink,"},
        FilterText{.host = "a b"}, FilterText{.type = "text/html;x"}, FilterText{.type = "a/b/c"},
        FilterText{.type = "pdf,"}, FilterText{.urls = {"docs"}}, FilterText{.urls = {"re:("}}}) {
    const auto filter = read_filter(text, now);
    ASSERT_FALSE(filter);
    EXPECT_EQ(filter.error().code, Errc::usage);
  }
}

}  // namespace
}  // namespace trawl::service
