#include "storage/sqlite/stats.hpp"

#include "storage/sqlite/schema.hpp"
#include "storage/sqlite/store.hpp"
#include "tests/support/scratch_folder.hpp"

#include <gmock/gmock.h>

namespace trawl::storage {

using crawl::UrlState;
using testing::ElementsAre;
using testing::Pair;

class StatsTest : public testing::Test {
 protected:
  void fetch(const std::string& host, int count, int status, std::int64_t total_ms, int at_ms) {
    crawl::StoreBatch batch;
    for (int i = 0; i < count; ++i)
      batch.admitted.push_back({.url = "http://" + host + "/" + std::to_string(i), .host = host});
    crawl::StoreBatch results;
    for (const crawl::UrlId id : store_.apply(batch))
      results.updates.push_back({.id = id,
                                 .outcome = {.state = UrlState::fetched,
                                             .status = status,
                                             .fetched_at = Wall{Millis{at_ms}},
                                             .total_ms = total_ms,
                                             .bytes_wire = 10,
                                             .bytes_body = 25}});
    store_.apply(results);
  }
  static std::vector<std::string> keys(const std::vector<HostStats>& hosts) {
    std::vector<std::string> keys;
    for (const auto& host : hosts) keys.push_back(host.key);
    return keys;
  }

  test::ScratchFolder folder_;
  std::filesystem::path path_ = folder_.path() / "crawl.db";
  SqliteStore store_{path_};
};

TEST_F(StatsTest, AnEmptyCrawlHasZeroes) {
  Db reader = open_for_reading(path_);
  const Stats stats = read_stats(reader, 10);
  EXPECT_EQ(stats.totals, crawl::StoreTotals{});
  EXPECT_EQ(stats.hosts_all, 0u);
  EXPECT_EQ(stats.first_fetch_ms, std::nullopt);
}

TEST_F(StatsTest, TotalsAreOfTheRecordsThemselves) {
  fetch("a", 3, 200, 10, 5000);
  fetch("b", 2, 404, 90, 4000);
  fetch("c", 1, 204, 50, 6000);
  const auto ids =
      store_.apply({.admitted = {{.url = "http://c/x", .host = "c"},
                                 {.url = "http://c/y", .host = "c"},
                                 {.url = "http://d/", .host = "d", .excluded = Errc::scope}}});
  store_.apply(
      {.updates = {{.id = ids[0], .outcome = {.state = UrlState::failed, .error = Errc::dns}}}});
  Db reader = open_for_reading(path_);
  const Stats stats = read_stats(reader, 2);
  EXPECT_EQ(stats.totals, (crawl::StoreTotals{1, 6, 1, 1, 60}));
  EXPECT_EQ(stats.totals, store_.totals());
  EXPECT_EQ(stats.bytes_body, 150u);
  EXPECT_THAT(stats.by_status, ElementsAre(Pair(200, 3), Pair(204, 1), Pair(404, 2)));
  EXPECT_THAT(stats.by_status_class, ElementsAre(Pair(2, 4), Pair(4, 2)));
  EXPECT_THAT(stats.by_state,
              ElementsAre(Pair(UrlState::fetched, ElementsAre(Pair(2, 4), Pair(4, 2)))));
  EXPECT_THAT(stats.by_error, ElementsAre(Pair("dns", 1), Pair("scope", 1)));
  EXPECT_EQ(stats.hosts_all, 4u);
  EXPECT_THAT(keys(stats.largest_hosts), ElementsAre("a", "c"));
  EXPECT_EQ(stats.largest_hosts[1].totals, (crawl::StoreTotals{1, 1, 1, 0, 10}));
  EXPECT_THAT(keys(stats.slowest_hosts), ElementsAre("b", "c"));
  EXPECT_EQ(stats.slowest_hosts[0].mean_total_ms, 90.0);
  EXPECT_EQ(stats.first_fetch_ms, 4000);
  EXPECT_EQ(stats.last_fetch_ms, 6000);
}

}  // namespace trawl::storage
