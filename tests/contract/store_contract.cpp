#include "tests/contract/store_contract.hpp"

#include "core/base/result.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace trawl::test {
namespace {

using crawl::NewUrl;
using crawl::Outcome;
using crawl::StoreBatch;
using crawl::StoreTotals;
using crawl::UrlId;
using crawl::UrlState;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

NewUrl url_on(const std::string& host, const std::string& path) {
  return {.url = "http://" + host + path, .host = host};
}

Outcome fetched(int status, std::uint64_t bytes) {
  return {.state = UrlState::fetched, .status = status, .attempts = 1, .bytes_wire = bytes};
}

std::vector<std::string> texts(const std::vector<crawl::QueuedUrl>& urls) {
  std::vector<std::string> all;
  for (const auto& url : urls) all.push_back(url.url);
  return all;
}

}  // namespace

TEST_P(StoreContract, IdsComeInTheOrderOfTheBatchAndRiseOverAllHosts) {
  const auto ids =
      store().apply({.admitted = {url_on("b", "/1"), url_on("a", "/1"), url_on("b", "/2")}});
  ASSERT_EQ(ids.size(), 3u);
  EXPECT_EQ(ids[0].host, ids[2].host);
  EXPECT_NE(ids[0].host, ids[1].host);
  EXPECT_LT(ids[0].seq, ids[1].seq);
  EXPECT_LT(ids[1].seq, ids[2].seq);
  reopen();
  const auto later = store().apply({.admitted = {url_on("a", "/2")}});
  EXPECT_EQ(later[0].host, ids[1].host);
  EXPECT_GT(later[0].seq, ids[2].seq);
}

TEST_P(StoreContract, AnEmptyBatchChangesNothing) {
  EXPECT_THAT(store().apply({}), IsEmpty());
  EXPECT_EQ(store().totals(), StoreTotals{});
  EXPECT_THAT(store().hosts(), IsEmpty());
  EXPECT_THAT(store().hosts_with_queue(), IsEmpty());
}

TEST_P(StoreContract, QueuedUrlsComeInSequenceOrderAndInWindows) {
  StoreBatch batch;
  for (int i = 0; i < 10; ++i) {
    batch.admitted.push_back(url_on("a", "/" + std::to_string(i)));
    batch.admitted.push_back(url_on("b", "/" + std::to_string(i)));
  }
  const auto ids = store().apply(batch);
  const std::int64_t host = ids[0].host;
  const auto first = store().queued(host, 0, 3);
  EXPECT_THAT(texts(first), ElementsAre("http://a/0", "http://a/1", "http://a/2"));
  EXPECT_EQ(first[2].id, ids[4]);
  EXPECT_THAT(texts(store().queued(host, first[2].id.seq, 2)),
              ElementsAre("http://a/3", "http://a/4"));
  EXPECT_EQ(store().queued(host, 0, 100).size(), 10u);
  EXPECT_THAT(store().queued(host, ids.back().seq, 100), IsEmpty());
  EXPECT_THAT(store().queued(host + 1000, 0, 100), IsEmpty());
}

TEST_P(StoreContract, UrlsOfAPriorityHaveAQueueOfTheirOwn) {
  using crawl::before_lane;
  using crawl::lane_of_priority;
  std::vector<NewUrl> urls;
  for (int i = 0; i < 9; ++i)
    urls.push_back(
        {.url = fmt::format("http://a/{}", i), .host = "a", .priority = (i % 3 - 1) * 4});
  EXPECT_EQ(store().lanes() & ~1U, 0U);
  const auto ids = store().apply({.admitted = std::move(urls)});
  const std::int64_t host = ids[0].host;
  reopen();
  EXPECT_EQ(store().lanes() & ~1U,
            crawl::LaneSet{1} << lane_of_priority(4) | crawl::LaneSet{1} << lane_of_priority(-4));
  const auto after = [](int priority) { return before_lane(lane_of_priority(priority)); };
  EXPECT_THAT(texts(store().queued(host, after(4), 9)),
              ElementsAre("http://a/2", "http://a/5", "http://a/8"));
  EXPECT_THAT(texts(store().queued(host, after(0), 9)),
              ElementsAre("http://a/1", "http://a/4", "http://a/7"));
  EXPECT_THAT(texts(store().queued(host, after(-4), 2)), ElementsAre("http://a/0", "http://a/3"));
  EXPECT_THAT(texts(store().queued(host, ids[3].seq, 9)), ElementsAre("http://a/6"));
  EXPECT_THAT(store().queued(host, after(1), 9), IsEmpty());
  EXPECT_EQ(crawl::priority_of(store().queued(host, after(4), 1)[0].id.seq), 4);
  EXPECT_THAT(store().hosts_with_queue(), ElementsAre(host));
  store().apply({.updates = {{.id = ids[2], .outcome = {.state = UrlState::fetched}}}});
  EXPECT_THAT(texts(store().queued(host, after(4), 9)), ElementsAre("http://a/5", "http://a/8"));
}

