#include "core/base/metrics.hpp"

#include <gtest/gtest.h>

#include <array>
#include <thread>
#include <vector>

namespace trawl {
namespace {

constexpr std::array<double, 3> bounds{0.1, 1, 10};

TEST(Histogram, AValueIsInTheFirstBucketThatIsNotBelowIt) {
  Histogram histogram{bounds};
  for (const double value : {0.05, 0.1, 0.2, 10.0, 11.0}) histogram.note(value);
  const auto values = histogram.values();
  EXPECT_EQ(values.counts, (std::vector<std::uint64_t>{2, 1, 1, 1}));
  EXPECT_EQ(values.count, 5U);
  EXPECT_DOUBLE_EQ(values.sum, 21.35);
}

TEST(Histogram, ThoseOfSeveralThreadsAddUp) {
  Histogram one{bounds}, other{bounds};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&, i] {
        for (int k = 0; k < 10'000; ++k) (i % 2 == 0 ? one : other).note(0.5);
      });
  }
  HistogramValues sum;
  sum.add(one.values());
  sum.add(other.values());
  EXPECT_EQ(sum.counts, (std::vector<std::uint64_t>{0, 40'000, 0, 0}));
  EXPECT_DOUBLE_EQ(sum.sum, 20'000);
}

}  // namespace
}  // namespace trawl
