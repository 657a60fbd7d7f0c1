#include "service/run/descriptor_limit.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace trawl::service {

TEST(DescriptorLimit, IsRaisedAsFarAsIsWantedAndNeverLowered) {
  rlimit old{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &old), 0);
  const rlimit low{.rlim_cur = 200, .rlim_max = old.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  EXPECT_EQ(raise_descriptor_limit(100), 200U);
  EXPECT_EQ(raise_descriptor_limit(300), 300U);
  rlimit now{};
  ::getrlimit(RLIMIT_NOFILE, &now);
  EXPECT_EQ(now.rlim_cur, 300U);
  EXPECT_EQ(now.rlim_max, old.rlim_max);
  EXPECT_EQ(raise_descriptor_limit(UINT64_MAX), old.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &old);
}

}  // namespace trawl::service
