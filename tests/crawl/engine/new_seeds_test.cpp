// A folder whose job names seeds that earlier runs know as something else, and scopes that become
// wider after something was refused.
#include "tests/crawl/engine/crawl_run.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <optional>

namespace trawl::crawl {
namespace {

using support::LoopbackServer;
using support::Reply;
using support::SeenRequest;
using test::MemoryStore;

std::string link(const std::string& url) {
  return fmt::format("<a href=\"{}\">x</a>", url);
}

// A page that answers whether it has changed: it never has.
LoopbackServer::Handler unchanged(std::string body) {
  return [body = std::move(body)](const SeenRequest& request) {
    if (request.header("if-none-match") == "\"v1\"") return Reply{.status = 304};
    return Reply{.headers = {{"ETag", "\"v1\""}}, .body = body};
  };
}

// Each page leads to the next: /, /1, /2, /3.
struct NewSeeds : testing::Test {
  LoopbackServer site;
  JobSpec job = impatient_job({site.url()});
  MemoryStore store;

  NewSeeds() {
    site.on("/", unchanged(link("/1")));
    site.on("/1", unchanged(link("/2")));
    site.on("/2", unchanged(link("/3")));
    site.on("/3", Reply{.body = "3"});
  }
  void run(bool again = false) {
    CrawlRun run{job, store, again};
    EXPECT_EQ(run.wait().reason, StopReason::done);
  }
  std::optional<UrlState> state_of(const std::string& url) const {
    const auto record = store.record(url);
    return record ? std::optional{record->outcome.state} : std::nullopt;
  }
};

}  // namespace

TEST_F(NewSeeds, AreNotAskedForThePatterns) {
  run();
  job.seeds.urls.push_back(site.url("/1"));
  job.scope.exclude = {"*/1"};
  run(true);
  EXPECT_EQ(state_of(site.url("/1")), UrlState::fetched);
  EXPECT_EQ(site.count("/1"), 2U);
  EXPECT_EQ(store.record(site.url("/1"))->depth, 0);
  EXPECT_EQ(store.record(site.url("/1"))->via, "");
}

// The rules of the run that names it would have it also as the link that it was.
TEST_F(NewSeeds, ThatWereRefusedBeforeAreSeedsAtOnce) {
  job.scope.max_depth = 0;
  run();
  ASSERT_EQ(state_of(site.url("/1")), UrlState::excluded);
  job.seeds.urls.push_back(site.url("/1"));
  job.scope.max_depth = 1;
  run();
  EXPECT_EQ(store.record(site.url("/1"))->depth, 0);
  EXPECT_EQ(state_of(site.url("/2")), UrlState::fetched);
  EXPECT_EQ(state_of(site.url("/3")), UrlState::excluded);
  EXPECT_EQ(store.totals().excluded, 1U);
  run();
  EXPECT_EQ(site.count("/1"), 1U);
}

TEST_F(NewSeeds, BringAllThatWasFoundThroughThemNearer) {
  job.scope.max_depth = 2;
  run();
  ASSERT_EQ(state_of(site.url("/2")), UrlState::fetched);
  ASSERT_EQ(state_of(site.url("/3")), UrlState::excluded);
  job.seeds.urls.push_back(site.url("/1"));
  run();
  EXPECT_EQ(store.record(site.url("/2"))->depth, 1);
  EXPECT_EQ(store.record(site.url("/3"))->depth, 2);
  EXPECT_EQ(state_of(site.url("/3")), UrlState::fetched);
  EXPECT_EQ(site.count("/2"), 1U) << "it was followed already";
  run();
  EXPECT_EQ(site.count("/1"), 2U) << "once more, for its links";
}

// That it was refused where it was found first hides no link of a page that says it is unchanged.
TEST_F(NewSeeds, AreReadWhole) {
  LoopbackServer other;
  other.on("/", Reply{.body = "other"});
  site.on("/1", unchanged(link("/2") + link(other.url())));
  job.scope.max_depth = 1;
  run();
  job.seeds.urls.push_back(site.url("/1"));
  job.scope.mode = ScopeMode::any;
  run();
  EXPECT_EQ(state_of(site.url("/2")), UrlState::fetched);
  EXPECT_EQ(state_of(other.url()), UrlState::fetched);
}

// The site's turn comes before the answer that says where it is now.
TEST_F(NewSeeds, ThatRedirectToTheFormerOneKeepItsSite) {
  run();
  LoopbackServer moved;
  moved.on("/", [&](const SeenRequest&) {
    Reply reply = support::redirect_to(site.url());
    reply.delay = Millis{300};
    return reply;
  });
  job.seeds.urls = {moved.url()};
  run(true);
  for (const char* path : {"/", "/1", "/2", "/3"}) {
    EXPECT_EQ(state_of(site.url(path)), UrlState::fetched) << path;
    EXPECT_EQ(site.count(path), 2U) << path;
  }
  run(true);
  EXPECT_EQ(store.totals().excluded, 0U);
}

TEST_F(NewSeeds, ThatAreDeadForARunBringTheSiteBackWhenTheyAnswer) {
  run();
  LoopbackServer moved;
  moved.on("/", support::reset_before_head());
  job.seeds.urls = {moved.url()};
  job.fetch.attempts = 1;
  run(true);
  EXPECT_EQ(state_of(moved.url()), UrlState::failed);
  EXPECT_EQ(state_of(site.url("/3")), UrlState::excluded);
  moved.on("/", support::redirect_to(site.url()));
  CrawlRun again{job, store, CrawlRun::Process{.again = Again::failed}};
  EXPECT_EQ(again.wait().reason, StopReason::done);
  for (const char* path : {"/", "/1", "/2", "/3"})
    EXPECT_EQ(state_of(site.url(path)), UrlState::fetched) << path;
}

TEST(WiderScopes, AdmitWhatWasRefusedBeforeTheyWere) {
  LoopbackServer site;
  site.on("/a/c/s", unchanged(link("/a/x")));
  site.on("/b/r", [&](const SeenRequest&) {
    site.wait_for("/a/c/s", 1);
    Reply reply = support::redirect_to("/a/t");
    reply.delay = Millis{300};
    return reply;
  });
  site.on("/a/t", Reply{.body = "t"});
  site.on("/a/x", Reply{.body = link("/a/y") + link("/c/z")});
  site.on("/a/y", Reply{.body = "y"});
  JobSpec job = impatient_job({site.url("/a/c/s"), site.url("/b/r")});
  job.scope.mode = ScopeMode::prefix;
  job.politeness.per_host = 4;
  MemoryStore store;
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(store.record(site.url("/a/x"))->outcome.state, UrlState::fetched);
  EXPECT_EQ(store.record(site.url("/a/y"))->outcome.state, UrlState::fetched);
  EXPECT_EQ(store.record(site.url("/c/z"))->outcome.error, Errc::scope);
  EXPECT_EQ(site.count("/a/c/s"), 1U);
}

// The run that has come to know of it is stopped before its end.
TEST(WiderScopes, AreLeftToTheNextRunByOneThatIsStopped) {
  LoopbackServer site;
  site.on("/a/c/s", Reply{.body = link("/a/x")});
  site.on("/b/r", [&](const SeenRequest&) {
    site.wait_for("/a/c/s", 1);
    Reply reply = support::redirect_to("/a/t");
    reply.delay = Millis{300};
    return reply;
  });
  site.on("/a/t", support::never_answer());
  site.on("/a/x", Reply{.body = "x"});
  JobSpec job = impatient_job({site.url("/a/c/s"), site.url("/b/r")});
  job.scope.mode = ScopeMode::prefix;
  job.politeness.per_host = 4;
  job.grace = Millis{50};
  MemoryStore store;
  {
    CrawlRun run{job, store};
    site.wait_for("/a/t", 1);
    run.crawler().stop();
    EXPECT_EQ(run.wait().reason, StopReason::interrupted);
  }
  EXPECT_EQ(site.count("/a/x"), 0U);
  site.on("/a/t", Reply{.body = "t"});
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(store.record(site.url("/a/x"))->outcome.state, UrlState::fetched);
}

}  // namespace trawl::crawl
