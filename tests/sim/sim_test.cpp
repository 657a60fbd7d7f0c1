// The short form of tests/sim; the long ones are the program crawl_sim's.
#include "tests/sim/simulation.hpp"

#include <gtest/gtest.h>

namespace trawl::sim {

TEST(Simulation, AWholeWebIsCrawledAndNoRuleIsBroken) {
  std::uint64_t given_up = 0, probes = 0, retries = 0, refills = 0;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    Simulation simulation{{.web = {.seed = seed, .hosts = 300, .urls = 6'000},
                           .at_once = 60,
                           .begin_with = 20,
                           .memory_urls = seed % 2 == 0 ? 100U : 2'000U,
                           .window_urls = seed % 4 == 0 ? 4U : 64U}};
    SimReport report;
    ASSERT_NO_THROW(report = simulation.run());
    EXPECT_EQ(report.fetched + report.failed, report.urls);
    given_up += report.given_up;
    probes += report.probes;
    retries += report.retries;
    refills += report.refills;
  }
  // Each of them has happened, or nothing was shown.
  EXPECT_GT(given_up, 0U);
  EXPECT_GT(probes, 0U);
  EXPECT_GT(retries, 0U);
  EXPECT_GT(refills, 0U);
}

TEST(Simulation, ASeedReplaysItself) {
  const SimSpec spec{.web = {.seed = 7, .hosts = 100, .urls = 2'000}, .at_once = 20};
  const SimReport first = Simulation{spec}.run();
  const SimReport second = Simulation{spec}.run();
  EXPECT_EQ(first.starts, second.starts);
  EXPECT_EQ(first.retries, second.retries);
  EXPECT_EQ(first.lasted, second.lasted);
}

}  // namespace trawl::sim
