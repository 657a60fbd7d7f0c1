#include "core/crawl/former_seeds.hpp"
#include "core/web/digest.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace trawl::crawl {
namespace {

constexpr std::string_view seed = "http://a/", hop = "http://b/", target = "http://c/";

std::uint64_t print(std::string_view url) {
  return web::fingerprint(url);
}

std::vector<std::uint64_t> chain() {
  return {print(seed), print(hop)};
}

// The seed and its hop, of which one may have come to something else; the target is a page.
struct Folder {
  KnownSeed first{.url = seed, .redirect_to = hop};
  KnownSeed second{.url = hop, .redirect_to = target, .redirect_chain = {print(seed)}};
  KnownSeed third{.url = target, .redirect_chain = chain(), .is_page = true};

  // Whether what was over is back.
  bool begin(FormerSeeds& seeds) const {
    for (const auto* known : {&first, &second, &third}) seeds.redirects.note_target(*known);
    for (const auto* known : {&first, &second, &third})
      seeds.redirects.note_hop(*known, known->redirect_to.empty()
                                           ? std::nullopt
                                           : std::optional{print(known->redirect_to)});
    return seeds.redirects.begin();
  }
};

TEST(SeedRedirects, AreOverWhenAHopIsAPage) {
  FormerSeeds seeds;
  Folder folder;
  EXPECT_FALSE(folder.begin(seeds));
  EXPECT_FALSE(seeds.any());
  folder.second = {.url = hop, .redirect_chain = {print(seed)}, .is_page = true};
  EXPECT_FALSE(folder.begin(seeds));
  EXPECT_TRUE(seeds.has(print(target), chain()));
  EXPECT_FALSE(seeds.has(print(hop), folder.second.redirect_chain));
  EXPECT_FALSE(seeds.has(print(seed), {}));
}

TEST(SeedRedirects, StayOverWhileTheHopFailsAndComeBackWithIt) {
  FormerSeeds seeds;
  Folder folder;
  folder.first = {.url = seed};  // it failed
  folder.begin(seeds);
  EXPECT_FALSE(seeds.any()) << "nothing is known but that it redirected";
  folder.first.is_page = true;
  folder.begin(seeds);
  folder.first.is_page = false;
  auto later = FormerSeeds::parse(seeds.texts());
  EXPECT_FALSE(folder.begin(later));
  EXPECT_TRUE(later.has(print(hop), folder.second.redirect_chain));
  folder.first.redirect_to = hop;
  EXPECT_TRUE(folder.begin(later)) << "what was excluded meanwhile is to be judged";
  EXPECT_FALSE(later.any());
}

TEST(SeedRedirects, ComeBackInTheRunInWhichTheyAreSeen) {
  FormerSeeds seeds;
  Folder folder;
  folder.first = {.url = seed, .is_page = true};
  folder.begin(seeds);
  ASSERT_TRUE(seeds.has(print(target), chain()));
  seeds.redirects.note_redirect(print(seed), print(hop));
  EXPECT_FALSE(seeds.has(print(target), chain()));
}

TEST(SeedRedirects, AreOverWhenTheHopRedirectsToAnotherTarget) {
  FormerSeeds seeds;
  Folder folder;
  folder.second.redirect_to = "http://unknown/";
  folder.begin(seeds);
  EXPECT_FALSE(seeds.any()) << "it may be another form of the target";
  folder.second.redirect_to = "http://d/";
  const KnownSeed other{.url = "http://d/", .redirect_chain = chain()};
  seeds.redirects.note_target(other);
  folder.begin(seeds);
  EXPECT_TRUE(seeds.has(print(target), chain()));
  EXPECT_FALSE(seeds.has(print(other.url), chain()));
}

TEST(SeedRedirects, TakeNoTargetThatAListOrAPushAsksFor) {
  FormerSeeds seeds;
  Folder folder;
  folder.begin(seeds);
  EXPECT_FALSE(seeds.take_back(print("http://other/")));
  EXPECT_TRUE(seeds.take_back(print(target)));
  EXPECT_FALSE(seeds.take_back(print(target)));
  folder.first = {.url = seed, .is_page = true};
  auto later = FormerSeeds::parse(seeds.texts());
  folder.begin(later);
  EXPECT_FALSE(later.has(print(target), chain()));
  EXPECT_TRUE(later.has(print(hop), folder.second.redirect_chain));
}

TEST(SeedRedirects, OfVeryManyNoneIsTakenToBeOver) {
  FormerSeeds seeds;
  for (std::size_t i = 0; i < SeedRedirects::asked_max + 10; ++i) {
    seeds.redirects.note_redirect(1, i + 10);
    seeds.take_back(i + 10);
  }
  Folder folder;
  folder.first = {.url = seed, .is_page = true};
  folder.begin(seeds);
  EXPECT_FALSE(seeds.any());
  EXPECT_FALSE(seeds.has(print(target), chain()));
  EXPECT_LT(seeds.redirects.asked_text().size(), 17 * SeedRedirects::asked_max + 17);
}

}  // namespace
}  // namespace trawl::crawl
