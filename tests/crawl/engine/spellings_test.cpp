// A folder whose job has other settings of [urls] than in an earlier run.
#include "tests/crawl/engine/crawl_run.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>

namespace trawl::crawl {
namespace {

using support::LoopbackServer;
using support::Reply;
using support::SeenRequest;
using test::MemoryStore;

std::string link(const std::string& url) {
  return fmt::format("<a href=\"{}\">x</a>", url);
}

// A page that doesn't change and links to one URL in two spellings.
struct Spellings : testing::Test {
  LoopbackServer site;
  JobSpec job = impatient_job({site.url()});
  MemoryStore store;

  Spellings() {
    job.urls.strip_params = {};
    site.on("/", [](const SeenRequest& request) {
      if (request.header("if-none-match") == "\"v1\"") return Reply{.status = 304};
      return Reply{.headers = {{"ETag", "\"v1\""}},
                   .body = link("/p?s=1&a=1") + link("/p?s=2&a=1")};
    });
    site.on("/p", Reply{});
  }
  void run(bool again = false) {
    CrawlRun run{job, store, again};
    EXPECT_EQ(run.wait().reason, StopReason::done);
  }
  // With seeds besides those of before.
  void run_with(std::vector<std::string> seeds) {
    job.seeds.urls = std::move(seeds);
    CrawlRun run{job, store, CrawlRun::Process{.again = Again::all, .adds_seeds = true}};
    EXPECT_EQ(run.wait().reason, StopReason::done);
  }
  std::ptrdiff_t count(std::string_view target) const {
    return std::ranges::count(site.requests(), target, &SeenRequest::target);
  }
  Outcome outcome(const std::string& path) const { return store.record(site.url(path))->outcome; }
};

}  // namespace

// What was too long for a URL of the crawl has left no record.
TEST_F(Spellings, OfLinksAreReadAnewOnAPageThatHasNotChanged) {
  job.urls.max_length = static_cast<int>(site.url("/p?s=1&a").size());
  run();
  ASSERT_FALSE(store.record(site.url("/p?s=1&a=1")));
  job.urls.max_length = 2048;
  run(true);
  ASSERT_TRUE(store.record(site.url("/p?s=1&a=1")));
  EXPECT_EQ(outcome("/p?s=1&a=1").state, UrlState::fetched);
  EXPECT_EQ(outcome("/").revisit, Revisit::none);
  run(true);
  EXPECT_EQ(count("/"), 3);
  EXPECT_EQ(outcome("/").revisit, Revisit::not_modified);  // once is enough
}

TEST_F(Spellings, GiveWayToTheCanonicalFormWhenTheyAreDueAgain) {
  run();
  job.urls.strip_params = {"s"};
  run(true);
  run(true);
  for (const char* path : {"/p?s=1&a=1", "/p?s=2&a=1"}) {
    EXPECT_EQ(count(path), 1) << path;
    EXPECT_EQ(outcome(path).error, Errc::scope);
    EXPECT_EQ(outcome(path).error_detail, "by [urls] it is " + site.url("/p?a=1"));
    EXPECT_EQ(outcome(path).status, 200);  // the page stays
  }
  EXPECT_EQ(count("/p?a=1"), 2);
}

TEST_F(Spellings, AreFetchedAgainByTheSettingsOfBefore) {
  run();
  job.urls.strip_params = {"s"};
  run(true);
  job.urls.strip_params = {};
  run();
  EXPECT_EQ(store.totals().excluded, 0U);
  EXPECT_EQ(count("/p?s=1&a=1"), 2);
}

TEST_F(Spellings, ThatAreTooLongNowAreExcluded) {
  run();
  job.urls.max_length = static_cast<int>(site.url("/p?s=1&a").size());
  run(true);
  EXPECT_EQ(outcome("/p?s=1&a=1").error, Errc::scope);
  EXPECT_NE(outcome("/p?s=1&a=1").error_detail.find("urls.max_length"), std::string::npos);
  job.urls.max_length = 2048;
  run();
  EXPECT_EQ(outcome("/p?s=1&a=1").state, UrlState::fetched);
}

// Both were excluded, and have one form by now.
TEST_F(Spellings, OfWhatWasExcludedSayWhichFormTheyHave) {
  job.scope.exclude = {"*/p*"};
  run();
  ASSERT_EQ(store.totals().excluded, 2U);
  job.scope.exclude.clear();
  job.urls.strip_params = {"s"};
  run();
  EXPECT_EQ(outcome("/p?a=1").state, UrlState::fetched);
  for (const char* path : {"/p?s=1&a=1", "/p?s=2&a=1"})
    EXPECT_EQ(outcome(path).error_detail, "by [urls] it is " + site.url("/p?a=1")) << path;
}

// Which is fetched whatever the patterns say, at the priority that it had.
TEST_F(Spellings, OfASeedGiveWayToASeed) {
  site.on("/s", Reply{});
  job.seeds.urls = {site.url("/s?s=1")};
  job.scope.exclude = {"*/s*"};
  run();
  ASSERT_EQ(outcome("/s?s=1").state, UrlState::fetched);
  job.urls.strip_params = {"s"};
  run_with({site.url()});
  EXPECT_EQ(count("/s"), 1);
  EXPECT_EQ(outcome("/s").state, UrlState::fetched);
}

TEST_F(Spellings, OfAFormerSeedGiveWayToALinkWithinTheScope) {
  site.on("/s", Reply{});
  for (const bool excluded : {false, true}) {
    const std::string path = excluded ? "/s?s=1&b=1" : "/s?s=1&a=1";
    job.scope.exclude = {};
    job.urls.strip_params = {};
    job.seeds.urls = {site.url(), site.url(path)};
    run(true);
    ASSERT_EQ(outcome(path).state, UrlState::fetched);
    if (excluded) job.scope.exclude = {"*b=*"};
    job.urls.strip_params = {"s"};
    job.seeds.urls = {site.url()};
    run(true);
    EXPECT_EQ(count(excluded ? "/s?b=1" : "/s?a=1"), excluded ? 0 : 1);
  }
}

// What the seed led to in its former spelling stays in the scope until it is asked in its new one.
TEST_F(Spellings, OfASeedMakeItNoFormerSeed) {
  LoopbackServer moved;
  moved.on("/", Reply{.body = link("/q")});
  moved.on("/q", Reply{.body = "q"});
  site.on("/go", [&](const SeenRequest& request) {
    Reply reply = support::redirect_to(moved.url());
    if (request.target == "/go") reply.delay = Millis{300};
    return reply;
  });
  job.seeds.urls = {site.url("/go?s=1")};
  run();
  job.urls.strip_params = {"s"};
  run(true);
  EXPECT_EQ(count("/go?s=1"), 1);
  EXPECT_EQ(count("/go"), 1);
  EXPECT_EQ(store.record(moved.url("/q"))->outcome.state, UrlState::fetched);
  EXPECT_EQ(moved.count("/q"), 2U);
  job.seeds.urls = {site.url()};
  run(true);
  EXPECT_EQ(store.record(moved.url("/q"))->outcome.state, UrlState::excluded);
}

}  // namespace trawl::crawl
