// What job.limits count in a folder that has had rounds before.
#include "core/coro/loop.hpp"
#include "service/run/job_run.hpp"
#include "tests/support/loopback_server.hpp"
#include "tests/support/temp_dir.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace trawl::service {
namespace {

using crawl::CrawlEnd;
using crawl::StopReason;

constexpr std::size_t page_bytes = 10'000;

class RoundLimits : public testing::Test {
 protected:
  RoundLimits() {
    std::string home = "<!DOCTYPE html>";
    for (int i = 0; i < 40; ++i) {
      const auto path = fmt::format("/p{}", i);
      home += fmt::format("<a href=\"{}\">x</a>", path);
      server_.on(path, {.body = "<!DOCTYPE html>" + std::string(page_bytes, 'x')});
    }
    server_.on("/", {.body = home});
    job_.name = "rounds";
    job_.seeds.urls = {server_.url()};
    job_.politeness.delay = Millis{0};
    job_.politeness.adaptive.reset();
    job_.fetch.allow_private_networks = {"127.0.0.0/8"};
    job_.limits.min_free_disk_bytes.reset();
    job_.output.bodies = crawl::BodyMode::none;
    job_.output.shards = 1;
    job_.output.dir = (dir_ / "out").string();
  }
  CrawlEnd run(JobRunOptions options) {
    JobRun run{job_, std::move(options)};
    return coro::run_root(run.crawler().run());
  }
  CrawlEnd begin_round(std::string name) {
    return run({.limits_anew = true, .round = std::move(name)});
  }
  std::size_t fetches() const { return server_.count(); }

  support::TempDir dir_;
  support::LoopbackServer server_;
  crawl::JobSpec job_;
};

// What came before it is not known to be of the round that goes on.
TEST_F(RoundLimits, ALimitOfBytesThatIsSetWithinARoundCountsFromThere) {
  job_.limits.pages = 10;
  EXPECT_EQ(begin_round("1").reason, StopReason::limit);
  EXPECT_EQ(begin_round("2").reason, StopReason::limit);
  job_.limits.pages.reset();
  job_.limits.bytes = 5 * page_bytes;
  const auto before = fetches();
  auto end = run({});
  EXPECT_EQ(end.reason, StopReason::limit);
  EXPECT_TRUE(end.detail.starts_with("limits.bytes")) << end.detail;
  const auto after = fetches();
  EXPECT_GE(after - before, 5U);
  EXPECT_LE(after - before, 10U);
  // It is used up, until the next round.
  EXPECT_EQ(run({}).reason, StopReason::limit);
  EXPECT_LE(fetches() - after, 1U);  // robots.txt, perhaps
  const auto later = fetches();
  EXPECT_EQ(begin_round("3").reason, StopReason::limit);
  EXPECT_GE(fetches() - later, 5U);
}

}  // namespace
}  // namespace trawl::service
