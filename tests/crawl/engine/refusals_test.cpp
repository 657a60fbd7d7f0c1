// What was refused where it was found, and is found again where it may be fetched.
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

UrlState state_of(const MemoryStore& store, const std::string& url) {
  const auto record = store.record(url);
  return record ? record->outcome.state : UrlState::queued;
}

CrawlEnd run(const JobSpec& job, MemoryStore& store, bool again = false) {
  CrawlRun run{job, store, again};
  return run.wait();
}

}  // namespace

TEST(Refusals, EndWhenASeedsRedirectWidensTheScope) {
  LoopbackServer quick, slow, other;
  quick.on("/", Reply{.body = link(other.url("/a"))});
  slow.on("/", [&](const support::SeenRequest&) {
    quick.wait_for("/", 1);
    Reply reply = support::redirect_to(other.url("/"));
    reply.delay = Millis{300};
    return reply;
  });
  other.on("/", Reply{.body = link("/a")});
  other.on("/a", Reply{.body = link("/b")});
  other.on("/b", Reply{.body = "b"});
  const JobSpec job = impatient_job({quick.url(), slow.url()});
  MemoryStore store;
  EXPECT_EQ(run(job, store).reason, StopReason::done);
  EXPECT_EQ(state_of(store, other.url("/a")), UrlState::fetched);
  EXPECT_EQ(state_of(store, other.url("/b")), UrlState::fetched);
  EXPECT_EQ(store.totals().excluded, 0U);
}

// The menu of a page that is not there, relative to a URL that is not there either.
TEST(ErrorPages, LeadNowhereButToWhatTheyShow) {
  LoopbackServer site;
  site.on("/", Reply{.body = link("/guide/dead")});
  site.on("/guide/dead", Reply{.status = 404, .body = link("/about") + "<img src=/logo.png>"});
  site.on("/about", Reply{.body = "about"});
  site.on("/logo.png", Reply{.body = "png"});
  MemoryStore store;
  JobSpec job = impatient_job({site.url()});
  run(job, store);
  EXPECT_EQ(state_of(store, site.url("/logo.png")), UrlState::fetched);
  EXPECT_FALSE(store.record(site.url("/about")));
  EXPECT_EQ(store.totals().fetched, 3U);
  job.scope.follow_errors = true;
  MemoryStore other;
  run(job, other);
  EXPECT_EQ(state_of(other, site.url("/about")), UrlState::fetched);
}

TEST(Requisites, MayBeLeftOut) {
  LoopbackServer site;
  site.on("/", Reply{.body = link("/a") + "<img src=/i.png><link rel=stylesheet href=/s.css>"
                                          "<script src=/s.js></script><iframe src=/f></iframe>"});
  for (const char* path : {"/a", "/f", "/i.png", "/s.css", "/s.js"}) site.on(path, Reply{});
  MemoryStore store;
  JobSpec job = impatient_job({site.url()});
  job.scope.requisites = RequisiteScope::none;
  run(job, store);
  EXPECT_EQ(store.totals().fetched, 3U);
  for (const char* path : {"/i.png", "/s.css", "/s.js"}) EXPECT_EQ(site.count(path), 0U) << path;
}

TEST(Refusals, EndForASeedOfALaterRun) {
  LoopbackServer site, other;
  site.on("/", Reply{.body = link(other.url("/a"))});
  other.on("/a", Reply{.body = link("/b")});
  other.on("/b", Reply{.body = "b"});
  JobSpec job = impatient_job({site.url()});
  MemoryStore store;
  run(job, store);
  EXPECT_EQ(state_of(store, other.url("/a")), UrlState::excluded);
  job.seeds.urls.push_back(other.url("/a"));
  run(job, store);
  EXPECT_EQ(state_of(store, other.url("/a")), UrlState::fetched);
  EXPECT_EQ(state_of(store, other.url("/b")), UrlState::fetched);
  EXPECT_EQ(store.totals().excluded, 0U);
  EXPECT_EQ(store.totals().fetched, 3U);
}

TEST(Refusals, OfATrapEndWhenASitemapListsTheUrl) {
  LoopbackServer site;
  const std::string odd = "/en/en/en/en/en/y";
  site.on("/", Reply{.body = link(odd)});
  site.on(odd, Reply{.body = "y"});
  site.on("/map.xml", [&](const support::SeenRequest&) {
    return Reply{
        .body = fmt::format("<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">"
                            "<url><loc>{}</loc></url></urlset>",
                            site.url(odd)),
        .content_type = "application/xml"};
  });
  JobSpec job = impatient_job({site.url()});
  MemoryStore store;
  run(job, store);
  EXPECT_EQ(store.record(site.url(odd))->outcome.error, Errc::trap);
  job.seeds.sitemaps.urls = {site.url("/map.xml")};
  run(job, store);
  EXPECT_EQ(state_of(store, site.url(odd)), UrlState::fetched);
}

TEST(Refusals, KeepThePageOfAnEarlierRound) {
  LoopbackServer site;
  site.on("/", Reply{.body = link("/a")});
  site.on("/a", Reply{.body = "page"});
  JobSpec job = impatient_job({site.url()});
  MemoryStore store;
  run(job, store);
  const auto checked = [&] {
    return store.history(store.record(site.url("/a"))->id).page->last_checked;
  };
  const Wall fetched = checked();
  job.scope.exclude = {"*/a"};
  run(job, store, true);
  EXPECT_EQ(state_of(store, site.url("/a")), UrlState::excluded);
  EXPECT_GT(checked(), fetched);  // which makes it a change of that run
  job.scope.exclude.clear();
  job.seeds.urls.push_back(site.url("/a"));
  run(job, store);
  EXPECT_EQ(store.record(site.url("/a"))->outcome.status, 200);
}

}  // namespace trawl::crawl
