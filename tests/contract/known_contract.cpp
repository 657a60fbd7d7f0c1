// What a Store must tell of the URLs that it knows, and when a known URL may be queued anew.
#include "core/base/result.hpp"
#include "core/web/digest.hpp"
#include "tests/contract/store_contract.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace trawl::test {
namespace {

using crawl::NewUrl;
using crawl::StoreTotals;
using crawl::UrlId;
using crawl::UrlState;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

NewUrl url_on(const std::string& host, const std::string& path) {
  return {.url = "http://" + host + path, .host = host};
}

crawl::SeedRoles named(const std::string& url) {
  return {{web::fingerprint(url), {}}};
}

std::vector<std::string> texts(const std::vector<crawl::QueuedUrl>& urls) {
  std::vector<std::string> all;
  for (const auto& url : urls) all.push_back(url.url);
  return all;
}

}  // namespace

TEST_P(StoreContract, EachUrlIsVisitedOnceWhateverItsState) {
  NewUrl excluded = url_on("a", "/no");
  excluded.excluded = Errc::scope;
  const auto ids = store().apply({.admitted = {url_on("a", "/1"), excluded, url_on("b", "/1")}});
  store().apply(
      {.updates = {{.id = ids[0], .outcome = {.state = UrlState::fetched, .status = 200}}}});
  reopen();
  std::vector<std::string> seen;
  store().each_url([&](const crawl::KnownUrl& known) { seen.emplace_back(known.url); });
  EXPECT_THAT(seen, UnorderedElementsAre("http://a/1", "http://a/no", "http://b/1"));
}

TEST_P(StoreContract, AUrlRefusedForItsDepthCanBeQueuedLaterAndKeepsOneRecord) {
  NewUrl far = url_on("a", "/far");
  far.depth = 9;
  far.excluded = Errc::depth;
  far.excluded_detail = "depth";
  const auto ids = store().apply({.admitted = {url_on("a", "/"), far, url_on("a", "/2")}});
  reopen();
  std::vector<UrlId> beyond;
  store().each_url([&](const crawl::KnownUrl& known) {
    if (known.refused) beyond.push_back(known.id);
  });
  ASSERT_THAT(beyond, ElementsAre(ids[1]));
  NewUrl near = url_on("a", "/far");
  near.depth = 1;
  near.via = ids[0];
  near.replaces = ids[1];
  const auto again = store().apply({.admitted = {near}});
  // Behind all that is queued, so that a frontier that has read up to there still meets it.
  EXPECT_GT(again[0].seq, ids[2].seq);
  reopen();
  EXPECT_EQ(store().totals(), StoreTotals{.queued = 3});
  EXPECT_THAT(texts(store().queued(ids[0].host, ids[2].seq, 9)), ElementsAre("http://a/far"));
  EXPECT_EQ(record("http://a/far")->depth, 1);
  EXPECT_EQ(record("http://a/far")->via, "http://a/");
  EXPECT_EQ(record("http://a/far")->outcome.error, std::nullopt);
  std::size_t known = 0;
  store().each_url([&](const crawl::KnownUrl& url) {
    ++known;
    EXPECT_FALSE(url.refused);
  });
  EXPECT_EQ(known, 3U);
}

std::string chain_of(const crawl::KnownSeed& known) {
  return known.redirect_chain.empty() ? "-"
                                      : fmt::format("{}", fmt::join(known.redirect_chain, " "));
}

TEST_P(StoreContract, EachSeedComesWithItsRoleAndWhereItRedirectedTo) {
  NewUrl seed = url_on("a", "/"), listed = url_on("a", "/listed"), deeper = url_on("a", "/deeper");
  listed.sitemap = 0;
  deeper.depth = 1;
  NewUrl hop = url_on("a", "/hop"), gone = url_on("a", "/gone"), page = url_on("a", "/page");
  hop.redirect_chain = {7, 8};
  const auto ids = store().apply({.admitted = {seed, listed, deeper, hop, gone, page}});
  const auto fetched = [&](UrlId id, int status, std::string redirect_to = {}) {
    store().apply({.updates = {{.id = id,
                                .outcome = {.state = UrlState::fetched,
                                            .status = status,
                                            .redirect_to = std::move(redirect_to)}}}});
  };
  fetched(ids[0], 301, "http://b/");
  fetched(ids[4], 404);
  fetched(ids[5], 200);
  const UrlId kept = store().apply({.admitted = {url_on("a", "/kept")}})[0];
  store().apply({.updates = {{.id = kept,
                              .outcome = {.state = UrlState::fetched,
                                          .status = 200,
                                          .revisit = crawl::Revisit::kept}}}});
  reopen();
  std::vector<std::string> seeds;
  store().each_seed([&](const crawl::KnownSeed& known) {
    seeds.push_back(std::string{known.url} + " " +
                    (known.sitemap ? std::to_string(*known.sitemap) : "-") + " " +
                    std::string{known.redirect_to} + " " + chain_of(known) +
                    (known.is_page ? " page" : "") + (known.queued ? " queued" : ""));
  });
  EXPECT_THAT(seeds,
              ElementsAre("http://a/ - http://b/ -", "http://a/hop -  7 8 queued",
                          "http://a/gone -  -", "http://a/page -  - page", "http://a/kept -  -"));
}