TEST_P(StoreContract, AQueuedUrlKeepsAllThatTheFrontierNeeds) {
  NewUrl redirected = url_on("a", "/b?c");
  redirected.depth = 7;
  redirected.redirect_chain = {1, 0xFFFF'FFFF'FFFF'FFFFULL, 0x0123'4567'89AB'CDEFULL};
  const auto ids = store().apply({.admitted = {redirected}});
  reopen();
  const auto urls = store().queued(ids[0].host, 0, 10);
  ASSERT_EQ(urls.size(), 1u);
  EXPECT_EQ(urls[0].id, ids[0]);
  EXPECT_EQ(urls[0].url, "http://a/b?c");
  EXPECT_EQ(urls[0].depth, 7);
  EXPECT_EQ(urls[0].attempts, 0);
  EXPECT_EQ(urls[0].due_ms, 0);
  EXPECT_EQ(urls[0].redirect_chain, redirected.redirect_chain);
}

TEST_P(StoreContract, WhatAUrlHasToDoWithSitemapsIsKept) {
  NewUrl sitemap = url_on("a", "/sitemap.xml"), listed = url_on("a", "/1");
  sitemap.sitemap = 2;
  listed.sitemap = 0;
  listed.sitemap_lastmod = "2024-02-29";
  const auto ids = store().apply({.admitted = {sitemap, listed, url_on("a", "/2")}});
  reopen();
  const auto urls = store().queued(ids[0].host, 0, 10);
  ASSERT_EQ(urls.size(), 3u);
  EXPECT_EQ(urls[0].sitemap, 2);
  EXPECT_EQ(urls[1].sitemap, 0);
  EXPECT_EQ(urls[2].sitemap, std::nullopt);
  EXPECT_EQ(record("http://a/1")->sitemap_lastmod, "2024-02-29");
  EXPECT_EQ(record("http://a/2")->sitemap_lastmod, "");
}

TEST_P(StoreContract, AFinalOutcomeTakesTheUrlOffTheQueue) {
  const auto ids =
      store().apply({.admitted = {url_on("a", "/1"), url_on("a", "/2"), url_on("b", "/1")}});
  store().apply({.updates = {{.id = ids[2], .outcome = fetched(200, 10)},
                             {.id = ids[0], .outcome = fetched(404, 20)}}});
  reopen();
  EXPECT_THAT(texts(store().queued(ids[0].host, 0, 10)), ElementsAre("http://a/2"));
  EXPECT_THAT(store().hosts_with_queue(), ElementsAre(ids[0].host));
  EXPECT_EQ(store().totals(), (StoreTotals{.queued = 1, .fetched = 2, .bytes_wire = 30}));
  EXPECT_EQ(record("http://a/1")->outcome.status, 404);
}

TEST_P(StoreContract, ARetryStaysQueuedWithItsDueTimeAndError) {
  const auto ids = store().apply({.admitted = {url_on("a", "/1")}});
  const Outcome retry{.state = UrlState::queued,
                      .error = Errc::reset,
                      .error_detail = "closed early",
                      .attempts = 2,
                      .bytes_wire = 999};
  store().apply({.updates = {{.id = ids[0], .outcome = retry, .due_ms = 1'800'000'000'123}}});
  reopen();
  const auto urls = store().queued(ids[0].host, 0, 10);
  ASSERT_EQ(urls.size(), 1u);
  EXPECT_EQ(urls[0].attempts, 2);
  EXPECT_EQ(urls[0].due_ms, 1'800'000'000'123);
  EXPECT_EQ(store().totals(), StoreTotals{.queued = 1});
  EXPECT_EQ(record("http://a/1")->outcome.error, Errc::reset);
  EXPECT_EQ(record("http://a/1")->outcome.error_detail, "closed early");
}

