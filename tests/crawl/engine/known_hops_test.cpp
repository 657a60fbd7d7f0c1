// Seeds that redirect to what is known as a link: it is as good as a seed then, like any hop.
#include "tests/crawl/engine/seeds_run.hpp"
#include "tests/support/store_wrapper.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <thread>

namespace trawl::crawl {
namespace {

using support::LoopbackServer;
using support::Reply;

// The first page links to /en/, which is another host's by now; /old redirects to it.
struct KnownHops : SeedsRun {
  LoopbackServer site, other;

  KnownHops() {
    job = impatient_job({site.url()});
    site.on("/", Reply{.body = link("/en/")});
    site.on("/en/", support::redirect_to(other.url("/moved")));
    site.on("/old", support::redirect_to("/en/"));
    other.on("/moved", Reply{.body = link("/page")});
    other.on("/page", Reply{.body = "page"});
  }
  // /old is a seed, too, and is asked for when all links have been followed.
  void redirect_last() {
    job.seeds.urls.push_back(site.url("/old"));
    job.politeness.per_host = 1;
    job.priorities = {{.match = {"*/old"}, .priority = -1}};
  }
};

}  // namespace

TEST_F(KnownHops, LeadOnBeforeTheRunEnds) {
  redirect_last();
  run();
  EXPECT_EQ(state_of(other.url("/page")), UrlState::fetched);
  EXPECT_EQ(store.record(site.url("/en/"))->depth, 0);
  EXPECT_EQ(store.record(site.url("/en/"))->via, site.url("/old"));
  EXPECT_EQ(site.count("/en/"), 2U);
  run();
  EXPECT_EQ(site.count("/en/"), 2U) << "that is known now";
}

TEST_F(KnownHops, LeadOnFromWhatAnEarlierRunFound) {
  run();
  ASSERT_EQ(rule_of(other.url("/moved")), "mode host");
  job.seeds.urls.push_back(site.url("/old"));
  run();
  EXPECT_EQ(state_of(other.url("/page")), UrlState::fetched);
}

TEST_F(KnownHops, AreFoundOutByTheNextRunWhenThisOneIsStopped) {
  LoopbackServer slow;
  slow.on("/last", support::never_answer());
  redirect_last();
  job.seeds.urls.push_back(slow.url("/last"));
  job.grace = Millis{50};
  {
    CrawlRun run{job, store};
    slow.wait_for("/last", 1);
    site.wait_for("/old", 1);
    while (run.crawler().progress().totals.queued > 1) std::this_thread::sleep_for(Millis{5});
    run.crawler().stop();
    EXPECT_EQ(run.wait().reason, StopReason::interrupted);
  }
  ASSERT_EQ(rule_of(other.url("/moved")), "mode host");
  slow.on("/last", Reply{.body = "last"});
  run();
  EXPECT_EQ(state_of(other.url("/page")), UrlState::fetched);
  EXPECT_EQ(site.count("/old"), 1U);
}

TEST_F(KnownHops, LeadOnOverSeveralHops) {
  site.on("/en/", support::redirect_to("/en/2"));
  site.on("/en/2", support::redirect_to(other.url("/moved")));
  redirect_last();
  run();
  EXPECT_EQ(state_of(other.url("/page")), UrlState::fetched);
}

TEST_F(KnownHops, ThatArePagesAreNotAskedForTwice) {
  site.on("/en/", Reply{.body = link("/en/1")});
  site.on("/en/1", Reply{.body = "1"});
  redirect_last();
  run();
  EXPECT_EQ(site.count("/en/"), 1U);
  EXPECT_EQ(store.record(site.url("/en/1"))->depth, 1);
}

TEST_F(KnownHops, BringPagesThatWereTooDeep) {
  job.scope.max_depth = 1;
  site.on("/en/", Reply{.body = link("/en/1")});
  site.on("/en/1", Reply{.body = "1"});
  redirect_last();
  run();
  EXPECT_EQ(state_of(site.url("/en/1")), UrlState::fetched);
}

// Through it, and not on it: what was refused for its depth is two links further.
TEST_F(KnownHops, BringNearerWhatWasRefusedForItsDepth) {
  job.scope.max_depth = 2;
  site.on("/en/", Reply{.body = link("/en/1")});
  site.on("/en/1", Reply{.body = link("/en/2")});
  site.on("/en/2", Reply{.body = "2"});
  redirect_last();
  run();
  EXPECT_EQ(state_of(site.url("/en/2")), UrlState::fetched);
}

TEST_F(KnownHops, ThatAPatternExcludesAreNone) {
  run();
  job.seeds.urls.push_back(site.url("/old"));
  job.scope.exclude = {"*/en/*"};
  for (int i = 0; i < 3; ++i) run();
  EXPECT_EQ(state_of(site.url("/en/")), UrlState::fetched) << "what was fetched stays";
  EXPECT_EQ(store.record(site.url("/en/"))->depth, 1);
  EXPECT_EQ(rule_of(other.url("/moved")), "mode host");
  job.scope.exclude.clear();
  run();
  EXPECT_EQ(state_of(other.url("/page")), UrlState::fetched);
}

TEST_F(KnownHops, AreNoMoreThanASeedMayHave) {
  job.fetch.max_redirects = 1;
  site.on("/en/", support::redirect_to("/en/2"));
  site.on("/en/2", support::redirect_to("/en/3"));
  site.on("/en/3", Reply{.body = "3"});
  site.on("/", Reply{.body = link("/en/") + link("/en/2") + link("/en/3")});
  redirect_last();
  run();
  run();
  for (const char* path : {"/en/", "/en/2", "/en/3"})
    EXPECT_EQ(store.record(site.url(path))->outcome.error, std::nullopt) << path;
  EXPECT_EQ(store.record(site.url("/en/3"))->depth, 1);
}

TEST_F(KnownHops, AreCountedByTheWayThatLeadsThereNow) {
  job.fetch.max_redirects = 2;
  site.on("/", support::redirect_to("/1"));
  site.on("/1", Reply{.body = "1"});
  run();
  site.on("/1", support::redirect_to("/2"));
  site.on("/2", Reply{.body = "2"});
  run(true);
  site.on("/", support::redirect_to("/2"));
  site.on("/2", support::redirect_to(other.url("/moved")));
  run(true);
  EXPECT_EQ(store.record(site.url("/2"))->outcome.error, std::nullopt);
  EXPECT_EQ(state_of(other.url("/page")), UrlState::fetched);
}

TEST_F(KnownHops, AreNoLoopsOfWaysThatAreGone) {
  site.on("/", support::redirect_to("/1"));
  site.on("/1", support::redirect_to("/2"));
  site.on("/2", Reply{.body = "2"});
  run();
  site.on("/", support::redirect_to("/2"));
  site.on("/2", support::redirect_to("/1"));
  site.on("/1", Reply{.body = link("/on")});
  site.on("/on", Reply{.body = "on"});
  run(true);
  EXPECT_EQ(store.record(site.url("/2"))->outcome.error, std::nullopt);
  EXPECT_EQ(state_of(site.url("/on")), UrlState::fetched);
}

TEST_F(KnownHops, ThatWereSeedsAreAskedForExclude) {
  site.on("/old", support::redirect_to("/e"));
  site.on("/e", Reply{.body = "e"});
  job.scope.exclude = {"*/e"};
  job.seeds.urls = {site.url("/old"), site.url("/e")};
  run();
  ASSERT_EQ(site.count("/e"), 1U);
  job.seeds.urls.pop_back();
  run(true);
  run(true);
  EXPECT_EQ(rule_of(site.url("/e")), "exclude */e");
  EXPECT_EQ(site.count("/e"), 1U);
}

TEST_F(KnownHops, AreAskedForInTheRunThatHasExcludedThem) {
  job.scope.include = {"*/a"};
  job.seeds.urls = {site.url("/t")};
  site.on("/t", Reply{.body = "t"});
  run();
  job.seeds.urls = {site.url("/d")};
  site.on("/d", support::redirect_to("/t"));
  run(true);
  EXPECT_EQ(state_of(site.url("/t")), UrlState::fetched);
  EXPECT_EQ(site.count("/t"), 2U);
}

TEST_F(KnownHops, ThatARedirectIsExcludedFromWidenNothing) {
  site.on("/", Reply{.body = link(other.url("/page"))});
  site.on("/old", support::redirect_to(other.url("/moved")));
  job.scope.exclude = {"*/moved"};
  job.seeds.urls.push_back(site.url("/old"));
  run();
  run(true);
  EXPECT_EQ(rule_of(other.url("/moved")), "mode host");
  EXPECT_EQ(rule_of(other.url("/page")), "mode host");
}

TEST_F(KnownHops, ThatWereSeedsAndAreExcludedWidenNothing) {
  other.on("/e", Reply{.body = link("/page")});
  job.seeds.urls = {site.url("/old"), other.url("/e")};
  job.scope.exclude = {"*/e"};
  site.on("/old", Reply{.body = "old"});
  run();
  ASSERT_EQ(state_of(other.url("/page")), UrlState::fetched);
  job.seeds.urls.pop_back();
  site.on("/old", support::redirect_to(other.url("/e")));
  for (const bool again : {true, false, true, false}) run(again);
  EXPECT_EQ(rule_of(other.url("/e")), "mode host");
  EXPECT_EQ(rule_of(other.url("/page")), "mode host");
}

// It is asked first, as a link that stays in the scope, and then a seed redirects to it.
TEST_F(KnownHops, ThatWereSeedsLeadOnInTheSameRun) {
  site.on("/old", Reply{.body = "old"});
  site.on("/d", Reply{.body = "d"});
  job.seeds.urls = {site.url("/d")};
  redirect_last();
  run();
  job.seeds.urls = {site.url("/old")};
  site.on("/d", support::redirect_to(other.url("/moved")));
  site.on("/old", support::redirect_to("/d"));
  run(true);
  EXPECT_EQ(state_of(other.url("/page")), UrlState::fetched);
}

TEST_F(KnownHops, AreNotAskedForPatternsWhereTheyAreSitemaps) {
  job.seeds.urls.clear();
  job.seeds.sitemaps = {.mode = SitemapMode::list, .urls = {site.url("/sm.xml")}};
  job.scope.exclude = {"*.xml"};
  site.on("/sm.xml", support::redirect_to(other.url("/sm.xml")));
  other.on("/sm.xml", Reply{.body = fmt::format("<urlset><url><loc>{}</loc></url></urlset>",
                                                other.url("/page"))});
  run();
  run(true);
  EXPECT_EQ(state_of(other.url("/page")), UrlState::fetched);
}

// More often than a hop may be made in a run.
TEST_F(KnownHops, WaitForRoomOnTheDisk) {
  struct FullStore : test::StoreWrapper {
    int failures = 4;
    MadeSeeds make_seeds(const SeedRoles& roles,
                         const std::map<std::string, std::string>& meta) override {
      if (failures-- > 0) throw Failure(Errc::disk_full, "no room");
      return inner.make_seeds(roles, meta);
    }
  };
  FullStore full;
  redirect_last();
  CrawlRun run{job, full};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_LT(full.failures, 0);
  EXPECT_EQ(full.inner.record(other.url("/page"))->outcome.state, UrlState::fetched);
}

TEST_F(KnownHops, AreBackWhereANarrowerIncludeHasLeftThemOut) {
  site.on("/en/", Reply{.body = "en"});
  run();
  job.scope.include = {"*/none"};
  run(true);
  ASSERT_EQ(state_of(site.url("/en/")), UrlState::excluded);
  job.seeds.urls.push_back(site.url("/old"));
  run();
  EXPECT_EQ(state_of(site.url("/en/")), UrlState::fetched);
}

// It redirected as a link, and is a page by the time when a seed redirects to it.
TEST_F(KnownHops, AreAskedWhereTheyLeadBeforeThatCounts) {
  other.on("/moved", support::redirect_to("/page"));
  run();
  ASSERT_EQ(rule_of(other.url("/moved")), "mode host");
  site.on("/", support::redirect_to("/en/"));
  site.on("/en/", Reply{.body = "en"});
  job.seeds.urls.push_back(other.url("/seed"));
  other.on("/seed", Reply{.body = "seed"});
  job.seeds.urls.push_back(site.url("/late"));
  site.on("/late", Reply{.body = "late"});
  for (int n = 0; n < 3; ++n) run(true);
  EXPECT_EQ(store.record(other.url("/moved"))->depth, 1);
  EXPECT_EQ(store.record(site.url("/en/"))->depth, 0);
}

// It redirected as a link, and is a page when the job names it.
TEST_F(KnownHops, OfWhatTheJobNamesNowAreNotThoseOfTheLinkThatItWas) {
  run();
  ASSERT_EQ(rule_of(other.url("/moved")), "mode host");
  site.on("/en/", Reply{.body = "en"});
  job.seeds.urls.push_back(site.url("/en/"));
  for (int n = 0; n < 2; ++n) run();
  EXPECT_EQ(state_of(site.url("/en/")), UrlState::fetched);
  EXPECT_EQ(rule_of(other.url("/moved")), "mode host");
}

// A seed that the job names no more is a link, and so is where that leads.
TEST_F(KnownHops, AreNotThoseOfFormerSeeds) {
  site.on("/old", Reply{.body = "old"});
  job.seeds.urls.push_back(site.url("/old"));
  run();
  job.seeds.urls.pop_back();
  site.on("/old", support::redirect_to("/en/"));
  run(true);
  run(true);
  EXPECT_EQ(rule_of(other.url("/moved")), "mode host");
  EXPECT_EQ(store.record(site.url("/en/"))->depth, 1);
}

TEST_F(KnownHops, AreLinksOnceMoreWhenTheRedirectIsOver) {
  redirect_last();
  run();
  ASSERT_EQ(state_of(other.url("/page")), UrlState::fetched);
  site.on("/old", Reply{.body = "old"});
  run(true);
  run(true);
  EXPECT_EQ(rule_of(other.url("/page")), "mode host");
  EXPECT_EQ(state_of(site.url("/en/")), UrlState::fetched);
}

}  // namespace trawl::crawl
