#include "core/crawl/state/seen.hpp"

#include "tests/support/scratch_folder.hpp"

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

TEST(SeenFilter, StaysExactWithinABoundOfMemory) {
  const test::ScratchFolder folder;
  SeenFilter seen;
  seen.bound(folder.path(), 64 * 1024);
  std::mt19937_64 random(1), again(1);
  constexpr int urls = 200'000;
  for (int i = 0; i < urls; ++i) {
    ASSERT_TRUE(seen.insert(random()));
    if (i % 3 == 0) ASSERT_FALSE(seen.insert(again()));
  }
  EXPECT_EQ(seen.size(), std::size_t{urls});
  EXPECT_GE(seen.disk_bytes(), urls * 7U);
  // The newest, 10 bits a URL of the rest, and as much again while a merge runs.
  EXPECT_LE(seen.memory_bytes(), 2 * 64 * 1024 + 2 * urls * 14 / 8);
  std::mt19937_64 all(1);
  for (int i = 0; i < urls; ++i) ASSERT_TRUE(seen.contains(all()));
  for (int i = 0; i < urls; ++i) ASSERT_FALSE(seen.contains(all()));
}

TEST(SeenFilter, StaysInMemoryWhereNoFileCanBe) {
  SeenFilter seen;
  seen.bound("/proc/nowhere", 1024);
  for (std::uint64_t i = 1; i <= 5'000; ++i) ASSERT_TRUE(seen.insert(i << 32));
  for (std::uint64_t i = 1; i <= 5'000; ++i) ASSERT_FALSE(seen.insert(i << 32));
  EXPECT_EQ(seen.disk_bytes(), 0U);
}

TEST(Refusals, AreFoundWithTheirRowsOnDiskAndInMemory) {
  const test::ScratchFolder folder;
  Refusals refusals;
  refusals.bound(folder.path(), 1024);
  for (std::int64_t i = 0; i < 5'000; ++i) {
    refusals.set(static_cast<std::uint64_t>(i) << 32, {i, 2 * i});
    refusals.settle();
  }
  for (std::int64_t i = 0; i < 5'000; ++i)
    ASSERT_EQ(refusals.find(static_cast<std::uint64_t>(i) << 32), (UrlId{i, 2 * i}));
  EXPECT_FALSE(refusals.find(77));
}

}  // namespace trawl::crawl
