// A folder whose job names other seeds than in an earlier run.
#include "core/coro/loop.hpp"
#include "tests/crawl/engine/seeds_run.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string_view>

namespace trawl::crawl {
namespace {

using support::LoopbackServer;
using support::Reply;

Reply map_of(const LoopbackServer& server, std::string_view path) {
  return {.body = fmt::format("<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">"
                              "<url><loc>{}</loc></url></urlset>",
                              server.url(path)),
          .content_type = "application/xml"};
}

// Two sites, each of a page and one below it.
struct FormerSeedsTest : SeedsRun {
  LoopbackServer site, other;

  FormerSeedsTest() {
    job = impatient_job({site.url(), other.url()});
    for (LoopbackServer* server : {&site, &other}) {
      server->on("/", Reply{.body = link("/d/a")});
      server->on("/d/a", Reply{.body = link("/d/b")});
      server->on("/d/b", Reply{.body = "b"});
    }
  }
};

}  // namespace

TEST_F(FormerSeedsTest, AreNotAskedForAgainNorIsWhatWasFoundBesideThem) {
  run();
  const std::size_t asked = other.requests().size();
  job.seeds.urls = {site.url()};
  run(true);
  EXPECT_EQ(other.requests().size(), asked);  // not even for robots.txt
  EXPECT_EQ(rule_of(other.url()), "mode host");
  EXPECT_EQ(rule_of(other.url("/d/b")), "mode host");
  EXPECT_EQ(store.record(other.url("/d/b"))->outcome.status, 200);  // the page stays
  EXPECT_EQ(state_of(site.url("/d/b")), UrlState::fetched);
  EXPECT_EQ(site.count("/d/b"), 2U);
}

TEST_F(FormerSeedsTest, StayAsTheyAreWhileNothingIsAskedForAgain) {
  run();
  job.seeds.urls = {site.url()};
  run();
  EXPECT_EQ(state_of(other.url()), UrlState::fetched);
  EXPECT_EQ(store.totals().excluded, 0U);
}

TEST_F(FormerSeedsTest, WidenTheScopeNoMore) {
  run();
  job.seeds.urls = {site.url()};
  site.on("/", Reply{.body = link("/d/a") + link(other.url("/new"))});
  run(true);
  EXPECT_EQ(rule_of(other.url("/new")), "mode host");
}

TEST_F(FormerSeedsTest, WithinTheScopeAreUrlsLikeOthers) {
  run();
  job.seeds.urls = {site.url("/d/a")};
  job.scope.exclude = {site.url()};
  run(true);
  EXPECT_EQ(rule_of(site.url()), "exclude " + site.url());
  EXPECT_EQ(site.count("/"), 1U);
  EXPECT_EQ(site.count("/d/b"), 2U);
}

TEST_F(FormerSeedsTest, LeaveTheFolderOfTheSeedThatIsLeft) {
  site.on("/", Reply{.body = link("/d/a") + link("/o")});
  site.on("/o", Reply{.body = "o"});
  job.scope.mode = ScopeMode::prefix;
  job.seeds.urls = {site.url()};
  run();
  job.seeds.urls = {site.url("/d/a")};
  run(true);
  EXPECT_EQ(rule_of(site.url()), "mode prefix");
  EXPECT_EQ(rule_of(site.url("/o")), "mode prefix");
  EXPECT_EQ(state_of(site.url("/d/b")), UrlState::fetched);
}

TEST_F(FormerSeedsTest, TakeWithThemWhereTheyRedirected) {
  LoopbackServer moved;
  moved.on("/", Reply{.body = link("/p")});
  moved.on("/p", Reply{.body = "p"});
  other.on("/", support::redirect_to(moved.url()));
  run();
  ASSERT_EQ(state_of(moved.url("/p")), UrlState::fetched);
  job.seeds.urls = {site.url()};
  run(true);
  EXPECT_EQ(rule_of(moved.url()), "mode host");
  EXPECT_EQ(rule_of(moved.url("/p")), "mode host");
  job.seeds.urls = {site.url(), moved.url()};
  run(true);
  EXPECT_EQ(state_of(moved.url("/p")), UrlState::fetched);
  EXPECT_EQ(rule_of(other.url()), "mode host");
}

TEST_F(FormerSeedsTest, WithinTheScopeRedirectAsUrlsLikeOthersDo) {
  job.seeds.urls = {site.url()};
  run();
  job.seeds.urls = {site.url("/d/a")};
  site.on("/", support::redirect_to(other.url()));
  run(true);
  EXPECT_EQ(site.count("/"), 2U);
  EXPECT_EQ(rule_of(other.url()), "mode host");
}

TEST_F(FormerSeedsTest, RedirectAsUrlsLikeOthersDoOverSeveralHops) {
  job.seeds.urls = {site.url()};
  run();
  job.seeds.urls = {site.url("/d/a")};
  site.on("/", support::redirect_to("/hop"));
  site.on("/hop", support::redirect_to(other.url()));
  run(true);
  EXPECT_EQ(site.count("/hop"), 1U);
  EXPECT_EQ(rule_of(other.url()), "mode host");
}

// robots.txt is asked anew in each run, and what it names is left with the seed.
TEST_F(FormerSeedsTest, LeaveTheirSitemaps) {
  for (LoopbackServer* server : {&site, &other}) {
    server->on("/robots.txt", Reply{.body = "Sitemap: " + server->url("/map.xml")});
    server->on("/map.xml", map_of(*server, "/listed"));
    server->on("/listed", Reply{.body = "listed"});
  }
  job.seeds.sitemaps.mode = SitemapMode::automatic;
  job.robots.ttl = Millis{0};
  run();
  ASSERT_EQ(other.count("/listed"), 1U);
  const std::size_t asked = other.requests().size();
  job.seeds.urls = {site.url("/d/a")};
  job.scope.mode = ScopeMode::prefix;
  run(true);
  EXPECT_EQ(other.requests().size(), asked);
  EXPECT_EQ(rule_of(other.url("/map.xml")), "mode prefix");
  EXPECT_EQ(site.count("/map.xml"), 2U);  // a seed's site, if not of its folder
}

// By itself, or over a redirect.
TEST_F(FormerSeedsTest, LeaveNoSitemapThatTheJobStillNames) {
  LoopbackServer third;
  third.on("/sm.xml", map_of(site, "/2"));
  third.on("/moved.xml", map_of(site, "/3"));
  third.on("/", Reply{.body = "third"});
  site.on("/sm.xml", support::redirect_to(third.url("/moved.xml")));
  job.seeds.urls = {site.url(), third.url()};
  job.seeds.sitemaps = {.mode = SitemapMode::list,
                        .urls = {third.url("/sm.xml"), site.url("/sm.xml")}};
  run();
  job.seeds.urls = {site.url()};
  run(true);
  run(true);
  EXPECT_EQ(third.count("/sm.xml"), 3U);
  EXPECT_EQ(third.count("/moved.xml"), 3U);
  EXPECT_EQ(rule_of(third.url()), "mode host");
}

TEST_F(FormerSeedsTest, MayBeSitemaps) {
  other.on("/map.xml", map_of(other, "/d/b"));
  job.seeds.urls.clear();
  job.seeds.sitemaps.urls = {other.url("/map.xml")};
  run();
  ASSERT_EQ(other.count("/d/b"), 1U);
  const std::size_t asked = other.requests().size();
  job.seeds.urls = {site.url()};
  job.seeds.sitemaps.urls.clear();
  run(true);
  EXPECT_EQ(other.requests().size(), asked);
  EXPECT_EQ(rule_of(other.url("/map.xml")), "mode host");
  EXPECT_EQ(rule_of(other.url("/d/b")), "mode host");
}

TEST_F(FormerSeedsTest, ComeBackWhenTheyAreNamedAgain) {
  run();
  job.seeds.urls = {site.url()};
  run(true);
  ASSERT_EQ(state_of(other.url("/d/b")), UrlState::excluded);
  job.seeds.urls = {site.url(), other.url()};
  run();
  EXPECT_EQ(store.totals().excluded, 0U);
  EXPECT_EQ(other.count("/d/b"), 2U);
}

TEST_F(FormerSeedsTest, ThatWereNeverFetchedAreExcluded) {
  job.limits.pages = 1;
  job.output.shards = 1;
  job.fetch.concurrency = 1;
  CrawlRun{job, store}.wait();
  job.limits.pages.reset();
  const bool first = state_of(site.url()) == UrlState::fetched;
  const std::string left = first ? site.url() : other.url(),
                    gone = first ? other.url() : site.url();
  ASSERT_EQ(state_of(gone), UrlState::queued);
  job.seeds.urls = {left};
  run();
  EXPECT_EQ(rule_of(gone), "mode host");
  job.seeds.urls = {left, gone};
  run();
  EXPECT_EQ(store.totals().fetched, 6U);
}

// What was queued beside one is left out at its turn, before another seed turns out to lead there.
TEST_F(FormerSeedsTest, LeaveNothingOutThatComesIntoTheScopeLater) {
  job.seeds.urls = {other.url()};
  job.limits.pages = 1;
  job.output.shards = 1;
  job.fetch.concurrency = 1;
  CrawlRun{job, store}.wait();
  ASSERT_EQ(state_of(other.url("/d/a")), UrlState::queued);
  job.limits.pages.reset();
  LoopbackServer third;
  Reply moved = support::redirect_to(other.url("/home"));
  moved.delay = Millis{400};
  third.on("/", moved);
  other.on("/home", Reply{.body = "home"});
  job.seeds.urls = {third.url()};
  run();
  EXPECT_EQ(state_of(other.url("/home")), UrlState::fetched);
  EXPECT_EQ(state_of(other.url("/d/a")), UrlState::fetched);
  EXPECT_EQ(state_of(other.url("/d/b")), UrlState::fetched);
  EXPECT_EQ(store.totals().queued, 0U);
}

TEST_F(FormerSeedsTest, AreSeedsStillWhereAListMayNameThem) {
  const support::TempDir dir;
  const auto list = (dir / "list").string();
  std::ofstream{list} << other.url() << "\n";
  run();
  job.seeds.urls = {site.url()};
  run(true);
  ASSERT_EQ(state_of(other.url()), UrlState::excluded);
  job.seeds.files = {list};
  run();
  EXPECT_EQ(state_of(other.url("/d/b")), UrlState::fetched);
}

TEST_F(FormerSeedsTest, AreNoneOfWhatWasPushed) {
  job.seeds.urls = {site.url()};
  {
    CrawlRun run{job, store};
    auto pushing = run.crawler().push({other.url()});
    ASSERT_TRUE(coro::run_root(std::move(pushing)));
    run.wait();
  }
  job.seeds.urls = {site.url("/d/a")};
  run(true);
  EXPECT_EQ(other.count("/d/b"), 2U);
  EXPECT_EQ(state_of(other.url("/d/b")), UrlState::fetched);
}

TEST_F(FormerSeedsTest, ThatArePushedAreSeedsOfTheNextRun) {
  run();
  job.seeds.urls = {site.url()};
  run(true);
  ASSERT_EQ(state_of(other.url("/d/b")), UrlState::excluded);
  {
    CrawlRun run{job, store};
    auto pushing = run.crawler().push({other.url()});
    ASSERT_TRUE(coro::run_root(std::move(pushing)));
    run.wait();
  }
  run();
  EXPECT_EQ(store.totals().excluded, 0U);
  EXPECT_EQ(other.count("/d/b"), 2U);
}

// A list's run in the folder names other URLs, and says nothing of the crawl's.
TEST_F(FormerSeedsTest, AreNotMadeByAList) {
  run();
  JobSpec list = job;
  list.mode = JobMode::fetch;
  list.seeds.urls = {site.url("/d/b")};
  CrawlRun{list, store}.wait();
  run(true);
  EXPECT_EQ(store.totals().excluded, 0U);
  EXPECT_EQ(other.count("/d/b"), 2U);
}

}  // namespace trawl::crawl
