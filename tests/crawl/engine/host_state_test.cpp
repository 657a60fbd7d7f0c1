// What a run leaves behind about a host, and what the next one makes of it; over sockets, on the
// system's clock.
#include "core/web/url/host.hpp"
#include "core/web/url/url.hpp"
#include "tests/crawl/engine/polite_run.hpp"
#include "tests/support/store_wrapper.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace trawl::crawl {
namespace {

constexpr Millis hour = std::chrono::hours{1};

bool waits_long(CrawlRun& run, Millis least) {
  const auto waits = run.crawler().host_waits();
  return std::ranges::any_of(waits, [&](const HostWait& wait) {
    return wait.until && *wait.until > system_clock().now() + least;
  });
}

// A sitemap takes until it is told that it may end; no more pages are counted than there are.
class SlowSitemap final : public test::StoreWrapper {
 public:
  std::vector<UrlId> apply(const StoreBatch& batch) override {
    auto ids = inner.apply(batch);
    for (const HostState& host : batch.hosts)
      EXPECT_LE(static_cast<std::uint64_t>(host.pages_fetched), inner.totals().fetched);
    return ids;
  }
  std::optional<UrlId> bring_forward(const SitemapNews& news, UrlId after, Millis least, Wall now,
                                     std::size_t max) override {
    is_read = true;
    for (int i = 0; i < 5'000 && !may_end; ++i) std::this_thread::sleep_for(Millis{2});
    return inner.bring_forward(news, after, least, now, max);
  }
  std::atomic<bool> is_read = false, may_end = false;
};

TEST(HostStates, ALaterAnswersWaitOutlastsWhatTookLongerToRead) {
  LoopbackServer server;
  server.on("/robots.txt", Reply{.status = 404});
  server.on("/busy",
            Reply{.status = 429, .headers = {{"Retry-After", "3600"}}, .delay = Millis{400}});
  server.on("/map.xml",
            Reply{.body = fmt::format("<urlset><url><loc>{}</loc><lastmod>2024-01-01</lastmod>"
                                      "</url></urlset>",
                                      server.url("/busy")),
                  .content_type = "application/xml"});
  auto job = impatient_job({server.url("/busy")});
  job.seeds.sitemaps = {.mode = SitemapMode::list, .urls = {server.url("/map.xml")}};
  job.recrawl.every = RecrawlInterval{hour, 24 * hour};
  job.fetch.attempts = 3;
  SlowSitemap store;
  CrawlRun run{job, store};
  wait_until([&] { return store.is_read.load(); });
  EXPECT_FALSE(waits_long(run, hour / 2)) << "the sitemap came first";
  wait_until([&] { return waits_long(run, hour / 2); });
  store.may_end = true;
  wait_until([&] { return run.crawler().progress().totals.fetched == 1; });
  run.crawler().stop();
  run.wait();
  const auto hosts = store.hosts();
  ASSERT_EQ(hosts.size(), 1U);
  EXPECT_GT(Wall{Millis{hosts[0].next_fetch_ms}}, system_clock().wall() + hour / 2);
  ASSERT_TRUE(hosts[0].health);
  EXPECT_EQ(hosts[0].health->overloads_in_a_row, 1);
  EXPECT_EQ(hosts[0].pages_fetched, 1);
}

// The clock was days ahead when the retry was stored.
TEST(HostStates, ARetryOfAnotherRunWaitsNoLongerThanOneOfThisRunWould) {
  LoopbackServer server;
  server.on("/p0", Reply{.body = "page"});
  auto job = list_job(server, "p", 1, Millis{0});
  job.fetch.backoff_max = Millis{120'000};
  MemoryStore store;
  const std::string url = server.url("/p0");
  const auto ids =
      store.apply({.admitted = {{.url = url, .host = web::host_key(*web::Url::parse(url))}}});
  const Wall due = system_clock().wall() + 100 * hour;
  store.apply({.updates = {{.id = ids.at(0),
                            .outcome = {.attempts = 1},
                            .due_ms = due.time_since_epoch().count()}}});
  CrawlRun run{job, store};
  wait_until([&] { return waits_long(run, Millis{60'000}); });
  EXPECT_FALSE(waits_long(run, Millis{120'000}));
  run.crawler().stop();
  run.wait();
}

}  // namespace
}  // namespace trawl::crawl
