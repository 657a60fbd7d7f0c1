// What a Store must do for URLs that are fetched again, and for cookies.
#include "core/crawl/pages/refetch.hpp"
#include "tests/contract/store_contract.hpp"

#include <gmock/gmock.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::test {
namespace {

using crawl::NewUrl;
using crawl::Outcome;
using crawl::Revisit;
using crawl::StoreTotals;
using crawl::UrlState;
using testing::ElementsAre;
using testing::IsEmpty;

NewUrl url_on(const std::string& host, const std::string& path) {
  return {.url = "http://" + host + path, .host = host};
}

Outcome fetched(int status) {
  return {.state = UrlState::fetched, .status = status, .attempts = 3, .etag = "\"x\""};
}

web::Cookie cookie(const std::string& name, const std::string& value, std::uint64_t order) {
  return {.name = name,
          .value = value,
          .domain = "a.example",
          .path = "/p",
          .expires = Wall{Millis{1'893'456'000'000}},
          .secure = true,
          .order = order};
}

}  // namespace

TEST_P(StoreContract, TheRecordOfAnAnswerIsGivenByItsUrl) {
  const auto ids = store().apply({.admitted = {url_on("a", "/1"), url_on("a", "/2")}});
  Outcome outcome = fetched(200);
  outcome.filename = "a.pdf";
  outcome.revisit = Revisit::not_modified;
  outcome.archive = crawl::ArchivePosition{"warc/a.warc.gz", 12, 34};
  store().apply(
      {.updates = {{.id = ids[0], .outcome = outcome}}, .marks = {{"warc/a.warc.gz", 46}}});
  reopen();
  const auto kept = store().result(ids[0]);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->status, 200);
  EXPECT_EQ(kept->etag, "\"x\"");
  EXPECT_EQ(kept->filename, "a.pdf");
  EXPECT_EQ(kept->revisit, Revisit::not_modified);
  EXPECT_EQ(kept->archive, outcome.archive);
  EXPECT_FALSE(store().result(ids[1]));
  EXPECT_EQ(record("http://a/1")->outcome.filename, "a.pdf");
  EXPECT_EQ(record("http://a/1")->outcome.revisit, Revisit::not_modified);
  // A later record without them has them no more.
  store().apply({.updates = {{.id = ids[0], .outcome = fetched(404)}}});
  EXPECT_EQ(store().result(ids[0])->filename, "");
  EXPECT_EQ(store().result(ids[0])->revisit, Revisit::none);
}

// Its page is no more, whatever else is remembered of it: to the crawler it is as one that is new.
TEST_P(StoreContract, AnAnswerThatWasFollowedByNoneIsNone) {
  const auto id = store().apply({.admitted = {url_on("a", "/1")}})[0];
  store().apply({.updates = {{.id = id, .outcome = fetched(200)}}});
  store().apply(
      {.updates = {{.id = id, .outcome = {.state = UrlState::failed, .error = Errc::dns}}}});
  reopen();
  EXPECT_FALSE(store().result(id));
  EXPECT_FALSE(record("http://a/1")->outcome.status);
  EXPECT_FALSE(store().requeue(crawl::Again::failed, 10));
  EXPECT_FALSE(store().queued(id.host, 0, 10).at(0).fetched_before);
  Outcome excluded{.state = UrlState::excluded, .error = Errc::depth};
  store().apply({.updates = {{.id = id, .outcome = excluded}}});
  EXPECT_EQ(store().refusals({}, 10).size(), 1U);
}