TEST_P(StoreContract, ARetryOfAPageSaysThatThePageIsKept) {
  const auto ids = store().apply({.admitted = {url_on("a", "/1")}});
  Outcome page = fetched(200, 5);
  page.filename = "one.html";
  store().apply({.updates = {{.id = ids[0], .outcome = page}}});
  store().apply({.updates = {{.id = ids[0],
                              .outcome = {.state = UrlState::queued,
                                          .error = Errc::reset,
                                          .filename = "one.html",
                                          .revisit = crawl::Revisit::kept}}}});
  reopen();
  const auto kept = store().result(ids[0]);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->state, UrlState::queued);
  EXPECT_EQ(kept->error, Errc::reset);
  EXPECT_EQ(kept->status, 200);
  EXPECT_EQ(kept->filename, "one.html");
  EXPECT_EQ(kept->revisit, crawl::Revisit::kept);
  // One that says nothing of it leaves it as it was.
  store().apply({.updates = {{.id = ids[0], .outcome = {.state = UrlState::queued}}}});
  EXPECT_EQ(store().result(ids[0])->revisit, crawl::Revisit::kept);
  store().apply({.updates = {{.id = ids[0], .outcome = fetched(200, 5)}}});
  EXPECT_EQ(store().result(ids[0])->revisit, crawl::Revisit::none);
  EXPECT_EQ(store().result(ids[0])->filename, "");
}

TEST_P(StoreContract, ALaterOutcomeReplacesAnEarlierOne) {
  const auto ids = store().apply({.admitted = {url_on("a", "/1")}});
  store().apply({.updates = {{.id = ids[0], .outcome = fetched(200, 5)}}});
  store().apply({.updates = {{.id = ids[0], .outcome = fetched(500, 6)}}});
  EXPECT_EQ(store().totals(), (StoreTotals{.fetched = 1, .bytes_wire = 11}));
  EXPECT_EQ(record("http://a/1")->outcome.status, 500);
  store().apply({.updates = {{.id = ids[0],
                              .outcome = {.state = UrlState::excluded, .error = Errc::robots}}}});
  EXPECT_EQ(store().totals(), (StoreTotals{.excluded = 1, .bytes_wire = 11}));
  EXPECT_EQ(record("http://a/1")->outcome.status, std::nullopt);
}

TEST_P(StoreContract, AnExcludedUrlIsKnownWithItsReasonAndNeverQueued) {
  NewUrl trap = url_on("a", "/x/x/x/x");
  trap.excluded = Errc::trap;
  trap.excluded_detail = "x repeats 4 times";
  const auto ids = store().apply({.admitted = {trap}});
  EXPECT_THAT(store().queued(ids[0].host, 0, 10), IsEmpty());
  EXPECT_THAT(store().hosts_with_queue(), IsEmpty());
  EXPECT_EQ(store().totals(), StoreTotals{.excluded = 1});
  const auto kept = record("http://a/x/x/x/x");
  EXPECT_EQ(kept->outcome.state, UrlState::excluded);
  EXPECT_EQ(kept->outcome.error, Errc::trap);
  EXPECT_EQ(kept->outcome.error_detail, "x repeats 4 times");
}

