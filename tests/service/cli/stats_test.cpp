#include "service/cli/stats.hpp"

#include "storage/sqlite/schema.hpp"
#include "tests/service/cli/small_crawl.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace trawl::service::cli {
namespace {

storage::Stats some_stats() {
  return {.totals = {.queued = 5, .fetched = 1200, .failed = 3, .excluded = 2, .bytes_wire = 6000},
          .bytes_body = 1'500'000,
          .by_status = {{200, 1190}, {204, 5}, {404, 5}},
          .by_status_class = {{2, 1195}, {4, 5}},
          .by_state = {{crawl::UrlState::fetched, {{2, 1195}, {4, 4}}},
                       {crawl::UrlState::failed, {{4, 1}}}},
          .by_error = {{"dns", 3}, {"robots", 2}, {"scope", 3}},
          .hosts_all = 2,
          .largest_hosts = {{"a", {.fetched = 1200, .bytes_wire = 6000}, 12.4}, {"b\x1b", {}, {}}},
          .slowest_hosts = {{"a", {.fetched = 1200}, 12.4}},
          .first_fetch_ms = 1'769'903'998'000,
          .last_fetch_ms = 1'769'903'999'500};
}

TEST(Stats, TheTextShowsWhatWasCounted) {
  EXPECT_EQ(stats_text(some_stats()), R"(URLs                            1,210
  queued                            5
  fetched                       1,200
  failed                            3
  excluded                          2
status
  2xx                           1,195
    200                         1,190
    204                             5
  4xx                               5
    404                             5
  none                             10
state                  2xx           4xx          none
  queued                 0             0             5
  fetched            1,195             4             1
  failed                 0             1             2
  excluded               0             0             2
errors
  dns                               3
  scope                             3
  robots                            2
hosts                               2
  a                                1,200 URLs, 1,200 fetched, 0 failed, 6.0 kB, 12 ms a fetch
  b\x1b                            0 URLs, 0 fetched, 0 failed, 0 B, - a fetch
bytes
  received                     6.0 kB
  bodies, decoded              1.5 MB
fetched
  from 2026-01-31T23:59:58.000Z
  to   2026-01-31T23:59:59.500Z
  in 1.5 s: 800.0 pages/s, 4.0 kB/s
)");
}

TEST(Stats, JsonHasTheSameFigures) {
  const auto json = boost::json::parse(stats_json(some_stats()));
  EXPECT_EQ(json.at("urls"), 1210);
  EXPECT_EQ(json.at("states").at("fetched"), 1200);
  EXPECT_EQ(json.at("statuses").at("404"), 5);
  EXPECT_EQ(json.at("statuses").at("none"), 10);
  EXPECT_EQ(json.at("status_classes").at("2xx"), 1195);
  EXPECT_EQ(json.at("state_statuses").at("fetched").at("4xx"), 4);
  EXPECT_EQ(json.at("state_statuses").at("queued").at("none"), 5);
  EXPECT_EQ(json.at("errors").at("robots"), 2);
  EXPECT_EQ(json.at("largest_hosts").at(0).at("mean_total_ms").as_double(), 12.4);
  EXPECT_EQ(json.at("last_fetch"), "2026-01-31T23:59:59.500Z");
  EXPECT_EQ(json.at("fetches_per_s"), 800);
}

TEST(Stats, AnEmptyCrawlHasZeroesAndNoRates) {
  const auto json = boost::json::parse(stats_json({}));
  EXPECT_EQ(json.at("urls"), 0);
  EXPECT_TRUE(json.at("first_fetch").is_null() && json.at("bytes_per_s").is_null());
  EXPECT_EQ(stats_text({}).find("pages/s"), std::string::npos);
}

TEST(Stats, LinesThatAreNoUrlsAreOfNoHost) {
  test::SmallCrawl crawl;
  crawl.end(crawl.admit("http://a/1", "a"), test::SmallCrawl::fetched());
  crawl.end(crawl.admit("http://a/2", "a"),
            {.state = crawl::UrlState::failed, .status = 200, .error = Errc::body_truncated});
  crawl.admit("no url", "", Errc::bad_url);
  storage::Db db = storage::open_for_reading(crawl.folder() + "/crawl.db");
  const auto stats = storage::read_stats(db, 10);
  EXPECT_EQ(stats.totals.excluded, 1U);
  EXPECT_EQ(stats.hosts_all, 1U);
  ASSERT_EQ(stats.largest_hosts.size(), 1U);
  EXPECT_EQ(stats.largest_hosts[0].key, "a");
  EXPECT_EQ(stats.by_status.at(200), 2U);
  EXPECT_EQ(stats.fetched_by_status.at(200), 1U);
}

// select state, status, count(*) from results group by 1, 2
TEST(Stats, StatesAndStatusesAgreeWithTheView) {
  test::SmallCrawl crawl;
  crawl.admit("http://a/1", "a");
  crawl.end(crawl.admit("http://a/2", "a"), test::SmallCrawl::fetched());
  crawl.end(crawl.admit("http://a/3", "a"), test::SmallCrawl::fetched({.status = 404}));
  crawl.end(crawl.admit("http://a/4", "a"),
            {.state = crawl::UrlState::failed, .status = 200, .error = Errc::body_truncated});
  crawl.admit("http://a/5", "a", Errc::robots);
  TextOutput out;
  EXPECT_EQ(run_stats({.folder = crawl.folder(), .format = "json"}, out), ExitCode::ok);
  const auto json = boost::json::parse(out.text);

  storage::Db db = storage::open_for_reading(crawl.folder() + "/crawl.db");
  for (const auto& [state, count] : json.at("states").as_object())
    EXPECT_EQ(count,
              db.integer("SELECT count(*) FROM results WHERE state='" + std::string{state} + "'"));
  for (const auto& [status, count] : json.at("statuses").as_object())
    EXPECT_EQ(count, db.integer("SELECT count(*) FROM results WHERE coalesce(status,'none')||''='" +
                                std::string{status} + "'"));
}

}  // namespace
}  // namespace trawl::service::cli