// A chain of links from the seed, a redirect in it.
TEST_P(StoreContract, AKnownUrlBecomesASeedAndBringsWhatItLedToNearer) {
  const auto add = [&](const std::string& path, int depth, std::optional<UrlId> via) {
    NewUrl url = url_on("a", path);
    url.depth = depth;
    url.via = via;
    if (path == "/4") url.redirect_chain = {7};
    if (path == "/5") url.excluded = Errc::depth;
    return store().apply({.admitted = {url}})[0];
  };
  const UrlId seed = add("/", 0, {}), one = add("/1", 1, seed), two = add("/2", 2, one);
  const UrlId three = add("/3", 3, two), four = add("/4", 3, three);
  add("/5", 4, four);
  add("/beside", 2, one);
  const crawl::Outcome fetched{.state = UrlState::fetched, .status = 200, .etag = "\"v1\""};
  for (const UrlId id : {one, two, four})
    store().apply({.updates = {{.id = id, .outcome = fetched}}});
  store().apply(
      {.updates = {
           {.id = three,
            .outcome = {.state = UrlState::fetched, .status = 302, .redirect_to = "http://a/4"}}}});
  reopen();
  EXPECT_EQ(store().make_seeds(named("http://a/unknown"), {}).made, 0U);
  EXPECT_EQ(store().make_seeds(named("http://a/"), {}).made, 0U);
  EXPECT_EQ(store().totals(), (StoreTotals{.queued = 2, .fetched = 4, .excluded = 1}));
  const crawl::MadeSeeds made = store().make_seeds(named("http://a/2"), {});
  EXPECT_EQ(made.made, 1U);
  EXPECT_THAT(texts(made.queued), ElementsAre("http://a/2"));
  reopen();
  EXPECT_EQ(store().totals(), (StoreTotals{.queued = 3, .fetched = 3, .excluded = 1}));
  EXPECT_EQ(store().result(two)->etag, "");
  EXPECT_EQ(store().result(four)->etag, "\"v1\"");
  std::vector<int> depths;
  for (const char* path : {"/", "/1", "/2", "/3", "/4", "/5", "/beside"})
    depths.push_back(record(std::string{"http://a"} + path)->depth);
  EXPECT_THAT(depths, ElementsAre(0, 1, 0, 1, 1, 2, 2));
  EXPECT_EQ(record("http://a/2")->via, "");
  EXPECT_EQ(record("http://a/3")->via, "http://a/2");
}

TEST_P(StoreContract, WhereASeedRedirectsAndWhatASitemapListsCanBecomeSeeds) {
  NewUrl hop = url_on("a", "/hop"), listed = url_on("a", "/listed"), map = url_on("a", "/map");
  hop.redirect_chain = {7};
  listed.sitemap = 0;
  listed.sitemap_lastmod = "2026-01-01";
  map.sitemap = 1;
  const auto ids = store().apply({.admitted = {hop, listed, map}});
  const crawl::Outcome fetched{.state = UrlState::fetched, .status = 200};
  for (const UrlId id : ids) store().apply({.updates = {{.id = id, .outcome = fetched}}});
  crawl::SeedRoles all;
  for (const std::string url : {"http://a/hop", "http://a/listed", "http://a/map"})
    all.merge(named(url));
  EXPECT_EQ(store().make_seeds(all, {}).made, 2U);
  reopen();
  EXPECT_EQ(store().totals(), StoreTotals{.fetched = 3}) << "all are as near as they were";
  std::vector<std::string> seeds;
  store().each_seed([&](const crawl::KnownSeed& known) {
    seeds.push_back(std::string{known.url} + " " +
                    (known.sitemap ? std::to_string(*known.sitemap) : "-") + " " + chain_of(known));
  });
  EXPECT_THAT(seeds, ElementsAre("http://a/hop - -", "http://a/listed - -", "http://a/map 1 -"));
}

