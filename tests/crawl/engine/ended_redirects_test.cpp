// Seeds that redirected to another site for a while.
#include "tests/crawl/engine/seeds_run.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>

namespace trawl::crawl {
namespace {

using support::LoopbackServer;
using support::Reply;
struct EndedRedirects : SeedsRun {
  LoopbackServer site, hop, parked;

  EndedRedirects() {
    job = impatient_job({site.url()});
    job.fetch.attempts = 1;
    parked.on("/", Reply{.body = link("/p")});
    parked.on("/p", Reply{.body = "p"});
  }
};

}  // namespace

// A site that was parked elsewhere for a while, or under maintenance: http, https, and there.
TEST_F(EndedRedirects, LeaveTheSiteFromTheNextRunOnUntilTheyComeBack) {
  hop.on("/", support::redirect_to(parked.url()));
  site.on("/", support::redirect_to(hop.url()));
  run();
  ASSERT_EQ(state_of(parked.url("/p")), UrlState::fetched);
  hop.on("/", Reply{.body = link("/h")});
  hop.on("/h", Reply{.body = "h"});
  run(true);
  EXPECT_EQ(state_of(hop.url("/h")), UrlState::fetched);
  const std::size_t asked = parked.requests().size();
  run(true);
  EXPECT_EQ(parked.requests().size(), asked);
  EXPECT_EQ(rule_of(parked.url()), "mode host");
  EXPECT_EQ(rule_of(parked.url("/p")), "mode host");
  EXPECT_EQ(hop.count("/h"), 2U);
  hop.on("/", support::redirect_to(parked.url()));
  run(true);
  EXPECT_EQ(state_of(parked.url("/p")), UrlState::fetched) << "it is there again";
  EXPECT_EQ(state_of(hop.url("/h")), UrlState::fetched) << "a hop is as good as a seed";
}

TEST_F(EndedRedirects, AreNotThoseOfASeedThatFailsNow) {
  site.on("/", support::redirect_to(parked.url()));
  run();
  for (const int status : {503, 404}) {
    site.on("/", Reply{.status = status});
    run(true);
    run(true);
  }
  EXPECT_EQ(state_of(parked.url("/p")), UrlState::fetched);
  EXPECT_EQ(parked.count("/p"), 5U);
}

TEST_F(EndedRedirects, OfSeveralHopsComeBackWithTheFirst) {
  hop.on("/", support::redirect_to(parked.url()));
  site.on("/", support::redirect_to(hop.url()));
  run();
  site.on("/", Reply{.body = "home"});
  run(true);
  run(true);
  ASSERT_EQ(rule_of(parked.url("/p")), "mode host");
  site.on("/", support::redirect_to(hop.url()));
  run(true);
  EXPECT_EQ(state_of(parked.url("/p")), UrlState::fetched);
  run(true);
  EXPECT_EQ(state_of(parked.url("/p")), UrlState::fetched);
}

// Of where a seed redirects `include` is not asked; of a link it is.
TEST_F(EndedRedirects, ComeBackWithWhatThePatternsLeftOut) {
  job.scope.include = {site.url() + "*"};
  site.on("/", support::redirect_to(parked.url()));
  run();
  ASSERT_EQ(state_of(parked.url()), UrlState::fetched);
  site.on("/", Reply{.body = "home"});
  run(true);
  run(true);
  ASSERT_EQ(state_of(parked.url()), UrlState::excluded);
  site.on("/", support::redirect_to(parked.url()));
  run(true);
  EXPECT_EQ(state_of(parked.url()), UrlState::fetched);
}

// As http and https, or with and without www, of which the job names one by now.
TEST_F(EndedRedirects, AreNotThoseOfTheSecondSeedThatLedThereAndFailsNow) {
  site.on("/", support::redirect_to(parked.url()));
  hop.on("/", support::redirect_to(parked.url()));
  job.seeds.urls.push_back(hop.url());
  run();
  job.seeds.urls = {hop.url()};
  if (store.record(parked.url())->via == hop.url()) job.seeds.urls = {site.url()};
  for (const int status : {301, 404, 404}) {
    if (status == 404) site.on("/", Reply{.status = status}), hop.on("/", Reply{.status = status});
    run(true);
  }
  EXPECT_EQ(state_of(parked.url("/p")), UrlState::fetched);
  EXPECT_EQ(parked.count("/p"), 4U);
}

// A page for members that sends to a login, and later the other way round.
TEST_F(EndedRedirects, AreNoLoopsOfALinkThatIsThereInTheirPlace) {
  site.on("/", support::redirect_to("/login"));
  site.on("/login", Reply{.body = "login"});
  run();
  site.on("/", Reply{.body = link("/login")});
  site.on("/login", support::redirect_to("/"));
  run(true);
  run(true);
  EXPECT_EQ(store.record(site.url("/login"))->outcome.error, std::nullopt);
}

TEST_F(EndedRedirects, AreOverWhenTheSeedRedirectsElsewhere) {
  site.on("/", support::redirect_to(parked.url()));
  site.on("/home", Reply{.body = "home"});
  run();
  site.on("/", support::redirect_to(site.url("/home")));
  run(true);
  const std::size_t asked = parked.requests().size();
  run(true);
  EXPECT_EQ(parked.requests().size(), asked);
  EXPECT_EQ(rule_of(parked.url("/p")), "mode host");
  site.on("/home", support::redirect_to(parked.url()));
  run(true);
  run(true);
  EXPECT_EQ(state_of(parked.url("/p")), UrlState::fetched) << "by another way";
}

TEST_F(EndedRedirects, ComeBackAfterAFailure) {
  site.on("/", support::redirect_to(parked.url()));
  run();
  site.on("/", Reply{.body = "home"});
  run(true);
  run(true);
  site.on("/", Reply{.status = 404});
  run(true);
  ASSERT_EQ(state_of(parked.url("/p")), UrlState::excluded);
  site.on("/", support::redirect_to(parked.url()));
  run(true);
  EXPECT_EQ(state_of(parked.url("/p")), UrlState::fetched);
  run(true);
  EXPECT_EQ(state_of(parked.url("/p")), UrlState::fetched);
}

// As a daemon begins its rounds.
TEST_F(EndedRedirects, AreOverAlsoWhereTheSeedIsQueuedAgainAtTheStart) {
  site.on("/", support::redirect_to(parked.url()));
  run();
  site.on("/", Reply{.body = "home"});
  run(true);
  while (store.requeue(Again::all, 100)) {
  }
  const std::size_t asked = parked.requests().size();
  run();
  EXPECT_EQ(parked.requests().size(), asked);
  EXPECT_EQ(site.count("/"), 3U);
}

TEST_F(EndedRedirects, StayOverWhileTheSeedFails) {
  site.on("/", support::redirect_to(parked.url()));
  run();
  site.on("/", Reply{.body = "home"});
  run(true);
  site.on("/", Reply{.status = 404});
  run(true);
  const std::size_t asked = parked.requests().size();
  run(true);
  EXPECT_EQ(parked.requests().size(), asked);
  EXPECT_EQ(rule_of(parked.url("/p")), "mode host");
}

// That it redirects still is known from the answer that was not kept.
TEST_F(EndedRedirects, AreNotThoseOfASeedWhoseFormerPageIsKept) {
  site.on("/", Reply{.body = "home"});
  run();
  job.fetch.max_body_bytes = 10;
  site.on("/", Reply{.status = 301,
                     .headers = {{"Location", parked.url()}},
                     .body = std::string(1000, 'x')});
  run(true);
  ASSERT_EQ(state_of(parked.url()), UrlState::fetched);
  const std::size_t asked = parked.count("/");
  run(true);
  EXPECT_EQ(parked.count("/"), asked + 1);
}

TEST_F(EndedRedirects, OfOneSeedLeaveWhereAnotherStillLeads) {
  LoopbackServer other;
  job.seeds.urls.push_back(other.url());
  hop.on("/", support::redirect_to(parked.url()));
  site.on("/", support::redirect_to(hop.url()));
  run();
  other.on("/", support::redirect_to(hop.url()));
  run(true);
  site.on("/", Reply{.body = "home"});
  for (int i = 0; i < 3; ++i) run(true);
  EXPECT_EQ(state_of(parked.url("/p")), UrlState::fetched);
  EXPECT_EQ(parked.count("/p"), 5U);
}

TEST_F(EndedRedirects, OfASeedThatItsTargetTakesThePlaceOfEndNothing) {
  hop.on("/", support::redirect_to(parked.url()));
  site.on("/", support::redirect_to(hop.url()));
  run();
  job.seeds.urls = {hop.url()};
  run(true);
  run(true);
  EXPECT_EQ(parked.count("/p"), 3U);
  EXPECT_EQ(rule_of(site.url()), "mode host");
}

TEST_F(EndedRedirects, TakeNothingThatAListNames) {
  const support::TempDir dir;
  const auto list = dir.write("list.txt", parked.url() + "\n");
  job.scope.include = {site.url() + "*"};
  site.on("/", support::redirect_to(parked.url()));
  run();
  job.seeds.files = {list.string()};
  run(true);
  site.on("/", Reply{.body = "home"});
  run(true);
  const std::size_t asked = parked.count("/");
  run(true);
  EXPECT_EQ(parked.count("/"), asked + 1);
  EXPECT_EQ(state_of(parked.url()), UrlState::fetched);
}

}  // namespace trawl::crawl
