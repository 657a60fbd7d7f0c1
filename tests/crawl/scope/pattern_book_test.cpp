#include "core/crawl/scope/pattern_book.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace trawl::crawl {
namespace {

constexpr std::uint64_t budget = 40;

// Feeds pages to one host, numbered, so that no two have the same bytes.
struct Site {
  PatternBook book{4};
  std::uint64_t pages = 0;
  bool leads_on = true;

  void page(std::string_view shape, std::vector<std::uint32_t> words, std::int64_t host = 1,
            std::vector<std::uint32_t> own_words = {}) {
    book.note(host, shape,
              {.digest = ++pages,
               .is_text = true,
               .cut = false,
               .words = std::move(words),
               .own_words = std::move(own_words)},
              budget);
    if (leads_on) book.note_led_on(host, shape, shape);
  }
  bool refused(std::string_view shape, std::uint64_t url, std::int64_t host = 1) {
    return book.refusal(host, shape, url).has_value();
  }
  // How many of a thousand URLs are fetched.
  int fetched_of_1000(std::string_view shape) {
    int fetched = 0;
    for (std::uint64_t url = 0; url < 1000; ++url) fetched += refused(shape, url) ? 0 : 1;
    return fetched;
  }
};

const std::vector<std::uint32_t> same{11, 12, 13, 14, 15};

TEST(PatternBook, APatternThatBringsNothingNewIsFetchedFromEverLess) {
  Site site;
  std::vector<int> shares;
  for (int i = 0; i < 80; ++i) {
    site.page("/cal/{n}", same);
    const int share = site.fetched_of_1000("/cal/{n}");
    if (shares.empty() || shares.back() != share) shares.push_back(share);
    if (i < static_cast<int>(budget) - 1) ASSERT_EQ(share, 1000) << i;
  }
  EXPECT_THAT(shares, testing::ElementsAre(1000, 250, 63, 16, 0));
  EXPECT_FALSE(site.refused("/other/{n}", 5));
}

// A thousand pages that say the same, all of them linked from the first: there is an end to that.
TEST(PatternBook, WhatDoesNotLeadOnIsNoTrap) {
  Site site;
  site.leads_on = false;
  for (int i = 0; i < 1000; ++i) site.page("/x/{n}", same);
  EXPECT_EQ(site.fetched_of_1000("/x/{n}"), 1000);
}

TEST(PatternBook, ARefusalNamesTheRuleThePatternAndTheFigures) {
  Site site;
  for (int i = 0; i < 50; ++i) site.page("/cal/{n}", same);
  EXPECT_EQ(
      site.book.refusal(1, "/cal/{n}", 1),
      "nothing_new: of 50 pages like /cal/{n}, 1 brought something new, 0 of the last 20; one "
      "in 4 is fetched");
}

TEST(PatternBook, OneNewWordInTwentyPagesIsEnoughToStay) {
  Site site;
  for (std::uint32_t i = 0; i < 400; ++i) {
    auto words = same;
    if (i % 20 == 0) words.push_back(1000 + i);
    site.page("/doc/{w}", words);
  }
  EXPECT_EQ(site.fetched_of_1000("/doc/{w}"), 1000);
}

TEST(PatternBook, OfAKindThatBringsMuchOnePageInFourIsLookedAt) {
  Site site;
  const auto wanted = [&] {
    int count = 0;
    for (std::uint64_t url = 0; url < 1000; ++url)
      count += site.book.wants(1, "/doc/{w}", url << 32);
    return count;
  };
  EXPECT_EQ(wanted(), 1000);
  for (std::uint32_t i = 0; i < 60; ++i) site.page("/doc/{w}", {1000 + i});
  EXPECT_EQ(wanted(), 250);
  for (std::uint32_t i = 0; i < 40; ++i) site.page("/doc/{w}", same);
  EXPECT_EQ(wanted(), 1000);
}

// "No usage of X": old words, a few of them side by side for the first time.
// Each page has a word that none had before, and it is one of its URL.
TEST(PatternBook, WhatAPageSaysOfItsOwnUrlIsNoNews) {
  Site named, news;
  for (std::uint32_t i = 0; i < 80; ++i) {
    const std::vector<std::uint32_t> words{11, 12, 1000 + i, 13};
    named.page("/x/{w}", words, 1, {1000 + i});
    news.page("/x/{w}", words, 1, {2000 + i});
  }
  EXPECT_EQ(named.fetched_of_1000("/x/{w}"), 0);
  EXPECT_EQ(news.fetched_of_1000("/x/{w}"), 1000);
}

TEST(PatternBook, OldWordsInNewPlacesAreNew) {
  Site site;
  for (std::uint32_t i = 0; i < 300; ++i) site.page("/api/{w}", {i + 1000, i + 5000, 7, 8, 9, 10});
  for (std::uint32_t i = 0; i < 299; ++i)
    site.page("/use/{w}", {1, 2, 3, 4, 5, 6, i + 1000, i + 5001, 7, 8, 9, 10});
  EXPECT_EQ(site.fetched_of_1000("/use/{w}"), 1000);
}

TEST(PatternBook, AShakenDictionaryIsNot) {
  Site site;
  std::mt19937 random{1};
  for (int i = 0; i < 200; ++i) {
    std::vector<std::uint32_t> words(200);
    std::ranges::generate(words, [&] { return static_cast<std::uint32_t>(random() % 2000); });
    site.page("/maze/{w+}", words);
  }
  EXPECT_LT(site.fetched_of_1000("/maze/{w+}"), 100);
}

TEST(PatternBook, APatternThatBringsPagesAgainComesBack) {
  Site site;
  for (int i = 0; i < 50; ++i) site.page("/x/{n}", same);
  ASSERT_EQ(site.fetched_of_1000("/x/{n}"), 250);
  for (std::uint32_t i = 0; i < 10; ++i) site.page("/x/{n}", {1000 + i});
  EXPECT_EQ(site.fetched_of_1000("/x/{n}"), 1000);
}

TEST(PatternBook, TheSameBytesAreNothingNewAndOtherBytesWithoutTextAre) {
  Site site;
  for (int i = 0; i < 100; ++i) {
    (void)site.book.note_led_on(1, "/pixel.gif?id={n}", "/pixel.gif?id={n}");
    site.book.note(1, "/pixel.gif?id={n}", {.digest = 77}, budget);
    site.book.note(1, "/photo/{n}.jpg", {.digest = static_cast<std::uint64_t>(1000 + i)}, budget);
  }
  EXPECT_EQ(site.fetched_of_1000("/pixel.gif?id={n}"), 0);
  EXPECT_EQ(site.fetched_of_1000("/photo/{n}.jpg"), 1000);
}

TEST(PatternBook, CombinationsOfParametersAreOneKindInTheEnd) {
  Site site;
  for (int i = 0; i < 100; ++i) site.page(fmt::format("/shop?k{}={{w}}", i), same);
  EXPECT_TRUE(site.refused("/shop?never_seen={w}", 1));
  EXPECT_FALSE(site.refused("/shop", 1));
  EXPECT_THAT(site.book.take_changed(1), testing::SizeIs(testing::Le(10U)));
}

TEST(PatternBook, MadeUpNamesShareOnePattern) {
  Site site;
  for (int i = 0; i < 400; ++i) site.page(fmt::format("/name{}x/{{w}}", i), same);
  EXPECT_TRUE(site.refused("/never_seen/{w}", 1));
  EXPECT_THAT(site.book.take_changed(1), testing::SizeIs(testing::Le(128U)));
}

TEST(PatternBook, HostsAreKnownApart) {
  Site site;
  for (int i = 0; i < 100; ++i) site.page("/x/{n}", same, 1);
  EXPECT_TRUE(site.book.refuses_any(1));
  EXPECT_FALSE(site.book.refuses_any(2));
  EXPECT_FALSE(site.refused("/x/{n}", 1, 2));
}

TEST(PatternBook, WhatItKnowsCanBeRestored) {
  Site first;
  for (int i = 0; i < 100; ++i) first.page("/x/{n}", same);
  (void)first.refused("/x/{n}", 1);
  const auto states = first.book.take_changed(1);
  ASSERT_THAT(states, testing::SizeIs(1));
  EXPECT_EQ(states[0].fetched, 100U);
  EXPECT_EQ(states[0].refused, 1U);
  EXPECT_THAT(first.book.take_changed(1), testing::IsEmpty());
  Site second;
  second.book.restore(states[0]);
  EXPECT_TRUE(second.book.refuses_any(1));
  EXPECT_EQ(second.fetched_of_1000("/x/{n}"), 0);
}

// The words of hosts that come and go: the oldest give way, and begin anew.
TEST(PatternBook, ManyHostsTakeTurns) {
  Site site;
  for (int round = 0; round < 5; ++round)
    for (std::int64_t host = 1; host <= 20; ++host) site.page("/x/{n}", same, host);
  for (std::int64_t host = 1; host <= 20; ++host) EXPECT_FALSE(site.book.refuses_any(host));
}

}  // namespace
}  // namespace trawl::crawl
