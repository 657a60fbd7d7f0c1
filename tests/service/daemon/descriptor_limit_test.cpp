#include "service/run/descriptor_limit.hpp"

#include <gtest/gtest.h>

namespace trawl::service {
namespace {

TEST(DescriptorLimit, AsManyFetchesAsThereAreSocketsFor) {
  for (const std::uint64_t sockets : {3U, 24U, 90U, 400U, 5000U, 60'000U}) {
    const auto fetches = static_cast<std::uint64_t>(concurrency_for(sockets));
    EXPECT_LE(sockets_for(fetches), sockets);
    EXPECT_GT(sockets_for(fetches + 1), sockets);
  }
  EXPECT_EQ(concurrency_for(0), 1);
}

TEST(DescriptorLimit, JobsShareWhatThereIs) {
  for (const std::uint64_t allowed : {64U, 100U, 256U, 400U, 1024U, 4096U, 20'000U, 500'000U}) {
    for (const int jobs : {1, 2, 16, 200}) {
      const auto plan = plan_descriptors(allowed, jobs);
      EXPECT_GE(plan.jobs_at_once, 1);
      EXPECT_LE(plan.jobs_at_once, jobs);
      // Something is left for the process itself, however many there are.
      EXPECT_LE(static_cast<std::uint64_t>(plan.jobs_at_once) * plan.each,
                allowed - std::min<std::uint64_t>(allowed / 2, 128))
          << allowed << ' ' << jobs;
      if (plan.jobs_at_once > 1) EXPECT_GE(plan.each, descriptors_per_job + sockets_for(8));
    }
  }
  EXPECT_EQ(plan_descriptors(1024, 16).jobs_at_once, 16);
  EXPECT_EQ(plan_descriptors(64, 16).jobs_at_once, 1);
}

TEST(DescriptorLimit, WithAllThatIsWantedNoJobIsHeldBack) {
  const auto plan = plan_descriptors(descriptors_for_jobs(16, 1024), 16);
  EXPECT_EQ(plan.jobs_at_once, 16);
  EXPECT_GE(concurrency_for(plan.each - descriptors_per_job), 1024);
}

}  // namespace
}  // namespace trawl::service
