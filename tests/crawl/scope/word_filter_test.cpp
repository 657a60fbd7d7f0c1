#include "core/crawl/scope/word_filter.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

namespace trawl::crawl {
namespace {

using Words = std::vector<std::uint32_t>;

TEST(WordFilter, AWordIsNewsOnce) {
  WordFilter filter;
  const WordNews first = filter.add(Words{11, 12, 13, 11});
  EXPECT_EQ(first.words, 4U);
  EXPECT_EQ(first.new_words, 3U);
  EXPECT_EQ(first.new_pairs, 4U);  // with the one that nothing stands before
  const WordNews again = filter.add(Words{11, 12, 13, 11});
  EXPECT_EQ(again.words, 4U);
  EXPECT_EQ(again.new_words, 0U);
  EXPECT_EQ(again.new_pairs, 0U);
  EXPECT_EQ(filter.pages(), 2U);
}

TEST(WordFilter, OldWordsInANewOrderAreNewPairs) {
  WordFilter filter;
  filter.add(Words{11, 12, 13});
  const WordNews news = filter.add(Words{11, 13, 12});
  EXPECT_EQ(news.new_words, 0U);
  EXPECT_EQ(news.new_pairs, 2U);
}

TEST(WordFilter, OwnWordsAreNoNewsNorArePairsWithThem) {
  WordFilter filter;
  const WordNews news = filter.add(Words{11, 12, 13, 14}, Words{12});
  EXPECT_EQ(news.new_words, 3U);
  EXPECT_EQ(news.new_pairs, 2U);                       // 11 and 14, with what stands before them
  EXPECT_EQ(filter.add(Words{11, 12}).new_words, 0U);  // yet they are known then
}

constexpr std::size_t page_words = 2000;

struct Missed {
  std::size_t most = 0;  // news of a page that were taken for old
  int anew = 0;          // times that the filter was emptied
};

// Over 500 pages of random words below the bound.
Missed missed(std::uint64_t bound, std::size_t WordNews::* news) {
  WordFilter filter;
  std::mt19937 random{7};
  Missed result;
  for (int page = 0; page < 500; ++page) {
    Words words(page_words);
    for (std::uint32_t& word : words) word = static_cast<std::uint32_t>(random() % bound);
    const std::size_t before = filter.pages();
    result.most = std::max(result.most, page_words - filter.add(words).*news);
    result.anew += filter.pages() <= before ? 1 : 0;
  }
  return result;
}

TEST(WordFilter, ANewWordIsSeldomTakenForAnOldOneHoweverManyThereWere) {
  const auto [most, anew] = missed(std::uint64_t{1} << 32, &WordNews::new_words);
  EXPECT_GT(most, page_words / 200);  // they were not emptied at once
  EXPECT_LT(most, page_words / 40);   // of one page; on average it is less
  EXPECT_GT(anew, 10);
}

// 10,000 words in ever other orders.
TEST(WordFilter, ANewPairIsSeldomTakenForAnOldOneHoweverManyThereWere) {
  const auto [most, anew] = missed(10'000, &WordNews::new_pairs);
  EXPECT_GT(most, page_words / 40);
  EXPECT_LT(most, page_words / 10);
  EXPECT_GT(anew, 3);
}

}  // namespace
}  // namespace trawl::crawl
