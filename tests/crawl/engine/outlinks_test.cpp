// scope.outlinks: what pages of the crawl refer to elsewhere, and nothing from there.
#include "core/base/note.hpp"
#include "tests/crawl/engine/crawl_run.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace trawl::crawl {
namespace {

using support::LoopbackServer;
using support::Reply;
using test::MemoryStore;

std::string link(const std::string& url) {
  return fmt::format("<a href=\"{}\">x</a>", url);
}

std::string image(const std::string& url) {
  return fmt::format("<img src=\"{}\">", url);
}

bool is_fetched(const MemoryStore& store, const std::string& url) {
  const auto record = store.record(url);
  return record && record->outcome.state == UrlState::fetched;
}

std::ptrdiff_t asked_for(const LoopbackServer& server, std::string_view path) {
  const auto requests = server.requests();
  return std::ranges::count(requests, path, &support::SeenRequest::target);
}

void run(const JobSpec& job, MemoryStore& store) {
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
}

// A site, another one that it refers to, and a third one that only the other refers to.
struct Outlinks : testing::Test {
  LoopbackServer site, other, third;
  JobSpec job = impatient_job({site.url()});
  MemoryStore store;

  Outlinks() {
    job.scope.outlinks = true;
    site.on("/", Reply{.body = link("/docs/") + link(other.url("/page")) + link(other.url("/no")) +
                               image(other.url("/logo.png"))});
    site.on("/docs/", Reply{.body = "docs"});
    site.on("/only-from-there", Reply{.body = "x"});
    other.on("/page",
             Reply{.body = link("/more") + link(third.url()) + link(site.url("/only-from-there")) +
                           image(third.url("/seen.png"))});
    other.on("/no", Reply{.status = 404, .body = image(third.url("/sorry.png"))});
    other.on("/logo.png", Reply{.body = "png"});
  }
};

}  // namespace

TEST_F(Outlinks, LeadNoFurther) {
  run(job, store);
  EXPECT_TRUE(is_fetched(store, site.url("/docs/")));
  EXPECT_TRUE(is_fetched(store, other.url("/page")));
  EXPECT_TRUE(is_fetched(store, other.url("/logo.png")));
  ASSERT_TRUE(is_fetched(store, other.url("/no")));
  EXPECT_EQ(store.record(other.url("/no"))->outcome.status, 404);
  // Not even as records of what was left out.
  EXPECT_EQ(store.totals().fetched, 5U);
  EXPECT_EQ(store.totals().excluded, 0U);
}

TEST_F(Outlinks, AreLeftOutByExcludeAloneAndByDepth) {
  job.scope.include = {"*/docs/*"};
  job.scope.exclude = {"*.png"};
  run(job, store);
  EXPECT_TRUE(is_fetched(store, other.url("/page")));
  ASSERT_TRUE(store.record(other.url("/logo.png")));
  EXPECT_EQ(store.record(other.url("/logo.png"))->outcome.error, Errc::scope);
  MemoryStore shallow;
  job.scope.max_depth = 0;
  run(job, shallow);
  ASSERT_TRUE(shallow.record(other.url("/page")));
  EXPECT_EQ(shallow.record(other.url("/page"))->outcome.error, Errc::depth);
}

TEST_F(Outlinks, AreFollowedToWhereTheyRedirect) {
  other.on("/page", support::redirect_to(third.url("/new")));
  third.on("/new", Reply{.body = link("/further")});
  run(job, store);
  EXPECT_TRUE(is_fetched(store, third.url("/new")));
  EXPECT_FALSE(store.record(third.url("/further")));
}

TEST_F(Outlinks, OfAFolderAreItsHostsOtherPages) {
  job.scope.mode = ScopeMode::prefix;
  job.seeds.urls = {site.url("/docs/")};
  site.on("/docs/", Reply{.body = link("/blog/") + link("/docs/a")});
  site.on("/docs/a", Reply{.body = "a"});
  site.on("/blog/", Reply{.body = link("/blog/2")});
  run(job, store);
  EXPECT_TRUE(is_fetched(store, site.url("/docs/a")));
  EXPECT_TRUE(is_fetched(store, site.url("/blog/")));
  EXPECT_FALSE(store.record(site.url("/blog/2")));
}

TEST_F(Outlinks, BringNothingAlong) {
  job.scope.requisites = RequisiteScope::any;
  third.on("/seen.png", Reply{.body = "png"});
  run(job, store);
  EXPECT_TRUE(is_fetched(store, other.url("/page")));
  EXPECT_FALSE(store.record(third.url("/seen.png")));
  EXPECT_FALSE(store.record(third.url("/sorry.png")));
}

// scope.requisites: a seed is within the scope whatever is excluded, and so is what it shows.
TEST_F(Outlinks, AreNotNeededForWhatASeedShows) {
  job.scope.outlinks = false;
  job.scope.requisites = RequisiteScope::any;
  job.scope.exclude = {"*/docs/*"};
  job.seeds.urls = {site.url("/docs/start")};
  site.on("/docs/start", Reply{.body = image(other.url("/seen.png")) + link(other.url("/page"))});
  other.on("/seen.png", Reply{.body = "png"});
  run(job, store);
  EXPECT_TRUE(is_fetched(store, other.url("/seen.png")));
  EXPECT_FALSE(is_fetched(store, other.url("/page")));
}