TEST_P(StoreContract, ARoundQueuesAgainWhatWasFetchedOrFailed) {
  NewUrl excluded = url_on("b", "/no");
  excluded.excluded = Errc::scope;
  const auto ids = store().apply({.admitted = {url_on("a", "/1"), url_on("a", "/2"), excluded,
                                               url_on("b", "/1"), url_on("c", "/new")}});
  store().apply(
      {.updates = {{.id = ids[0], .outcome = fetched(200)},
                   {.id = ids[1], .outcome = fetched(404)},
                   {.id = ids[3], .outcome = {.state = UrlState::failed, .error = Errc::reset}}}});
  std::size_t calls = 1;
  while (store().requeue(crawl::Again::all, 2)) {
    ASSERT_LT(++calls, 10U);
    EXPECT_NE(store().meta(crawl::requeue_cursor_key).value_or(""), "");
    reopen();  // a round goes on where it was
  }
  EXPECT_GE(calls, 3U);
  EXPECT_EQ(store().meta(crawl::requeue_cursor_key).value_or(""), "");
  reopen();
  EXPECT_EQ(store().totals(), (StoreTotals{.queued = 4, .excluded = 1}));
  const auto urls = store().queued(ids[0].host, 0, 10);
  ASSERT_EQ(urls.size(), 2U);
  EXPECT_EQ(urls[0].id, ids[0]);
  EXPECT_EQ(urls[0].attempts, 0);
  EXPECT_TRUE(urls[0].fetched_before);
  EXPECT_FALSE(store().queued(ids[3].host, 0, 10)[0].fetched_before);  // nothing was received
  EXPECT_FALSE(store().queued(ids[4].host, 0, 10)[0].fetched_before);
  // What is known of the page stays, and so does the last error.
  EXPECT_EQ(record("http://a/1")->outcome.state, UrlState::queued);
  EXPECT_EQ(record("http://a/1")->outcome.status, 200);
  EXPECT_EQ(record("http://b/1")->outcome.error, Errc::reset);
  // Another round begins at the beginning.
  store().apply({.updates = {{.id = ids[0], .outcome = fetched(200)}}});
  while (store().requeue(crawl::Again::all, 100)) ASSERT_LT(++calls, 20U);
  EXPECT_EQ(store().totals().queued, 4U);
}

TEST_P(StoreContract, OutlinksThatAreNoneAnyMoreAreQueuedToBeAskedForWhole) {
  const auto ids =
      store().apply({.admitted = {url_on("a", "/in"), url_on("a", "/out"), url_on("b", "/own"),
                                  url_on("b", "/dead"), url_on("b", "/left")}});
  const auto outlink = [](UrlState state) {
    return crawl::Outcome{.state = state,
                          .status = 200,
                          .fetched_at = Wall{Millis{1}},
                          .etag = "1",
                          .note = "max_body,outlink"};
  };
  crawl::Outcome own = outlink(UrlState::fetched), left = outlink(UrlState::excluded);
  own.note = "outlinks";
  left.error = Errc::scope;
  store().apply({.updates = {{.id = ids[0], .outcome = outlink(UrlState::fetched)},
                             {.id = ids[1], .outcome = outlink(UrlState::fetched)},
                             {.id = ids[2], .outcome = own},
                             {.id = ids[3], .outcome = outlink(UrlState::failed)},
                             {.id = ids[4], .outcome = left}}});
  reopen();
  std::vector<std::string> asked;
  const auto is_outlink = [&](std::string_view url) {
    asked.emplace_back(url);
    return url.ends_with("/out");
  };
  std::optional<crawl::UrlId> after = crawl::UrlId{};
  for (int steps = 0; after; ++steps) {
    ASSERT_LT(steps, 5);
    after = store().requeue_outlinks(*after, 2, is_outlink);
  }
  EXPECT_THAT(asked, ElementsAre("http://a/in", "http://a/out", "http://b/dead", "http://b/left"));
  EXPECT_EQ(store().totals(), (StoreTotals{.queued = 2, .fetched = 2, .excluded = 1}));
  EXPECT_EQ(store().result(ids[0])->etag, "");
  EXPECT_EQ(store().result(ids[1])->etag, "1");
}

TEST_P(StoreContract, BytesOfWhatIsQueuedAgainAreThoseOfNoRound) {
  const auto ids = store().apply({.admitted = {url_on("h", "/a"), url_on("h", "/b")}});
  for (const auto id : ids)
    for (int fetch = 0; fetch < 2; ++fetch) {
      auto outcome = fetched(200);
      outcome.bytes_wire = 100;
      store().apply({.updates = {{.id = id, .outcome = std::move(outcome)}}});
    }
  EXPECT_EQ(store().totals().bytes_wire, 400U);
  EXPECT_EQ(store().bytes_of_done(), 200U);
  store().requeue(crawl::Again::all, 1);
  EXPECT_EQ(store().bytes_of_done(), 100U);
  store().requeue(crawl::Again::all, 1);
  EXPECT_EQ(store().bytes_of_done(), 0U);
}

TEST_P(StoreContract, ARoundOfWhatFailedIsOneAfterARestart) {
  const auto ids =
      store().apply({.admitted = {url_on("a", "/1"), url_on("a", "/2"), url_on("b", "/1")}});
  const Outcome lost{.state = UrlState::failed, .error = Errc::reset, .attempts = 4};
  store().apply({.updates = {{.id = ids[0], .outcome = lost},
                             {.id = ids[1], .outcome = fetched(200)},
                             {.id = ids[2], .outcome = lost}}});
  std::size_t calls = 1;
  // What a round is of is decided where it begins.
  for (crawl::Again which = crawl::Again::failed; store().requeue(which, 1);
       which = crawl::Again::nothing) {
    ASSERT_LT(++calls, 10U);
    reopen();
  }
  EXPECT_EQ(store().totals(), (StoreTotals{.queued = 2, .fetched = 1}));
  EXPECT_EQ(record("http://a/2")->outcome.state, UrlState::fetched);
}