// A page with a link to /en, which redirects by /en/2 to another host; a seed redirects to /en.
TEST_P(StoreContract, AKnownUrlBecomesWhereASeedRedirects) {
  const auto add = [&](NewUrl url, int depth, std::optional<UrlId> via,
                       std::vector<std::uint64_t> chain = {}) {
    url.depth = depth;
    url.via = via;
    url.redirect_chain = std::move(chain);
    if (url.host != "a") url.excluded = Errc::scope;
    return store().apply({.admitted = {url}})[0];
  };
  const UrlId page = add(url_on("a", "/"), 0, {}), old = add(url_on("a", "/old"), 0, {});
  const UrlId en = add(url_on("a", "/en"), 1, page);
  const UrlId en2 = add(url_on("a", "/en/2"), 1, en, {7});
  add(url_on("b", "/"), 1, en2, {7, 8});
  const UrlId plain = add(url_on("a", "/plain"), 1, page);
  const auto fetched = [&](UrlId id, std::string redirect_to) {
    store().apply({.updates = {{.id = id,
                                .outcome = {.state = UrlState::fetched,
                                            .status = 200,
                                            .redirect_to = std::move(redirect_to)}}}});
  };
  fetched(page, "");
  fetched(old, "http://a/en");
  fetched(en, "http://a/en/2");
  fetched(en2, "http://b/");
  fetched(plain, "");
  reopen();
  const crawl::SeedRole behind_old{.via = old, .redirect_chain = {5}};
  store().make_seeds(named("http://a/unknown"), {{"rules", "none"}});
  EXPECT_EQ(store().meta("rules"), std::nullopt);
  const auto made = store().make_seeds({{web::fingerprint("http://a/en"), behind_old},
                                        {web::fingerprint("http://a/plain"), behind_old}},
                                       {{"rules", "others"}});
  EXPECT_EQ(store().meta("rules"), "others");
  EXPECT_EQ(made.made, 2U);
  EXPECT_THAT(texts(made.queued), ElementsAre("http://a/en"));
  EXPECT_THAT(made.queued[0].redirect_chain, ElementsAre(5));
  reopen();
  EXPECT_EQ(store().totals(), (StoreTotals{.queued = 1, .fetched = 4, .excluded = 1}));
  EXPECT_EQ(record("http://a/en")->via, "http://a/old");
  std::vector<int> depths;
  for (const char* url :
       {"http://a/", "http://a/old", "http://a/en", "http://a/en/2", "http://b/", "http://a/plain"})
    depths.push_back(record(url)->depth);
  EXPECT_THAT(depths, ElementsAre(0, 0, 0, 1, 1, 0)) << "where /en leads, it says once more";
}

TEST_P(StoreContract, WhereASeedRedirectsIsAskedForAgainWhenItsLinksWereTooDeep) {
  const UrlId seed = store().apply({.admitted = {url_on("a", "/")}})[0];
  NewUrl page = url_on("a", "/page"), deep = url_on("a", "/deep");
  page.depth = 1, page.via = seed;
  deep.depth = 2, deep.via = seed, deep.excluded = Errc::depth;
  const auto ids = store().apply({.admitted = {page, deep}});
  const crawl::Outcome fetched{.state = UrlState::fetched, .status = 200, .etag = "\"v1\""};
  store().apply({.updates = {{.id = ids[0], .outcome = fetched}}});
  reopen();
  const auto made = store().make_seeds(
      {{web::fingerprint("http://a/page"), {.via = seed, .redirect_chain = {5}}}}, {});
  EXPECT_THAT(texts(made.queued), ElementsAre("http://a/page"));
  EXPECT_EQ(store().result(ids[0])->etag, "");
}

TEST_P(StoreContract, WhereASeedRedirectsIsQueuedWhenTheScopeHasLeftItOutSince) {
  const UrlId seed = store().apply({.admitted = {url_on("a", "/")}})[0];
  NewUrl page = url_on("a", "/page"), refused = url_on("a", "/refused");
  page.depth = 1, page.via = seed;
  refused.depth = 1, refused.via = seed, refused.excluded = Errc::scope;
  const auto ids = store().apply({.admitted = {page, refused}});
  for (const auto state : {UrlState::fetched, UrlState::excluded})
    store().apply(
        {.updates = {{.id = ids[0],
                      .outcome = {.state = state,
                                  .status = 200,
                                  .error = state == UrlState::excluded ? std::optional{Errc::scope}
                                                                       : std::nullopt,
                                  .fetched_at = Wall{Millis{1}}}}}});
  reopen();
  const crawl::SeedRole hop{.via = seed, .redirect_chain = {5}};
  const auto made = store().make_seeds(
      {{web::fingerprint("http://a/page"), hop}, {web::fingerprint("http://a/refused"), hop}}, {});
  EXPECT_EQ(made.made, 2U);
  EXPECT_THAT(texts(made.queued), ElementsAre("http://a/page"));
  reopen();
  EXPECT_EQ(store().totals(), (StoreTotals{.queued = 2, .excluded = 1}));
}

