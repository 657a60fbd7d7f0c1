// limits.memory in a whole crawl: what its parts report stays below it, and all is fetched.
#include "tests/crawl/engine/crawl_run.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace trawl::crawl {

TEST(Memory, FewerFetchesRunAtOnceNearTheLimitAndAllAreMade) {
  constexpr std::uint64_t limit = 64ULL << 20;
  constexpr int pages = 400;
  support::LoopbackServer server;
  std::string links = "<!DOCTYPE html>";
  for (int i = 0; i < pages; ++i) {
    const auto path = fmt::format("/p{}", i);
    server.on(path, {.body = std::string(200 * 1024, 'x'), .delay = Millis{100}});
    links += fmt::format("<a href=\"{}\">x</a>", path);
  }
  server.on("/", {.body = links});
  auto job = impatient_job({server.url()});
  job.limits.memory_bytes = limit;
  job.politeness.per_host = 400;
  job.fetch.concurrency = 400;
  test::MemoryStore store;
  CrawlRun run{job, store};
  std::uint64_t most = 0;
  {
    const std::jthread watch{[&](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        most = std::max(most, run.crawler().progress().memory_bytes);
        std::this_thread::yield();
      }
    }};
    EXPECT_EQ(run.wait().reason, StopReason::done);
  }
  EXPECT_EQ(store.totals().fetched, pages + 1U);
  EXPECT_EQ(run.crawler().progress().memory_bytes_max, limit);
  const MemoryBudget budget{limit, 400};
  EXPECT_LE(most, limit + budget.fetch_bytes());  // two shards decide at once
  EXPECT_GT(most, limit / 4 * 3);
  // From its lease to its last byte each is counted in full, and a shard may always have one.
  const std::uint64_t room = limit - budget.used(MemoryUse::program);
  EXPECT_LE(server.at_once_max(), room / budget.fetch_bytes() + 2);
  EXPECT_GT(server.at_once_max(), 50U);
}

}  // namespace trawl::crawl