// A server that was overloaded or away is asked as one that gave no answer; a POST is sent once.
TEST_P(StoreContract, ARoundOfFailuresIsAlsoOfAnswersThatPass) {
  NewUrl post = url_on("a", "/post");
  post.request = crawl::share({.method = "POST", .body = "sent once"});
  const auto ids = store().apply({.admitted = {url_on("a", "/503"), url_on("a", "/429"),
                                               url_on("a", "/404"), url_on("a", "/501"), post}});
  const std::array statuses{503, 429, 404, 501, 503};
  for (std::size_t i = 0; i < ids.size(); ++i)
    store().apply({.updates = {{.id = ids[i], .outcome = fetched(statuses[i])}}});
  while (store().requeue(crawl::Again::failed, 100)) continue;
  reopen();
  EXPECT_EQ(store().totals(), (StoreTotals{.queued = 2, .fetched = 3}));
}

TEST_P(StoreContract, ARoundReconsidersWhatWasExcludedWhenItsTurnCame) {
  const auto ids = store().apply({.admitted = {url_on("a", "/1"), url_on("a", "/2")}});
  const auto excluded = [](Errc why) { return Outcome{.state = UrlState::excluded, .error = why}; };
  store().apply({.updates = {{.id = ids[0], .outcome = excluded(Errc::robots)},
                             {.id = ids[1], .outcome = excluded(Errc::hsts)}}});
  while (store().requeue(crawl::Again::failed, 100)) continue;
  EXPECT_EQ(store().totals(), (StoreTotals{.excluded = 2}));
  while (store().requeue(crawl::Again::all, 100)) continue;
  reopen();
  EXPECT_EQ(store().totals(), (StoreTotals{.queued = 1, .excluded = 1}));
  EXPECT_EQ(store().queued(ids[0].host, 0, 10).size(), 1U);
}

// What is wanted is more than what was begun.
TEST_P(StoreContract, ARoundOfAllBeginsAnewWhereALesserOneWasCutOff) {
  const auto ids =
      store().apply({.admitted = {url_on("a", "/1"), url_on("a", "/2"), url_on("b", "/1")}});
  for (const auto id : ids) store().apply({.updates = {{.id = id, .outcome = fetched(200)}}});
  EXPECT_TRUE(store().requeue(crawl::Again::failed, 2));
  reopen();
  while (store().requeue(crawl::Again::all, 2)) continue;
  EXPECT_EQ(store().totals(), (StoreTotals{.queued = 3}));
}

TEST_P(StoreContract, WhatTheScopeHasLeftOutSinceIsARoundOfItsOwn) {
  const auto ids = store().apply({.admitted = {url_on("a", "/1"), url_on("a", "/2")}});
  Outcome kept = fetched(200);
  kept.state = UrlState::excluded;
  kept.fetched_at = Wall{Millis{1000}};
  kept.error = Errc::scope;
  store().apply({.updates = {{.id = ids[0], .outcome = fetched(200)},
                             {.id = ids[1],
                              .outcome = {.state = UrlState::excluded, .error = Errc::scope}}}});
  store().apply({.updates = {{.id = ids[0], .outcome = kept}}});
  while (store().requeue(crawl::Again::left_out, 100)) continue;
  reopen();
  EXPECT_EQ(store().totals(), (StoreTotals{.queued = 1, .excluded = 1}));
  EXPECT_EQ(store().queued(ids[0].host, 0, 10).size(), 1U);
}