TEST_P(StoreContract, ARecordReadsBackWhole) {
  const auto seed = store().apply({.admitted = {url_on("a", "/")}});
  NewUrl page = url_on("b", "/page");
  page.depth = 3;
  page.via = seed[0];
  const auto ids = store().apply({.admitted = {page}});
  const Outcome whole{.state = UrlState::fetched,
                      .status = 206,
                      .error = Errc::body_truncated,
                      .error_detail = "cut",
                      .attempts = 4,
                      .fetched_at = Wall{Millis{1'767'225'599'007}},
                      .ip = "2001:db8::1",
                      .http_version = "2",
                      .dns_ms = 0,
                      .connect_ms = 1,
                      .tls_ms = 2,
                      .ttfb_ms = 3,
                      .total_ms = 4,
                      .bytes_wire = 1ULL << 40,
                      .bytes_body = (1ULL << 40) + 1,
                      .truncated = true,
                      .content_type = "text/html",
                      .charset = "UTF-8",
                      .title = "Übersicht \"1\"",
                      .digest = "sha256:" + std::string(60, '0') + "beef",
                      .redirect_to = "http://a/",
                      .etag = "W/\"x\"",
                      .last_modified = "Thu, 01 Jan 1970 00:00:00 GMT",
                      .robots_meta = "noindex,nofollow",
                      .note = "excess_bytes,cl_and_te",
                      .archive = crawl::ArchivePosition{"warc/a.warc.gz", 12, 34}};
  store().apply({.updates = {{.id = ids[0], .outcome = whole}}, .marks = {{"warc/a.warc.gz", 46}}});
  reopen();
  const auto kept = record("http://b/page");
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->url, "http://b/page");
  EXPECT_EQ(kept->depth, 3);
  EXPECT_EQ(kept->via, "http://a/");
  const Outcome& o = kept->outcome;
  EXPECT_EQ(o.state, whole.state);
  EXPECT_EQ(o.status, whole.status);
  EXPECT_EQ(o.error, whole.error);
  EXPECT_EQ(o.error_detail, whole.error_detail);
  EXPECT_EQ(o.attempts, whole.attempts);
  EXPECT_EQ(o.fetched_at, whole.fetched_at);
  EXPECT_EQ(o.ip, whole.ip);
  EXPECT_EQ(o.http_version, whole.http_version);
  EXPECT_EQ(o.dns_ms, whole.dns_ms);
  EXPECT_EQ(o.connect_ms, whole.connect_ms);
  EXPECT_EQ(o.tls_ms, whole.tls_ms);
  EXPECT_EQ(o.ttfb_ms, whole.ttfb_ms);
  EXPECT_EQ(o.total_ms, whole.total_ms);
  EXPECT_EQ(o.bytes_wire, whole.bytes_wire);
  EXPECT_EQ(o.bytes_body, whole.bytes_body);
  EXPECT_EQ(o.truncated, whole.truncated);
  EXPECT_EQ(o.content_type, whole.content_type);
  EXPECT_EQ(o.charset, whole.charset);
  EXPECT_EQ(o.title, whole.title);
  EXPECT_EQ(o.digest, whole.digest);
  EXPECT_EQ(o.redirect_to, whole.redirect_to);
  EXPECT_EQ(o.etag, whole.etag);
  EXPECT_EQ(o.last_modified, whole.last_modified);
  EXPECT_EQ(o.robots_meta, whole.robots_meta);
  EXPECT_EQ(o.note, whole.note);
  EXPECT_EQ(o.archive, whole.archive);
  EXPECT_FALSE(record("http://a/")->outcome.status);
  EXPECT_EQ(record("http://a/")->via, "");
}

TEST_P(StoreContract, ABatchWithAnUnknownIdStoresNothing) {
  const auto ids = store().apply({.admitted = {url_on("a", "/1")}});
  const StoreBatch bad{
      .admitted = {url_on("new", "/")},
      .updates = {{.id = ids[0], .outcome = fetched(200, 1)},
                  {.id = {ids[0].host, ids[0].seq + 77}, .outcome = fetched(200, 1)}},
      .marks = {{"warc/x", 1}},
      .meta = {{"k", "v"}}};
  EXPECT_THROW(store().apply(bad), Failure);
  EXPECT_THROW(store().apply({.admitted = {url_on("new", "/")}, .hosts = {{.id = 99}}}), Failure);
  EXPECT_EQ(store().totals(), StoreTotals{.queued = 1});
  EXPECT_EQ(store().hosts().size(), 1u);
  EXPECT_THAT(store().marks(), IsEmpty());
  EXPECT_EQ(store().meta("k"), std::nullopt);
  const auto next = store().apply({.admitted = {url_on("new", "/")}});
  EXPECT_EQ(store().queued(next[0].host, 0, 9).size(), 1u);
}

TEST_P(StoreContract, HostsKeepTheirKeysAndTheirState) {
  const auto ids = store().apply({.admitted = {url_on("a", "/"), url_on("b:81", "/")}});
  store().apply({.hosts = {{.id = ids[1].host, .next_fetch_ms = 123, .pages_fetched = 4}}});
  reopen();
  const auto hosts = store().hosts();
  ASSERT_EQ(hosts.size(), 2u);
  EXPECT_LT(hosts[0].id, hosts[1].id);
  EXPECT_EQ(hosts[0].key, "a");
  EXPECT_EQ(hosts[0].next_fetch_ms, 0);
  EXPECT_EQ(hosts[1].id, ids[1].host);
  EXPECT_EQ(hosts[1].key, "b:81");
  EXPECT_EQ(hosts[1].next_fetch_ms, 123);
  EXPECT_EQ(hosts[1].pages_fetched, 4);
}

