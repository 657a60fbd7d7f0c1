// A body that is larger than a limit of the run: it comes first in its host's queue in each run, so
// the others of its host have their turn only when it ends.
#include "tests/crawl/engine/crawl_run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trawl::crawl {
namespace {

using support::LoopbackServer;
using support::Reply;
using test::MemoryStore;
using testing::HasSubstr;

constexpr int attempts_max = 2;

class OutgrownLimit : public testing::Test {
 protected:
  OutgrownLimit() {
    server.on("/large", Reply{.body = std::string(64 << 10, 'x'), .endless = true});
    server.on("/other", Reply{.body = "small"});
    job = impatient_job({server.url("/large"), server.url("/other")});
    job.mode = JobMode::fetch;
    job.robots.policy = RobotsPolicy::ignore;
    job.politeness.per_host = 1;
    job.fetch.max_body_bytes.reset();
    job.fetch.attempts = attempts_max;
    job.output.bodies = BodyMode::warc;
    job.grace = Millis{0};
  }

  StopReason run() {
    CrawlRun crawl{job, store};
    return crawl.wait().reason;
  }
  Outcome large() const { return store.record(server.url("/large"))->outcome; }
  Outcome other() const { return store.record(server.url("/other"))->outcome; }

  LoopbackServer server;
  JobSpec job;
  MemoryStore store;
};

TEST_F(OutgrownLimit, OfBytesEndsABodyAfterItsAttemptsAndTheOthersGoOn) {
  job.limits.bytes = 8 << 20;
  EXPECT_EQ(run(), StopReason::limit);
  EXPECT_EQ(large().state, UrlState::queued);
  EXPECT_EQ(large().attempts, 1);
  EXPECT_EQ(other().state, UrlState::queued);

  EXPECT_EQ(run(), StopReason::limit);
  EXPECT_EQ(large().state, UrlState::failed);
  EXPECT_EQ(large().error, Errc::limit);
  EXPECT_EQ(large().attempts, attempts_max);
  EXPECT_THAT(large().error_detail, HasSubstr("limits.bytes = 8MiB broke it off after"));
  EXPECT_THAT(large().error_detail, HasSubstr("raise the limit"));
  EXPECT_THAT(large().error_detail, HasSubstr("output.bodies = \"files\""));

  // What came of it counted for its own runs alone.
  EXPECT_EQ(run(), StopReason::done);
  EXPECT_EQ(other().state, UrlState::fetched);
  EXPECT_EQ(server.count("/large"), 2U);
}

TEST_F(OutgrownLimit, OfTimeEndsABodyLikewise) {
  job.limits.duration = Millis{300};
  job.output.bodies = BodyMode::none;
  EXPECT_EQ(run(), StopReason::limit);
  EXPECT_EQ(large().state, UrlState::queued);
  EXPECT_EQ(run(), StopReason::limit);
  EXPECT_EQ(large().state, UrlState::failed);
  EXPECT_THAT(large().error_detail, HasSubstr("limits.duration = 300ms broke it off after"));
  EXPECT_THAT(large().error_detail, testing::Not(HasSubstr("files")));
  job.limits.duration.reset();  // which a busy machine may need
  EXPECT_EQ(run(), StopReason::done);
  EXPECT_EQ(other().state, UrlState::fetched);
}

// It is another's bytes that the limit was reached with.
TEST_F(OutgrownLimit, IsNoMatterOfABodyThatWasMerelyUnderWay) {
  LoopbackServer slow{"127.0.0.2"};
  slow.on(
      "/slow",
      Reply{.body = std::string(4 << 20, 'x'), .cut = support::Cut::stall, .cut_after = 1 << 20});
  job.seeds.urls = {server.url("/large"), slow.url("/slow")};
  job.limits.bytes = 8 << 20;
  for (int i = 0; i < attempts_max; ++i) EXPECT_EQ(run(), StopReason::limit);
  EXPECT_EQ(large().state, UrlState::failed);
  const auto unlucky = store.record(slow.url("/slow"))->outcome;
  EXPECT_EQ(unlucky.state, UrlState::queued);
  EXPECT_EQ(unlucky.attempts, 0);
}

TEST_F(OutgrownLimit, IsNoMatterOfAStopByTheUser) {
  job.limits.bytes = 1ULL << 40;
  for (int i = 0; i < attempts_max; ++i) {
    CrawlRun crawl{job, store};
    EXPECT_TRUE(server.wait_for("/large", static_cast<std::size_t>(i) + 1));
    crawl.crawler().stop();
    EXPECT_EQ(crawl.wait().reason, StopReason::interrupted);
  }
  EXPECT_EQ(large().state, UrlState::queued);
  EXPECT_EQ(large().attempts, 0);
}

// What a server continues, however little of it comes in each run, is no loss.
TEST_F(OutgrownLimit, IsNoMatterOfABodyThatIsKeptAndContinued) {
  server.on("/large", Reply{.headers = {{"ETag", "\"v1\""}},
                            .body = std::string(16 << 20, 'x'),
                            .cut = support::Cut::stall,
                            .cut_after = 8 << 20});
  job.limits.bytes = 4 << 20;
  job.output.bodies = BodyMode::none;
  EXPECT_EQ(run(), StopReason::limit);
  EXPECT_EQ(large().state, UrlState::queued);
  EXPECT_EQ(large().attempts, 0);
  EXPECT_EQ(store.parts().size(), 1U);
}

// A validator alone promises no ranges, and a part that no server continues is none.
TEST_F(OutgrownLimit, IsAMatterOfABodyThatIsKeptInVain) {
  server.on("/large", Reply{.headers = {{"ETag", "\"v1\""}},
                            .body = std::string(16 << 20, 'x'),
                            .cut = support::Cut::stall,
                            .cut_after = 8 << 20});
  const support::TempDir folder;
  job.limits.bytes = 4 << 20;
  job.output.bodies = BodyMode::none;
  for (int i = 0; i <= attempts_max; ++i) {
    CrawlRun crawl{job, store, {.folder = folder.path()}};
    EXPECT_EQ(crawl.wait().reason, StopReason::limit);
    EXPECT_EQ(large().attempts, i);
  }
  EXPECT_EQ(large().state, UrlState::failed);
}

}  // namespace
}  // namespace trawl::crawl
