#include "core/crawl/seen.hpp"

#include <gtest/gtest.h>

#include <random>

namespace trawl::crawl {

TEST(SeenFilter, KnowsWhatWasInserted) {
  SeenFilter seen;
  EXPECT_FALSE(seen.contains(7));
  EXPECT_TRUE(seen.insert(7));
  EXPECT_FALSE(seen.insert(7));
  EXPECT_TRUE(seen.contains(7));
  EXPECT_TRUE(seen.insert(0));
  EXPECT_TRUE(seen.insert(~0ULL));
  EXPECT_EQ(seen.size(), 3U);
}

TEST(SeenFilter, TakesAtMostTwentyOneBytesAUrl) {
  SeenFilter seen;
  std::mt19937_64 random(1);
  for (int i = 0; i < 300'000; ++i) seen.insert(random());
  EXPECT_EQ(seen.size(), 300'000U);
  EXPECT_GE(seen.memory_bytes(), 300'000U * 10);
  EXPECT_LE(seen.memory_bytes(), 300'000U * 21);
}

}  // namespace trawl::crawl
