// Pages that are fetched again: what is asked about them, and what of the record stays.
#include "tests/crawl/engine/fetch_job.hpp"

#include <gmock/gmock.h>

#include <memory>

namespace trawl::crawl {
namespace {

using support::LoopbackServer;
using support::Reply;
using support::SeenRequest;
using test::MemoryStore;
using testing::HasSubstr;

// A server with a page that knows its ETag, and counts the times it was sent whole.
struct TaggedPage {
  TaggedPage() {
    server.on("/", [](const SeenRequest& request) {
      if (request.header("if-none-match") == "\"v1\"") return Reply{.status = 304};
      return Reply{.headers = {{"ETag", "\"v1\""},
                               {"Content-Disposition", "inline; filename=\"../one.html\""}},
                   .body = "<title>one</title>"};
    });
  }
  Outcome record() const { return store.record(server.url())->outcome; }
  void again() { run(job, store, true); }
  void answer_with(Reply reply) { server.on("/", std::move(reply)); }  // from now on

  LoopbackServer server;
  MemoryStore store;
  JobSpec job = fetch_job({server.url()});
};

TEST(FetchedAgain, AnUnchangedPageKeepsItsRecord) {
  TaggedPage site;
  run(site.job, site.store);
  const Outcome first = site.record();
  EXPECT_EQ(first.filename, "one.html");
  EXPECT_EQ(first.revisit, Revisit::none);
  site.again();
  const Outcome second = site.record();
  EXPECT_EQ(site.server.count("/"), 2U);
  EXPECT_EQ(site.server.requests().back().header("if-none-match"), "\"v1\"");
  EXPECT_EQ(second.state, UrlState::fetched);
  EXPECT_EQ(second.status, 200);
  EXPECT_EQ(second.revisit, Revisit::not_modified);
  EXPECT_EQ(second.title, "one");
  EXPECT_EQ(second.digest, first.digest);
  EXPECT_EQ(second.filename, "one.html");
  EXPECT_EQ(second.attempts, 1);
  EXPECT_GT(second.fetched_at, first.fetched_at);
  EXPECT_EQ(site.store.totals().fetched, 1U);
}

TEST(FetchedAgain, AServerThatIsAwayTakesNoPageWithKeepPages) {
  TaggedPage site;
  site.job.fetch.keep_pages = true;
  site.job.fetch.attempts = 1;
  run(site.job, site.store);
  const Outcome before = site.record();
  site.answer_with(Reply{.status = 503, .body = "<title>overloaded</title>"});
  site.again();
  EXPECT_EQ(site.record().state, UrlState::fetched);
  EXPECT_EQ(site.record().status, 200);
  EXPECT_EQ(site.record().title, "one");
  EXPECT_EQ(site.record().digest, before.digest);
  EXPECT_EQ(site.record().revisit, Revisit::kept);
  EXPECT_EQ(site.record().error, Errc::unavailable);
  EXPECT_EQ(site.record().error_detail, "the server answered with 503");
  // What is gone is gone, and an error page is no page to be kept.
  site.answer_with(Reply{.status = 404, .body = "gone"});
  site.again();
  EXPECT_EQ(site.record().status, 404);
  EXPECT_FALSE(site.record().error);
  site.answer_with(Reply{.status = 503, .body = "overloaded"});
  site.again();
  EXPECT_EQ(site.record().status, 503);
}

// RFC 9111, 3.2: the fields of a 304 take the place of those that were kept.
TEST(FetchedAgain, ANotModifiedAnswerMayAskNotToBeIndexed) {
  TaggedPage site;
  run(site.job, site.store);
  EXPECT_EQ(site.record().robots_meta, "");
  site.answer_with(Reply{.status = 304, .headers = {{"X-Robots-Tag", "noindex"}}});
  site.again();
  EXPECT_EQ(site.record().revisit, Revisit::not_modified);
  EXPECT_EQ(site.record().robots_meta, "noindex");
  site.answer_with(Reply{.status = 304, .headers = {{"X-Robots-Tag", "nofollow"}}});
  site.again();
  EXPECT_EQ(site.record().robots_meta, "noindex,nofollow");
  EXPECT_EQ(site.record().title, "one");
}

TEST(FetchedAgain, AChangedPageTakesTheRecord) {
  TaggedPage site;
  run(site.job, site.store);
  site.answer_with(Reply{.headers = {{"ETag", "\"v2\""}}, .body = "<title>two</title>"});
  site.again();
  EXPECT_EQ(site.record().title, "two");
  EXPECT_EQ(site.record().etag, "\"v2\"");
  EXPECT_EQ(site.record().revisit, Revisit::none);
  EXPECT_EQ(site.record().filename, "");
}

// A list follows no links, and a 304 has none.
TEST(FetchedAgain, ACrawlAsksForThePagesOfAListWhole) {
  LoopbackServer server;
  server.on("/", [](const SeenRequest& request) {
    if (request.header("if-none-match") == "\"v1\"") return Reply{.status = 304};
    return Reply{.headers = {{"ETag", "\"v1\""}}, .body = "<a href=/next>next</a>"};
  });
  server.on("/next", Reply{.body = "next"});
  MemoryStore store;
  auto job = impatient_job({server.url()});
  job.mode = JobMode::fetch;
  run(job, store);
  EXPECT_EQ(server.count("/next"), 0U);
  job.mode = JobMode::crawl;
  run(job, store, true);
  EXPECT_EQ(server.count("/next"), 1U);
  // From then on its links are known.
  run(job, store, true);
  EXPECT_EQ(store.record(server.url())->outcome.revisit, Revisit::not_modified);
}

TEST(FetchedAgain, OtherRulesForLinksAskForPagesWholeOnce) {
  TaggedPage site;
  site.job.mode = JobMode::crawl;
  run(site.job, site.store);
  site.again();
  EXPECT_EQ(site.record().revisit, Revisit::not_modified);
  site.job.scope.requisites = RequisiteScope::any;
  site.again();
  EXPECT_EQ(site.record().revisit, Revisit::none);
  site.again();
  EXPECT_EQ(site.record().revisit, Revisit::not_modified);
}

// Links of a page that says nofollow are noted nowhere.
TEST(FetchedAgain, PagesThatSaidNofollowAreAskedForWholeOnceThatIsIgnored) {
  TaggedPage site;
  site.job.mode = JobMode::crawl;
  run(site.job, site.store);
  site.job.robots.meta = false;
  site.again();
  EXPECT_EQ(site.record().revisit, Revisit::none);
}

TEST(FetchedAgain, IsAskedForInFullWhenTheJobSaysSo) {
  TaggedPage site;
  run(site.job, site.store);
  site.job.fetch.conditional = false;
  site.again();
  EXPECT_EQ(site.server.requests().back().header("if-none-match"), "");
  EXPECT_EQ(site.record().revisit, Revisit::none);
}

// docs/faults.md, row 12.
TEST(FetchedAgain, NothingThatIsNoPageTakesAPagesPlace) {
  TaggedPage site;
  run(site.job, site.store);
  site.job.fetch.conditional = false;
  const std::string digest = site.record().digest;
  const auto expect_kept = [&](std::string_view what, UrlState state, Errc error) {
    site.again();
    EXPECT_EQ(site.record().digest, digest) << what;
    EXPECT_EQ(site.record().title, "one") << what;
    EXPECT_EQ(site.record().status, 200) << what;
    EXPECT_EQ(site.record().revisit, Revisit::kept) << what;
    EXPECT_EQ(site.record().state, state) << what;
    EXPECT_EQ(site.record().error, error) << what;
  };
  site.answer_with(Reply{.status = 304});
  expect_kept("304", UrlState::fetched, Errc::protocol);
  site.answer_with(
      Reply{.status = 206, .headers = {{"Content-Range", "bytes 0-3/100"}}, .body = "<tit"});
  expect_kept("206", UrlState::fetched, Errc::protocol);
  site.answer_with(support::reset_before_head());
  expect_kept("reset", UrlState::failed, Errc::reset);
  site.answer_with(
      Reply{.body = "<title>half</title>", .cut = support::Cut::close, .cut_after = 5});
  expect_kept("half", UrlState::failed, Errc::body_truncated);
  // An answer that is a page of its own does, whatever its status.
  site.answer_with(Reply{.status = 404, .body = "<title>gone</title>"});
  site.again();
  EXPECT_EQ(site.record().status, 404);
  EXPECT_EQ(site.record().title, "gone");
  EXPECT_EQ(site.record().revisit, Revisit::none);
}

// It is said, counted as an error, and mended by a higher limit.
TEST(FetchedAgain, APageThatGrewBeyondTheLimitIsKeptAndFetchedOnceThereIsMoreRoom) {
  TaggedPage site;
  run(site.job, site.store);
  const std::string digest = site.record().digest;
  const std::string grown = "<title>grown</title>" + std::string(5000, 'x');
  site.job.fetch.max_body_bytes = 1000;
  for (const bool announced : {true, false}) {
    site.answer_with(Reply{.body = grown, .chunked = !announced});
    site.again();
    EXPECT_EQ(site.record().digest, digest);
    EXPECT_EQ(site.record().revisit, Revisit::kept);
    EXPECT_EQ(site.record().state, UrlState::fetched);
    EXPECT_EQ(site.record().error, Errc::body_truncated);
    EXPECT_THAT(site.record().error_detail, HasSubstr("longer than fetch.max_body"));
  }
  site.job.fetch.max_body_bytes = 10'000;
  run(site.job, site.store);
  EXPECT_EQ(site.record().title, "grown");
  EXPECT_EQ(site.record().error, std::nullopt);
  EXPECT_EQ(site.record().revisit, Revisit::none);
}

TEST(FetchedAgain, HalfOfAPageTakesThePlaceOfAnErrorPage) {
  TaggedPage site;
  site.answer_with(Reply{.status = 404, .body = "not yet"});
  site.job.fetch.max_body_bytes = 1000;
  run(site.job, site.store);
  EXPECT_EQ(site.record().status, 404);
  site.answer_with(Reply{.body = "<title>long</title>" + std::string(5000, 'x'), .chunked = true});
  site.again();
  EXPECT_EQ(site.record().status, 200);
  EXPECT_EQ(site.record().title, "long");
  EXPECT_TRUE(site.record().truncated);
  EXPECT_EQ(site.record().revisit, Revisit::none);
}

TEST(FetchedAgain, APageIsKeptThroughSeveralAttempts) {
  TaggedPage site;
  run(site.job, site.store);
  const std::string digest = site.record().digest;
  site.job.fetch.attempts = 3;
  site.answer_with(support::reset_before_head());
  site.again();
  EXPECT_EQ(site.server.count("/"), 4U);
  EXPECT_EQ(site.record().state, UrlState::failed);
  EXPECT_EQ(site.record().error, Errc::reset);
  EXPECT_EQ(site.record().attempts, 3);
  EXPECT_EQ(site.record().revisit, Revisit::kept);
  EXPECT_EQ(site.record().status, 200);
  EXPECT_EQ(site.record().digest, digest);
  EXPECT_EQ(site.record().filename, "one.html");
}

TEST(FetchedAgain, APageIsAskedAboutAgainAfterAnAttemptThatFailed) {
  TaggedPage site;
  run(site.job, site.store);
  site.job.fetch.attempts = 3;
  site.server.on("/", [first = std::make_shared<bool>(true)](const SeenRequest& request) {
    if (std::exchange(*first, false)) return support::reset_before_head();
    return Reply{.status = request.header("if-none-match") == "\"v1\"" ? 304 : 200};
  });
  site.again();
  EXPECT_EQ(site.record().state, UrlState::fetched);
  EXPECT_EQ(site.record().error, std::nullopt);
  EXPECT_EQ(site.record().revisit, Revisit::not_modified);
  EXPECT_EQ(site.record().title, "one");
}

// Attempts that bring no error of their own don't make it a sound one.
TEST(FetchedAgain, ADamagedPageIsNotTakenForASoundOneAfterARetry) {
  TaggedPage site;
  site.answer_with(Reply{.headers = {{"ETag", "\"v1\""}, {"Content-Encoding", "gzip"}},
                         .body = "no gzip at all"});
  run(site.job, site.store);
  ASSERT_EQ(site.record().error, Errc::decode);
  site.job.fetch.attempts = 3;
  site.server.on("/", [first = std::make_shared<bool>(true)](const SeenRequest& request) {
    if (std::exchange(*first, false)) return Reply{.status = 503};
    if (!request.header("if-none-match").empty()) return Reply{.status = 304};
    return Reply{.body = "<title>sound</title>"};
  });
  site.again();
  EXPECT_EQ(site.record().title, "sound");
  EXPECT_EQ(site.record().error, std::nullopt);
}

// What is archived of it has a record of its own there.
TEST(FetchedAgain, ABrokenRedirectTakesNoPagesPlace) {
  TaggedPage site;
  run(site.job, site.store);
  site.answer_with(Reply{.status = 301,
                         .headers = {{"Location", "/elsewhere"}},
                         .body = "moved for good",
                         .cut = support::Cut::close,
                         .cut_after = 3});
  site.again();
  EXPECT_EQ(site.record().status, 200);
  EXPECT_EQ(site.record().revisit, Revisit::kept);
  EXPECT_EQ(site.record().redirect_to, "");
}

TEST(FetchedAgain, AnAnswerOfAnyStatusOutlastsWhatIsNone) {
  TaggedPage site;
  site.answer_with(Reply{.status = 412, .body = "<title>refused</title>"});
  run(site.job, site.store);
  site.answer_with(Reply{.status = 304});
  site.again();
  EXPECT_EQ(site.record().status, 412);
  EXPECT_EQ(site.record().title, "refused");
  EXPECT_EQ(site.record().revisit, Revisit::kept);
  EXPECT_EQ(site.record().error, Errc::protocol);
  EXPECT_EQ(site.server.requests().back().header("if-none-match"), "");
  site.answer_with(support::reset_before_head());
  site.again();
  EXPECT_EQ(site.record().status, 412);
  EXPECT_EQ(site.record().revisit, Revisit::kept);
  EXPECT_EQ(site.record().error, Errc::reset);
}

TEST(FetchedForTheFirstTime, AnUnasked304OrPartIsNoPage) {
  LoopbackServer server;
  server.on("/304", Reply{.status = 304});
  server.on("/206", Reply{.status = 206, .body = "part"});
  MemoryStore store;
  run(fetch_job({server.url("/304"), server.url("/206")}), store);
  for (const int status : {304, 206}) {
    const auto outcome = store.record(server.url("/" + std::to_string(status)))->outcome;
    EXPECT_EQ(outcome.state, UrlState::fetched) << status;
    EXPECT_EQ(outcome.status, status);
    EXPECT_EQ(outcome.error, Errc::protocol) << status;
    EXPECT_THAT(outcome.error_detail, HasSubstr(std::to_string(status)));
  }
}

TEST(FetchedAgain, PagesPerHostAreCountedOnce) {
  TaggedPage site;
  site.job.limits.pages_per_host = 1;
  run(site.job, site.store);
  site.again();
  EXPECT_EQ(site.record().state, UrlState::fetched);
  EXPECT_EQ(site.record().revisit, Revisit::not_modified);
}

TEST(FetchedAgain, HalfAPageTakesNoPagesPlace) {
  TaggedPage site;
  run(site.job, site.store);
  site.job.fetch.conditional = false;
  const std::string digest = site.record().digest;
  const Reply damaged{.headers = {{"Content-Encoding", "gzip"}}, .body = "no gzip at all"};
  site.answer_with(damaged);
  site.again();
  EXPECT_EQ(site.record().digest, digest);
  EXPECT_EQ(site.record().revisit, Revisit::kept);
  EXPECT_EQ(site.record().error, Errc::decode);
  site.job.fetch.max_body_bytes = 10;
  site.answer_with(Reply{.body = std::string(100, 'x')});
  site.again();
  EXPECT_EQ(site.record().digest, digest);
  EXPECT_EQ(site.record().revisit, Revisit::kept);
  EXPECT_FALSE(site.record().truncated);
}

}  // namespace
}  // namespace trawl::crawl