TEST_P(StoreContract, WhatWasFetchedAndLeftOutSinceIsQueuedInPieces) {
  std::vector<NewUrl> urls;
  for (int i = 0; i < 4; ++i) urls.push_back(url_on("a", "/" + std::to_string(i)));
  urls.push_back(url_on("a", "/refused"));
  urls.back().excluded = Errc::scope;
  const auto ids = store().apply({.admitted = urls});
  const auto now = Wall{Millis{1}};
  for (int i = 0; i < 4; ++i)
    store().apply(
        {.updates = {{.id = ids[i],
                      .outcome = {.state = UrlState::fetched, .status = 200, .fetched_at = now}}}});
  for (int i = 0; i < 3; ++i)
    store().apply({.updates = {{.id = ids[i],
                                .outcome = {.state = UrlState::excluded,
                                            .status = 200,
                                            .error = Errc::scope,
                                            .fetched_at = now}}}});
  reopen();
  const auto first = store().requeue_left_out({}, 2);
  EXPECT_THAT(texts(first), ElementsAre("http://a/0", "http://a/1"));
  EXPECT_TRUE(first[0].fetched_before);
  EXPECT_THAT(texts(store().requeue_left_out(first[1].id, 2)), ElementsAre("http://a/2"));
  EXPECT_THAT(store().requeue_left_out(ids[2], 2), testing::IsEmpty());
  reopen();
  EXPECT_EQ(store().totals(), (StoreTotals{.queued = 3, .fetched = 1, .excluded = 1}));
}

TEST_P(StoreContract, WhatIsNotExcludedIsNeverReplaced) {
  const auto ids = store().apply({.admitted = {url_on("a", "/")}});
  NewUrl again = url_on("a", "/");
  again.replaces = ids[0];
  EXPECT_THROW(store().apply({.admitted = {again}}), Failure);
  EXPECT_EQ(store().totals(), StoreTotals{.queued = 1});
}

// From /c over what led to it back to /a.
TEST_P(StoreContract, AUrlThatRedirectedHereIsFoundAndQueuedOnceMore) {
  const auto print = [](const std::string& url) { return web::fingerprint(url); };
  const UrlId a = store().apply({.admitted = {url_on("a", "/a")}})[0];
  NewUrl second = url_on("b", "/b"), third = url_on("a", "/c");
  second.via = a;
  const UrlId b = store().apply({.admitted = {second}})[0];
  third.via = b;
  const UrlId c = store().apply({.admitted = {third}})[0];
  EXPECT_FALSE(store().redirecting(c, print("http://a/a"))) << "it is queued";
  const crawl::Outcome redirect{.state = UrlState::fetched, .status = 302, .attempts = 1};
  store().apply({.updates = {{.id = a, .outcome = redirect}, {.id = b, .outcome = redirect}}});
  reopen();

  EXPECT_FALSE(store().redirecting(c, print("http://a/c"))) << "it is the one that asks";
  EXPECT_FALSE(store().redirecting(c, print("http://a/other")));
  EXPECT_EQ(store().redirecting(c, print("http://b/b"))->id, b);
  const auto found = store().redirecting(c, print("http://a/a"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, a);
  EXPECT_EQ(found->url, "http://a/a");
  EXPECT_EQ(found->attempts, 1);
  EXPECT_TRUE(found->fetched_before);

  store().apply(
      {.updates = {{.id = c, .outcome = redirect}, {.id = a, .outcome = {.attempts = 1}}}});
  EXPECT_EQ(store().totals(), (StoreTotals{.queued = 1, .fetched = 2}));
  reopen();
  const auto queued = store().queued(a.host, 0, 10);
  ASSERT_EQ(queued.size(), 1U);
  EXPECT_EQ(queued[0].id, a);
  EXPECT_EQ(queued[0].attempts, 1);
  EXPECT_TRUE(store().result(a)) << "until there is another";
}

}  // namespace trawl::test
