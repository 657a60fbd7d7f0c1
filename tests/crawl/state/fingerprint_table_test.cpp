#include "core/crawl/state/fingerprint_table.hpp"

#include "tests/support/scratch_folder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace trawl::crawl {
namespace {

std::vector<std::uint64_t> sorted_numbers(std::mt19937_64& random, std::size_t count) {
  std::vector<std::uint64_t> numbers(count);
  for (auto& number : numbers) number = random();
  std::ranges::sort(numbers);
  return numbers;
}

}  // namespace

TEST(FingerprintTable, KnowsAllOfItsEntriesAndNoOthers) {
  const test::ScratchFolder folder;
  FingerprintTable table{folder.path(), 1};
  std::mt19937_64 random(1);
  std::vector<std::uint64_t> all;
  for (const std::size_t count : {1U, 511U, 512U, 513U, 10'000U, 3U}) {
    const auto numbers = sorted_numbers(random, count);
    table.add(numbers);
    all.insert(all.end(), numbers.begin(), numbers.end());
    for (const std::uint64_t number : all) ASSERT_TRUE(table.find(number));
  }
  EXPECT_EQ(table.size(), all.size());
  for (int i = 0; i < 10'000; ++i) ASSERT_FALSE(table.find(random()));
}

TEST(FingerprintTable, KeepsTheLowestAndTheHighestFingerprint) {
  const test::ScratchFolder folder;
  FingerprintTable table{folder.path(), 1};
  table.add({0, 1, ~0ULL - 1, ~0ULL});
  EXPECT_TRUE(table.find(0));
  EXPECT_TRUE(table.find(~0ULL));
  EXPECT_FALSE(table.find(2));
}

TEST(FingerprintTable, StaysAStaircaseOfFewRuns) {
  const test::ScratchFolder folder;
  FingerprintTable table{folder.path(), 1};
  std::mt19937_64 random(2);
  for (int i = 0; i < 64; ++i) table.add(sorted_numbers(random, 1000));
  table.settle();
  EXPECT_EQ(table.size(), 64'000U);
  EXPECT_LE(table.runs(), 7U);
  // 10 bits an entry, and a number a page.
  EXPECT_LE(table.memory_bytes(), 64'000U * 10 / 8 * 11 / 10 + 64'000U / 512 * 8 + 4096);
}

TEST(FingerprintTable, GivesBackWhatBelongsToAFingerprint) {
  const test::ScratchFolder folder;
  FingerprintTable table{folder.path(), 3};
  for (std::uint64_t round = 0; round < 4; ++round) {
    std::vector<std::uint64_t> words;
    for (std::uint64_t i = 0; i < 1000; ++i)
      words.insert(words.end(), {(i * 4 + round) << 40, i, round});
    table.add(words);
  }
  table.settle();
  const auto entry = table.find((777ULL * 4 + 2) << 40);
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->at(1), 777U);
  EXPECT_EQ(entry->at(2), 2U);
}

TEST(FingerprintTable, LeavesNothingInItsFolder) {
  const test::ScratchFolder folder;
  FingerprintTable table{folder.path(), 1};
  table.add({1, 2, 3});
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  EXPECT_GT(table.disk_bytes(), 0U);
}

}  // namespace trawl::crawl