TEST_F(Outlinks, ThatAreSitemapsAreNotRead) {
  job.seeds.sitemaps.mode = SitemapMode::automatic;
  other.on("/page", Reply{.body = R"(<?xml version="1.0"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>)" +
                                  other.url("/listed") + "</loc></url></urlset>",
                          .content_type = "application/xml"});
  run(job, store);
  EXPECT_TRUE(is_fetched(store, other.url("/page")));
  EXPECT_FALSE(store.record(other.url("/listed")));
}

TEST_F(Outlinks, ThatRedirectBackAreAskedWhatLinksAre) {
  job.scope.requisites = RequisiteScope::any;
  job.scope.include = {"*/docs/*"};
  other.on("/page", support::redirect_to(site.url("/private")));
  run(job, store);
  ASSERT_TRUE(store.record(site.url("/private")));
  EXPECT_EQ(store.record(site.url("/private"))->outcome.error, Errc::scope);
}

// What an earlier run found on a page that is an outlink itself now.
TEST_F(Outlinks, AreOfPagesOfTheScopeAlone) {
  job.scope.outlinks = false;
  job.seeds.urls = {site.url("/docs/")};
  site.on("/docs/", Reply{.body = link("/blog/") + link(other.url("/page"))});
  site.on("/blog/", Reply{.body = link(third.url())});
  run(job, store);
  for (const auto& url : {other.url("/page"), third.url()}) {
    ASSERT_TRUE(store.record(url)) << url;
    EXPECT_EQ(store.record(url)->outcome.error, Errc::scope) << url;
  }
  job.scope.mode = ScopeMode::prefix;
  job.scope.outlinks = true;
  run(job, store);
  EXPECT_TRUE(is_fetched(store, other.url("/page")));
  EXPECT_FALSE(is_fetched(store, third.url()));
}

TEST_F(Outlinks, StayWhatTheyAreInARunWithoutThem) {
  run(job, store);
  job.scope.outlinks = false;
  CrawlRun again{job, store, true};
  again.wait();
  EXPECT_FALSE(store.record(site.url("/only-from-there")));
  EXPECT_FALSE(store.record(third.url("/")));
}

TEST_F(Outlinks, AreNotedInTheirRecords) {
  other.on("/gone", Reply{.status = 410});
  other.on("/broken", Reply{.raw = "no HTTP\r\n\r\n"});
  const auto dead = other.url("/broken");
  site.on("/docs/", Reply{.body = link(other.url("/gone")) + link(dead)});
  job.seeds.sitemaps.mode = SitemapMode::automatic;
  site.on("/robots.txt", Reply{.body = "Sitemap: " + other.url("/sitemap.xml")});
  run(job, store);
  const auto noted = [&](const std::string& url) {
    const auto record = store.record(url);
    return record && has_note(record->outcome.note, outlink_note);
  };
  for (const auto& url : {other.url("/page"), other.url("/no"), other.url("/gone"), dead})
    EXPECT_TRUE(noted(url)) << url;
  ASSERT_TRUE(store.record(other.url("/sitemap.xml")));
  for (const auto& url : {site.url("/"), site.url("/docs/"), other.url("/sitemap.xml")})
    EXPECT_FALSE(noted(url)) << url;
}

// Its links were not read when it was one.
TEST_F(Outlinks, ThatComeIntoTheScopeAreReadByTheNextRun) {
  other.on("/page", [](const support::SeenRequest& request) {
    const bool known = !request.header("if-none-match").empty();
    return Reply{.status = known ? 304 : 200,
                 .headers = {{"ETag", "\"1\""}},
                 .body = known ? "" : link("/more")};
  });
  other.on("/more", Reply{.body = "more"});
  run(job, store);
  EXPECT_FALSE(store.record(other.url("/more")));
  job.seeds.urls.push_back(other.url("/no"));
  run(job, store);
  EXPECT_TRUE(is_fetched(store, other.url("/more")));
  const auto page = store.record(other.url("/page"));
  EXPECT_FALSE(has_note(page->outcome.note, outlink_note));
  EXPECT_EQ(asked_for(other, "/page"), 2);
  run(job, store);
  EXPECT_EQ(asked_for(other, "/page"), 2);
}

TEST_F(Outlinks, ThatThePatternsLeaveOutKeepTheirRecords) {
  run(job, store);
  job.scope.mode = ScopeMode::any;
  job.scope.include = {site.url("/*")};
  run(job, store);
  EXPECT_TRUE(is_fetched(store, other.url("/page")));
  EXPECT_EQ(asked_for(other, "/page"), 1);
}

TEST_F(Outlinks, ThatStayOutsideAreNotFetchedAgainByAnotherScope) {
  run(job, store);
  job.seeds.urls.push_back(third.url());
  run(job, store);
  EXPECT_EQ(asked_for(other, "/page"), 1);
}

TEST_F(Outlinks, AreFetchedByALaterRunThatWantsThem) {
  job.scope.outlinks = false;
  run(job, store);
  ASSERT_TRUE(store.record(other.url("/page")));
  EXPECT_EQ(store.record(other.url("/page"))->outcome.error, Errc::scope);
  job.scope.outlinks = true;
  run(job, store);
  EXPECT_TRUE(is_fetched(store, other.url("/page")));
  EXPECT_FALSE(store.record(site.url("/only-from-there")));
}

}  // namespace trawl::crawl
