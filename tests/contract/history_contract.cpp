// What a Store must do for pages that are fetched again by themselves.
#include "core/crawl/job/request_spec.hpp"
#include "core/web/digest.hpp"
#include "tests/contract/store_contract.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace trawl::test {
namespace {

using crawl::Outcome;
using crawl::PageHistory;
using crawl::RecrawlInterval;
using crawl::StoreTotals;
using crawl::UrlState;

constexpr Wall at(std::int64_t ms) {
  return Wall{Millis{ms}};
}

Outcome fetched(std::int64_t ms) {
  return {.state = UrlState::fetched, .status = 200, .fetched_at = at(ms)};
}

void schedule(crawl::Store& store, RecrawlInterval interval) {
  int calls = 0;
  while (store.schedule_recrawl(interval, 2)) ASSERT_LT(++calls, 100);
}

}  // namespace

TEST_P(StoreContract, TheHistoryOfAPageIsKept) {
  const auto ids = store().apply(
      {.admitted = {{.url = "http://a/1", .host = "a", .sitemap_lastmod = "2026-01-31"},
                    {.url = "http://a/2", .host = "a"}}});
  EXPECT_EQ(store().history(ids[0]).sitemap_lastmod, "2026-01-31");
  EXPECT_FALSE(store().history(ids[0]).page);
  // Of a single fetch the result tells.
  store().apply({.updates = {{.id = ids[0], .outcome = fetched(1000)}}});
  const PageHistory once{
      .first_seen = at(1000), .last_changed = at(1000), .last_checked = at(1000), .fetches = 1};
  EXPECT_EQ(store().history(ids[0]).page, once);
  const PageHistory page{.first_seen = at(1000),
                         .last_changed = at(3000),
                         .last_checked = at(9000),
                         .fetches = 7,
                         .changes = 2,
                         .unchanged_in_a_row = 4,
                         .interval = Millis{500},
                         .next_due = at(9500),
                         .gone_since = at(3000)};
  store().apply({.updates = {{.id = ids[0], .outcome = fetched(9000), .history = page}}});
  reopen();
  EXPECT_EQ(store().history(ids[0]).page, page);
  // An outcome without one leaves it as it was.
  store().apply({.updates = {{.id = ids[0], .outcome = fetched(9900)}}});
  EXPECT_EQ(store().history(ids[0]).page, page);
  EXPECT_FALSE(store().history(ids[1]).page);
}

TEST_P(StoreContract, AUrlWithAHistoryWasFetchedBeforeAlsoWithoutAResult) {
  const auto ids = store().apply(
      {.admitted = {{.url = "http://a/1", .host = "a"}, {.url = "http://a/2", .host = "a"}}});
  const Outcome lost{.state = UrlState::failed, .error = Errc::reset};
  store().apply({.updates = {{.id = ids[0], .outcome = lost, .history = PageHistory{.fetches = 2}},
                             {.id = ids[1], .outcome = lost}}});
  while (store().requeue(crawl::Again::all, 100)) continue;
  reopen();
  const auto urls = store().queued(ids[0].host, 0, 10);
  ASSERT_EQ(urls.size(), 2U);
  EXPECT_TRUE(urls[0].fetched_before);
  EXPECT_FALSE(urls[1].fetched_before);
  EXPECT_EQ(store().history(ids[0]).page->fetches, 2);
}

TEST_P(StoreContract, AnExcludedPageThatHasATimeIsQueuedToo) {
  const auto ids = store().apply({.admitted = {{.url = "http://a/1", .host = "a"}}});
  const Outcome excluded{.state = UrlState::excluded, .error = Errc::robots};
  const PageHistory due{.fetches = 1, .interval = Millis{10}, .next_due = at(100)};
  store().apply({.updates = {{.id = ids[0], .outcome = excluded, .history = due}}});
  EXPECT_FALSE(store().queue_due(at(100), 10));
  reopen();
  EXPECT_EQ(store().totals(), (StoreTotals{.queued = 1}));
}

TEST_P(StoreContract, WhatIsDueIsQueuedOnce) {
  const auto ids = store().apply({.admitted = {{.url = "http://a/1", .host = "a"},
                                               {.url = "http://a/2", .host = "a"},
                                               {.url = "http://b/1", .host = "b"},
                                               {.url = "http://b/2", .host = "b"}}});
  const auto due = [](std::int64_t ms) {
    return PageHistory{.fetches = 1, .interval = Millis{10}, .next_due = at(ms)};
  };
  Outcome failed{.state = UrlState::failed, .error = Errc::reset, .attempts = 4};
  store().apply({.updates = {{.id = ids[0], .outcome = fetched(1), .history = due(100)},
                             {.id = ids[1], .outcome = failed, .history = due(50)},
                             {.id = ids[2], .outcome = fetched(1), .history = due(101)},
                             {.id = ids[3], .outcome = fetched(1)}}});
  EXPECT_FALSE(store().queue_due(at(49), 10));
  EXPECT_EQ(store().totals().queued, 0U);
  int calls = 0;
  while (store().queue_due(at(100), 1)) {
    ASSERT_LT(++calls, 10);
    reopen();  // a round that was killed goes on
  }
  reopen();
  EXPECT_EQ(store().totals().queued, 2U);
  EXPECT_EQ(store().totals().fetched, 2U);
  EXPECT_EQ(store().totals().failed, 0U);
  const auto queued = store().queued(ids[0].host, 0, 10);
  ASSERT_EQ(queued.size(), 2U);
  EXPECT_EQ(queued[1].attempts, 0);
  EXPECT_FALSE(store().history(ids[0]).page->next_due);
  EXPECT_TRUE(store().history(ids[2]).page->next_due);
  EXPECT_FALSE(store().queue_due(at(100), 10));
  EXPECT_EQ(store().totals().queued, 2U);
}