TEST_P(StoreContract, AHostsHealthIsKeptUntilThereIsNothingToRemember) {
  const auto ids = store().apply({.admitted = {url_on("a", "/"), url_on("b", "/")}});
  const crawl::HealthRecord health{.interval = Millis{8000},
                                   .overloads_in_a_row = 3,
                                   .wait = Millis{3'600'000},
                                   .failures_in_a_row = 6,
                                   .failed_probes = 1,
                                   .open_until_ms = 1'800'000'000'123,
                                   .crawl_delay = Millis{0},
                                   .error = Errc::connect_refused,
                                   .error_detail = "port 81"};
  store().apply({.hosts = {{.id = ids[1].host, .health = health}}});
  store().apply({.hosts = {{.id = ids[1].host, .pages_fetched = 1}}});  // says nothing of it
  reopen();
  EXPECT_EQ(store().hosts()[0].health, std::nullopt);
  EXPECT_EQ(store().hosts()[1].health, health);
  EXPECT_EQ(store().hosts()[1].pages_fetched, 1);
  const crawl::HealthRecord slow{.crawl_delay = Millis{5000}};
  store().apply({.hosts = {{.id = ids[1].host, .health = slow}}});
  EXPECT_EQ(store().hosts()[1].health, slow);
  store().apply({.hosts = {{.id = ids[1].host, .health = crawl::HealthRecord{}}}});
  reopen();
  EXPECT_EQ(store().hosts()[1].health, std::nullopt);
}

TEST_P(StoreContract, RobotsMarksAndMetaAreReplacedByKey) {
  const std::string binary("Dis\0allow: \xff", 12);
  store().apply({.robots = {{"http://a", 1, 200, "old"}, {"https://a", 2, 404, ""}},
                 .marks = {{"warc/1", 10}, {"warc/2", 20}},
                 .meta = {{"job", "{}"}, {"empty", ""}}});
  store().apply({.robots = {{"http://a", 3, 0, binary}},
                 .marks = {{"warc/1", 15}},
                 .meta = {{"job", "{1}"}}});
  reopen();
  const auto robots = store().robots("http://a");
  ASSERT_TRUE(robots);
  EXPECT_EQ(robots->origin, "http://a");
  EXPECT_EQ(robots->fetched_ms, 3);
  EXPECT_EQ(robots->status, 0);
  EXPECT_EQ(robots->body, binary);
  EXPECT_EQ(store().robots("https://a").value().status, 404);
  EXPECT_EQ(store().robots("http://b"), std::nullopt);
  const auto marks = store().marks();
  ASSERT_EQ(marks.size(), 2u);
  EXPECT_EQ(marks[0].file, "warc/1");
  EXPECT_EQ(marks[0].bytes, 15u);
  EXPECT_EQ(marks[1].bytes, 20u);
  EXPECT_EQ(store().meta("job"), "{1}");
  EXPECT_EQ(store().meta("empty"), "");
  EXPECT_EQ(store().meta("none"), std::nullopt);
}

TEST_P(StoreContract, PatternsAreReplacedByHostAndShape) {
  store().apply(
      {.admitted = {{.url = "http://a/1", .host = "a"}, {.url = "http://b/1", .host = "b"}}});
  const crawl::PatternState one{.host = 1,
                                .shape = "/x/{n}",
                                .fetched = 10,
                                .fresh = 2,
                                .refused = 3,
                                .block = 8,
                                .block_fresh = 1,
                                .rank = 1};
  crawl::PatternState changed = one;
  changed.fetched = 11;
  changed.rank = 2;
  const crawl::PatternState other{.host = 2, .shape = "/x/{n}", .fetched = 1};
  const crawl::PatternState third{.host = 1, .shape = "/y", .fetched = 7};
  store().apply({.patterns = {one, other, third}});
  store().apply({.patterns = {changed}});
  const std::vector<crawl::PatternState> expected{changed, third, other};
  EXPECT_EQ(store().patterns(), expected);
  reopen();
  EXPECT_EQ(store().patterns(), expected);
}

}  // namespace trawl::test
