#include "service/control/fetch_figures.hpp"

#include <gtest/gtest.h>

namespace trawl::service {
namespace {

TEST(FetchFigures, OfFurtherRunsAddUpByName) {
  FetchFigures all{.outcomes = {{"2xx", 1}}, .duration_s = {{0.1}, {1, 2}, 3}};
  all.phases_s = {{"dns", {{1}, {1, 0}, 0.5}}};
  FetchFigures run{.outcomes = {{"failed", 5}, {"2xx", 10}},
                   .duration_s = {{0.1}, {10, 20}, 30},
                   .commit_s = {{1}, {4, 0}, 1}};
  run.phases_s = {{"tls", {{1}, {7, 0}, 1}}, {"dns", {{1}, {2, 3}, 4}}};
  all.add(run);
  EXPECT_EQ(all.outcomes, (Named<std::uint64_t>{{"2xx", 11}, {"failed", 5}}));
  EXPECT_EQ(all.duration_s.counts, (std::vector<std::uint64_t>{11, 22}));
  EXPECT_EQ(all.duration_s.sum, 33);
  EXPECT_EQ(all.commit_s.counts, (std::vector<std::uint64_t>{4, 0}));
  ASSERT_EQ(all.phases_s.size(), 2U);
  EXPECT_EQ(all.phases_s[0].second.counts, (std::vector<std::uint64_t>{3, 3}));
  EXPECT_EQ(all.phases_s[1].first, "tls");
}

TEST(FetchFigures, OfARunThatSawNothingChangeNothing) {
  FetchFigures all{.outcomes = {{"2xx", 1}}, .duration_s = {{0.1}, {1, 2}, 3}};
  all.add({});
  EXPECT_EQ(all.outcomes, (Named<std::uint64_t>{{"2xx", 1}}));
  EXPECT_EQ(all.duration_s.counts, (std::vector<std::uint64_t>{1, 2}));
}

}  // namespace
}  // namespace trawl::service
