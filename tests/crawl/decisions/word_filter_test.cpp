#include "core/crawl/word_filter.hpp"

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

TEST(WordFilter, ANewWordIsSeldomTakenForAnOldOneHoweverManyThereWere) {
  WordFilter filter;
  std::mt19937 random{7};
  constexpr std::size_t page_words = 2000;
  std::size_t missed = 0;  // at most, of a page
  std::size_t anew = 0;
  for (int page = 0; page < 500; ++page) {
    Words fresh(page_words);
    for (std::uint32_t& word : fresh) word = static_cast<std::uint32_t>(random());
    const std::size_t before = filter.pages();
    missed = std::max(missed, page_words - filter.add(fresh).new_words);
    anew += filter.pages() <= before ? 1 : 0;
  }
  EXPECT_GT(missed, page_words / 200);  // they were not emptied at once
  EXPECT_LT(missed, page_words / 40);   // of one page; on average it is less
  EXPECT_GT(anew, 10U);
}

TEST(WordFilter, ANewPairIsSeldomTakenForAnOldOneHoweverManyThereWere) {
  WordFilter filter;
  std::mt19937 random{7};
  constexpr std::size_t page_words = 2000;
  std::size_t missed = 0;  // at most, of a page
  std::size_t anew = 0;
  for (int page = 0; page < 500; ++page) {
    Words known(page_words);  // 10,000 words in ever other orders
    for (std::uint32_t& word : known) word = static_cast<std::uint32_t>(random() % 10'000);
    const std::size_t before = filter.pages();
    missed = std::max(missed, page_words - filter.add(known).new_pairs);
    anew += filter.pages() <= before ? 1 : 0;
  }
  EXPECT_GT(missed, page_words / 40);
  EXPECT_LT(missed, page_words / 10);
  EXPECT_GT(anew, 3U);
}

}  // namespace
}  // namespace trawl::crawl
