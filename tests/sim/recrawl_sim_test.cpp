// A hundred webs, each for three months.
#include "tests/sim/recrawl_simulation.hpp"

#include <gtest/gtest.h>

namespace trawl::sim {

TEST(RecrawlSimulation, InAHundredWebsNoPageIsAskedTooOftenOrForgotten) {
  RecrawlSimReport all;
  Millis quick{0}, slow{0};
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    RecrawlSimulation simulation{{.seed = seed}};
    RecrawlSimReport report;
    ASSERT_NO_THROW(report = simulation.run());
    all.fetches += report.fetches;
    all.changes_seen += report.changes_seen;
    all.unchanged += report.unchanged;
    all.gone += report.gone;
    all.came_back += report.came_back;
    all.brought_forward += report.brought_forward;
    quick += report.quick_interval;
    slow += report.slow_interval;
  }
  // Each of them has happened, or nothing was shown.
  EXPECT_GT(all.changes_seen, 0U);
  EXPECT_GT(all.unchanged, 0U);
  EXPECT_GT(all.gone, 0U);
  EXPECT_GT(all.came_back, 0U);
  EXPECT_GT(all.brought_forward, 0U);
  // The intervals have found out how often pages change.
  EXPECT_LT(quick / 100, std::chrono::hours{24});
  EXPECT_GT(slow / 100, std::chrono::days{10});
}

TEST(RecrawlSimulation, ASeedReplaysItself) {
  const auto first = RecrawlSimulation{{.seed = 7}}.run();
  const auto second = RecrawlSimulation{{.seed = 7}}.run();
  EXPECT_EQ(first.fetches, second.fetches);
  EXPECT_EQ(first.changes, second.changes);
  EXPECT_EQ(first.brought_forward, second.brought_forward);
}

// With one interval for all, no page comes round more often, nor half as often unless it is gone.
TEST(RecrawlSimulation, AFixedIntervalIsKept) {
  const Millis every = std::chrono::days{3};
  const auto report = RecrawlSimulation{{.seed = 3, .interval = {every, every}}}.run();
  EXPECT_LE(report.fetches, 60U * (90 / 3 + 1));
  EXPECT_GE(report.fetches, 60U * (90 / 5));
}

}  // namespace trawl::sim