TEST_P(StoreContract, PagesOfBeforeGetATimeOnceThereIsAnInterval) {
  crawl::NewUrl excluded{.url = "http://a/no", .host = "a"};
  excluded.excluded = Errc::scope;
  const auto ids =
      store().apply({.admitted = {{.url = "http://a/1", .host = "a"},
                                  {.url = "http://a/new", .host = "a"},
                                  excluded,
                                  {.url = "http://b/1", .host = "b"},
                                  {.url = "http://b/post",
                                   .host = "b",
                                   .request = crawl::share({.method = "POST", .body = "x"})}}});
  store().apply({.updates = {{.id = ids[0], .outcome = fetched(1000)},
                             {.id = ids[3], .outcome = fetched(2000)},
                             {.id = ids[4], .outcome = fetched(2000)}}});
  schedule(store(), {Millis{500}, Millis{4000}});
  reopen();
  EXPECT_EQ(store().history(ids[0]).page->next_due, at(1500));
  EXPECT_EQ(store().history(ids[0]).page->first_seen, at(1000));
  EXPECT_EQ(store().history(ids[3]).page->next_due, at(2500));
  EXPECT_FALSE(store().history(ids[1]).page);
  EXPECT_FALSE(store().history(ids[2]).page);
  EXPECT_FALSE(store().history(ids[4]).page->next_due);  // nobody wants to send it twice
  // Another interval holds for all; one that lies within stays.
  schedule(store(), {Millis{900}, Millis{900}});
  EXPECT_EQ(store().history(ids[0]).page->next_due, at(1900));
  schedule(store(), {Millis{100}, Millis{1000}});
  EXPECT_EQ(store().history(ids[0]).page->next_due, at(1900));
}

TEST_P(StoreContract, PagesThatASitemapKnowsToHaveChangedAreDueEarlier) {
  const auto ids = store().apply({.admitted = {{.url = "http://a/changed", .host = "a"},
                                               {.url = "http://a/old", .host = "a"},
                                               {.url = "http://a/just-seen", .host = "a"},
                                               {.url = "http://a/due", .host = "a"},
                                               {.url = "http://a/never", .host = "a"},
                                               {.url = "http://a/unlisted", .host = "a"},
                                               {.url = "http://b/changed", .host = "b"}}});
  const auto page = [](std::int64_t checked, std::int64_t next) {
    return PageHistory{.last_checked = at(checked), .fetches = 1, .next_due = at(next)};
  };
  store().apply(
      {.updates = {{.id = ids[0], .outcome = fetched(1), .history = page(1000, 90'000)},
                   {.id = ids[1], .outcome = fetched(1), .history = page(4000, 90'000)},
                   {.id = ids[2], .outcome = fetched(1), .history = page(2900, 90'000)},
                   {.id = ids[3], .outcome = fetched(1), .history = page(1000, 3000)},
                   {.id = ids[4], .outcome = fetched(1)},
                   {.id = ids[5], .outcome = fetched(1), .history = page(1000, 90'000)},
                   {.id = ids[6], .outcome = fetched(1), .history = page(1000, 90'000)}}});
  crawl::SitemapNews news{.host = "a", .lastmod = {}};
  for (const char* name : {"changed", "old", "just-seen", "due", "never"})
    news.lastmod.emplace_back(web::fingerprint(std::string{"http://a/"} + name), 3000);
  std::ranges::sort(news.lastmod);
  int calls = 0;
  std::optional<crawl::UrlId> after = crawl::UrlId{};
  while ((after = store().bring_forward(news, *after, Millis{500}, at(3200), 2)))
    ASSERT_LT(++calls, 10);
  reopen();
  const auto due = [&](std::size_t i) { return store().history(ids[i]).page->next_due; };
  EXPECT_EQ(due(0), at(3200));    // now
  EXPECT_EQ(due(1), at(90'000));  // was asked for since
  EXPECT_EQ(due(2), at(3400));    // left alone for as long as the job wants
  EXPECT_EQ(due(3), at(3000));    // never later than it was
  EXPECT_EQ(due(5), at(90'000));
  EXPECT_EQ(due(6), at(90'000));  // of another host
  news.host = "unknown";
  EXPECT_FALSE(store().bring_forward(news, {}, Millis{500}, at(3200), 2));
}

TEST_P(StoreContract, WhatASitemapSaysOfChangesIsKept) {
  const auto ids =
      store().apply({.admitted = {{.url = "http://a/1", .host = "a", .changefreq = "weekly"},
                                  {.url = "http://a/2", .host = "a"}}});
  reopen();
  EXPECT_EQ(store().history(ids[0]).changefreq, "weekly");
  EXPECT_EQ(store().history(ids[1]).changefreq, "");
}

}  // namespace trawl::test