TEST_P(StoreContract, WhatALimitCutIsARoundOfItsOwn) {
  NewUrl post = url_on("a", "/post");
  post.request = crawl::share({.method = "POST", .body = "sent once"});
  const auto ids = store().apply({.admitted = {url_on("a", "/1"), url_on("a", "/2"),
                                               url_on("a", "/3"), url_on("b", "/4"), post}});
  Outcome cut = fetched(200), broken = fetched(200);
  cut.truncated = broken.truncated = true;
  cut.note = "dot_segments,max_body";
  store().apply({.updates = {{.id = ids[0], .outcome = fetched(200)},
                             {.id = ids[1], .outcome = cut},
                             {.id = ids[2], .outcome = broken},
                             {.id = ids[3], .outcome = cut},
                             {.id = ids[4], .outcome = cut}}});
  // A page that stays because what came in its place was too long.
  Outcome kept = fetched(200);
  kept.revisit = crawl::Revisit::kept;
  kept.error = Errc::body_truncated;
  kept.error_detail = std::string{crawl::over_max_body} + "; 9 bytes came";
  const auto grown = store().apply({.admitted = {url_on("a", "/grown")}});
  store().apply({.updates = {{.id = grown[0], .outcome = kept}}});
  EXPECT_TRUE(store().requeue(crawl::Again::cut, 2));
  reopen();
  while (store().requeue(crawl::Again::cut, 2)) continue;
  EXPECT_EQ(store().totals(), (StoreTotals{.queued = 3, .fetched = 3}));
  EXPECT_EQ(store().queued(ids[1].host, 0, 10).size(), 2U);
}

TEST_P(StoreContract, RefusalsAreGivenPieceByPiece) {
  const auto refused = [](NewUrl url, Errc why) {
    url.excluded = why;
    return url;
  };
  NewUrl listed = refused(url_on("b", "/listed"), Errc::scope);
  listed.sitemap = 0;
  listed.sitemap_lastmod = "2026-01-01";
  listed.changefreq = "daily";
  const auto first = store().apply({.admitted = {url_on("a", "/")}});
  NewUrl deep = refused(url_on("a", "/deep"), Errc::depth);
  deep.depth = 3;
  deep.via = first[0];
  const auto ids = store().apply(
      {.admitted = {deep, listed, refused(url_on("a", "/robots"), Errc::robots),
                    refused(url_on("a", "/trap"), Errc::trap), url_on("a", "/queued")}});
  reopen();
  std::vector<NewUrl> all;
  std::vector<std::string> vias;
  for (crawl::UrlId after{};;) {
    const auto piece = store().refusals(after, 1);
    if (piece.empty()) break;
    ASSERT_EQ(piece.size(), 1U);
    after = piece[0].url.replaces.value();
    all.push_back(piece[0].url);
    vias.push_back(piece[0].via);
  }
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].url, "http://a/deep");
  EXPECT_EQ(all[0].host, "a");
  EXPECT_EQ(all[0].depth, 3);
  EXPECT_EQ(all[0].via, first[0]);
  EXPECT_EQ(vias[0], "http://a/");
  EXPECT_EQ(vias[1], "");
  EXPECT_EQ(all[0].replaces, ids[0]);
  EXPECT_FALSE(all[0].excluded);
  EXPECT_EQ(all[1].url, "http://a/trap");
  EXPECT_EQ(all[2].sitemap, 0);
  EXPECT_EQ(all[2].sitemap_lastmod, "2026-01-01");
  EXPECT_EQ(all[2].changefreq, "daily");
}

TEST_P(StoreContract, CookiesAreReplacedAndRemovedByTheirKey) {
  EXPECT_THAT(store().cookies(), IsEmpty());
  web::Cookie other_path = cookie("a", "3", 3), session = cookie("s", "\xE4\t\"", 4);
  other_path.path = "/";
  session.expires.reset();
  session.host_only = false;
  session.http_only = true;
  store().apply(
      {.cookies = {{cookie("a", "1", 1)}, {cookie("b", "2", 2)}, {other_path}, {session}}});
  store().apply({.cookies = {{cookie("a", "new", 1)}, {cookie("b", "", 2), true}}});
  reopen();
  EXPECT_THAT(store().cookies(), ElementsAre(cookie("a", "new", 1), other_path, session));
  store().apply({.cookies = {{cookie("a", "", 0), true}, {cookie("a", "back", 9)}}});
  EXPECT_THAT(store().cookies(), ElementsAre(other_path, session, cookie("a", "back", 9)));
}

TEST_P(StoreContract, HostsThatAskForHttpsAreReplacedAndRemovedByTheirName) {
  EXPECT_THAT(store().hsts(), IsEmpty());
  const auto at = [](int ms) { return Wall{Millis{1'700'000'000'000 + ms}}; };
  store().apply({.hsts = {{{"b.test", at(1), true}}, {{"a.test", at(2)}}, {{"c.test", at(3)}}}});
  store().apply({.hsts = {{{"c.test"}, true}, {{"b.test", at(9), false}}, {{"d.test"}, true}}});
  reopen();
  EXPECT_THAT(store().hsts(), ElementsAre(web::HstsHost{"a.test", at(2), false},
                                          web::HstsHost{"b.test", at(9), false}));
}

}  // namespace trawl::test
