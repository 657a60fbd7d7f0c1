// Bodies that take longer than a user wants to wait for a sign of life.
#include "tests/crawl/engine/crawl_run.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <thread>

namespace trawl::crawl {
namespace {

using support::LoopbackServer;
using support::Reply;
using test::MemoryStore;

constexpr std::size_t body_bytes = 4 << 20;

bool comes_true(const std::function<bool()>& condition) {
  for (int i = 0; i < 500; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  return false;
}

JobSpec one_fetch(const LoopbackServer& server) {
  JobSpec job = impatient_job({server.url("/large")});
  job.mode = JobMode::fetch;
  job.robots.policy = RobotsPolicy::ignore;
  job.fetch.max_body_bytes.reset();
  return job;
}

TEST(LargeBody, IsSeenAndCountedWhileItArrives) {
  LoopbackServer server;
  server.on("/large", Reply{.body = std::string(body_bytes, 'x'),
                            .cut = support::Cut::stall,
                            .cut_after = 3 << 20});
  const JobSpec job = one_fetch(server);
  MemoryStore store;
  CrawlRun run{job, store};
  EXPECT_TRUE(comes_true([&] { return run.crawler().progress().run.arriving.bytes > 2 << 20; }));
  const auto now = run.crawler().progress().run;
  EXPECT_EQ(now.arriving.bodies, 1U);
  EXPECT_EQ(now.arriving.expected_bytes, body_bytes);
  EXPECT_EQ(now.bytes_wire, now.arriving.bytes);
  run.crawler().stop();
  run.crawler().stop();
  EXPECT_EQ(run.wait().reason, StopReason::interrupted);
  EXPECT_EQ(run.crawler().progress().run.arriving.bodies, 0U);
  EXPECT_GT(run.crawler().progress().run.bytes_wire, 2U << 20);
}

TEST(LargeBody, IsCountedOnce) {
  LoopbackServer server;
  server.on("/large", Reply{.body = std::string(body_bytes, 'x')});
  const JobSpec job = one_fetch(server);
  MemoryStore store;
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  const auto bytes = run.crawler().progress().run.bytes_wire;
  EXPECT_GE(bytes, body_bytes);
  EXPECT_LT(bytes, body_bytes + 4096);
}

TEST(LargeBody, WithoutAnEndIsStoppedByTheLimitOfBytes) {
  LoopbackServer server;
  server.on("/large", Reply{.body = std::string(64 << 10, 'x'), .endless = true});
  JobSpec job = one_fetch(server);
  job.limits.bytes = 8 << 20;
  job.grace = Millis{0};
  MemoryStore store;
  CrawlRun run{job, store};
  const auto end = run.wait();
  EXPECT_EQ(end.reason, StopReason::limit);
  EXPECT_EQ(end.detail, "limits.bytes = 8MiB");
  EXPECT_EQ(store.totals().queued, 1U);
}

}  // namespace
}  // namespace trawl::crawl
