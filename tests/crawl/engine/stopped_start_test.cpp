// Runs that are stopped while they look at what earlier ones have left: nothing of that is lost.
#include "tests/crawl/engine/crawl_run.hpp"
#include "tests/support/store_wrapper.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <future>
#include <optional>
#include <string>
#include <utility>

namespace trawl::crawl {
namespace {

using support::LoopbackServer;
using support::Reply;

// Stops its crawler when the round is begun.
struct StoppingStore : test::StoreWrapper {
  Again round = Again::nothing;
  std::promise<Crawler*> crawler;

  bool requeue(Again which, std::size_t max_urls) override {
    const bool more = inner.requeue(which, max_urls);
    if (which == std::exchange(round, which == round ? Again::nothing : round) &&
        which != Again::nothing)
      crawler.get_future().get()->stop();
    return more;
  }
};

struct StoppedStart : testing::Test {
  LoopbackServer site, other;
  JobSpec job = impatient_job({site.url(), other.url()});
  StoppingStore store;

  void run(bool again = false) {
    CrawlRun run{job, store, again};
    EXPECT_EQ(run.wait().reason, StopReason::done);
  }
  void run_stopped_at(Again round) {
    store.round = round;
    CrawlRun run{job, store};
    store.crawler.set_value(&run.crawler());
    EXPECT_EQ(run.wait().reason, StopReason::interrupted);
  }
  Outcome outcome_of(const std::string& url) const { return store.inner.record(url)->outcome; }
};

}  // namespace

TEST_F(StoppedStart, LeavesTheSeedsThatAreBackToTheNextRun) {
  other.on("/", Reply{.body = "<a href=\"/x\">x</a>"});
  other.on("/x", Reply{.body = "x"});
  run();
  const std::string x = other.url("/x");
  const auto dropped = std::exchange(job.seeds.urls, {site.url()});
  run(true);
  ASSERT_EQ(outcome_of(x).state, UrlState::excluded);
  job.seeds.urls = dropped;
  run_stopped_at(Again::left_out);
  run();
  EXPECT_EQ(outcome_of(x).state, UrlState::fetched);
}

TEST_F(StoppedStart, LeavesBodiesThatWereCutToTheNextRun) {
  site.on("/", Reply{.body = std::string(100, 'a')});
  job.fetch.max_body_bytes = 10;
  run();
  ASSERT_TRUE(outcome_of(site.url()).truncated);
  job.fetch.max_body_bytes = 1000;
  run_stopped_at(Again::cut);
  run();
  EXPECT_FALSE(outcome_of(site.url()).truncated);
}

}  // namespace trawl::crawl
