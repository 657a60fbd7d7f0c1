#include "core/crawl/scope/named_seeds.hpp"

#include <gtest/gtest.h>

namespace trawl::crawl {
namespace {

TEST(NamedSeeds, AreFormerOnesOnceTheJobNamesThemNoMore) {
  NamedSeeds seeds;
  EXPECT_FALSE(seeds.begin({1, 2}, false));
  EXPECT_FALSE(seeds.has_former());
  EXPECT_FALSE(seeds.begin({1}, false));
  EXPECT_TRUE(seeds.is_former(2));
  EXPECT_FALSE(seeds.is_former(1));
  EXPECT_FALSE(seeds.is_former(3));  // of a list, or pushed
  EXPECT_FALSE(seeds.begin({1}, false));
  EXPECT_TRUE(seeds.is_former(2));
  EXPECT_TRUE(seeds.begin({2}, false));
  EXPECT_FALSE(seeds.is_former(2));
  EXPECT_TRUE(seeds.is_former(1));
}

// By a run that was stopped before it kept that, and by one that names other ones.
TEST(NamedSeeds, AreFormerOnesAlsoWhenNoRunBeganWithThem) {
  NamedSeeds seeds;
  seeds.begin({1, 2}, false);
  seeds.begin({1}, false);
  seeds.add({1, 2, 3});
  EXPECT_TRUE(seeds.is_former(2)) << "to be noticed when it is back";
  EXPECT_FALSE(seeds.begin({1}, false));
  EXPECT_TRUE(seeds.is_former(3));
}

TEST(NamedSeeds, AreAllSeedsWhileThereAreLists) {
  NamedSeeds seeds;
  seeds.begin({1, 2}, false);
  seeds.begin({1}, false);
  EXPECT_TRUE(seeds.begin({1}, true));
  EXPECT_FALSE(seeds.has_former());
  EXPECT_FALSE(seeds.begin({1}, false));
  EXPECT_TRUE(seeds.is_former(2));
}

TEST(NamedSeeds, InAnotherSpellingGoWithTheirCanonicalForm) {
  NamedSeeds seeds;
  seeds.begin({1}, false);
  seeds.begin({10}, false);
  EXPECT_FALSE(seeds.note_spelling(1, 11));
  EXPECT_TRUE(seeds.note_spelling(1, 10));
  EXPECT_FALSE(seeds.has_former());
  seeds.begin({20}, false);
  EXPECT_TRUE(seeds.is_former(1));
  EXPECT_TRUE(seeds.is_former(10));
}

TEST(NamedSeeds, ThatSomebodyElseAsksForAreTakenBack) {
  NamedSeeds seeds;
  seeds.begin({1}, false);
  seeds.begin({}, false);
  EXPECT_TRUE(seeds.take_back(1));
  EXPECT_FALSE(seeds.take_back(1));
  seeds.begin({}, false);
  EXPECT_FALSE(seeds.has_former());
}

TEST(NamedSeeds, AreReadBack) {
  NamedSeeds seeds;
  seeds.begin({0x1f, 2, UINT64_MAX}, false);
  seeds.begin({2}, false);
  EXPECT_EQ(seeds.named_text(), "0000000000000002");
  EXPECT_EQ(seeds.former_text(), "000000000000001f ffffffffffffffff");
  const auto read = NamedSeeds::parse(seeds.named_text(), seeds.former_text());
  EXPECT_EQ(read.named_text(), seeds.named_text());
  EXPECT_EQ(read.former_text(), seeds.former_text());
  EXPECT_EQ(NamedSeeds::parse(" x 12g - 3", "fffffffffffffffff").named_text(), "0000000000000003");
}

}  // namespace
}  // namespace trawl::crawl
