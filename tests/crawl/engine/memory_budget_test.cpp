#include "core/crawl/engine/memory_budget.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace trawl::crawl {
namespace {

constexpr std::size_t mib = 1024 * 1024;

}  // namespace

TEST(MemoryBudget, SumsUpWhatItsPartsReport) {
  MemoryBudget budget{512 * mib, 256};
  const auto program = budget.used();
  EXPECT_GT(program, 0U);
  {
    MemoryBudget::Share windows{budget, MemoryUse::windows, 10 * mib};
    MemoryBudget::Share known{budget, MemoryUse::known_urls};
    known.set(20 * mib);
    EXPECT_EQ(budget.used(), program + 30 * mib);
    known.set(5 * mib);
    EXPECT_EQ(budget.used(MemoryUse::known_urls), 5 * mib);
  }
  EXPECT_EQ(budget.used(), program);
}

TEST(MemoryBudget, FetchesWaitBeforeTheLimitIsReachedAndOneAlwaysRuns) {
  MemoryBudget budget{128 * mib, 64};
  std::vector<std::unique_ptr<MemoryBudget::Share>> fetches;
  while (budget.may_fetch(fetches.size()))
    fetches.push_back(
        std::make_unique<MemoryBudget::Share>(budget, MemoryUse::fetches, budget.fetch_bytes()));
  EXPECT_LE(budget.used(), 128 * mib);
  EXPECT_GT(budget.used(), 127 * mib);
  EXPECT_TRUE(budget.is_tight());
  EXPECT_TRUE(budget.may_fetch(0));
  fetches.pop_back();
  EXPECT_TRUE(budget.may_fetch(fetches.size()));
  fetches.clear();
  EXPECT_FALSE(budget.is_tight());
}

TEST(MemoryBudget, WithoutALimitNothingWaitsAndPartsHaveTheirOwnBounds) {
  MemoryBudget budget{std::nullopt, 256};
  const MemoryBudget::Share much{budget, MemoryUse::fetches, 100'000 * mib};
  EXPECT_TRUE(budget.may_fetch(1000));
  EXPECT_FALSE(budget.is_tight());
  EXPECT_EQ(budget.part(16, 64 * mib), 64 * mib);
  EXPECT_EQ(MemoryBudget(512 * mib, 256).part(16, 64 * mib), 32 * mib);
}

TEST(MemoryBudget, TheMoreFetchesThereMayBeTheLessOfABodyStaysInMemory) {
  EXPECT_EQ(MemoryBudget(std::nullopt, 10'000).body_bytes(), 256 * 1024U);
  EXPECT_EQ(MemoryBudget(512 * mib, 256).body_bytes(), 1024 * 1024U);
  const MemoryBudget many{512 * mib, 4096};
  EXPECT_LT(many.body_bytes(), 64 * 1024U);
  EXPECT_LE(4096 * many.fetch_bytes(), 512 * mib);
  EXPECT_EQ(MemoryBudget(64 * mib, 4096).body_bytes(), 16 * 1024U);
}

}  // namespace trawl::crawl
