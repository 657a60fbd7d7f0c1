#include "core/crawl/scope/former_seeds.hpp"

#include "core/web/digest.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::crawl {
namespace {

std::uint64_t print(std::string_view url) {
  return web::fingerprint(url);
}

// The seeds of a folder and what their last answers were.
struct Folder {
  struct Row {
    std::string redirect_to;
    std::vector<std::string> chain;
    bool is_page = false;
    SitemapRole sitemap = {};
    bool excluded = false;  // as a hop
  };
  std::map<std::string, Row> rows;
  std::vector<std::string> named;
  std::map<std::string, std::string> meta;
  std::map<std::string, std::string> spellings;

  // A run begins. Whether one is a seed again.
  bool begin() {
    seeds = FormerSeeds::parse(meta);
    std::vector<std::uint64_t> now;
    for (const auto& url : named) now.push_back(print(url));
    bool back = seeds.named().begin(now, false);
    each([&](const KnownSeed& seed) { seeds.note_target(seed); });
    const auto canonical = [&](std::string_view url) {
      const auto found = spellings.find(std::string{url});
      return url.empty() ? std::nullopt
                         : std::optional{print(found == spellings.end() ? url : found->second)};
    };
    if (seeds.needs_hops())
      each([&](const KnownSeed& seed) {
        const bool excluded = rows.at(std::string{seed.url}).excluded;
        seeds.note_hop(seed, {canonical(seed.url), canonical(seed.redirect_to), excluded});
      });
    back = seeds.settle() || back;
    meta = seeds.texts();
    return back;
  }
  bool has(std::string_view url) const { return seeds.has(print(url)); }

  FormerSeeds seeds;

 private:
  template <class Visit>
  void each(const Visit& visit) {
    for (const auto& [url, row] : rows) {
      std::vector<std::uint64_t> chain;
      for (const auto& hop : row.chain) chain.push_back(print(hop));
      visit({.url = url,
             .sitemap = row.sitemap,
             .redirect_to = row.redirect_to,
             .redirect_chain = std::move(chain),
             .is_page = row.is_page});
    }
  }
};

// a to b to c.
Folder hops() {
  return {.rows = {{"http://a/", {.redirect_to = "http://b/"}},
                   {"http://b/", {.redirect_to = "http://c/", .chain = {"http://a/"}}},
                   {"http://c/", {.chain = {"http://a/", "http://b/"}, .is_page = true}}},
          .named = {"http://a/"}};
}

TEST(FormerSeeds, AreThoseThatNoSeedRedirectsToAnyMore) {
  Folder folder = hops();
  EXPECT_FALSE(folder.begin());
  EXPECT_FALSE(folder.seeds.any());
  folder.rows["http://b/"] = {.chain = {"http://a/"}, .is_page = true};
  EXPECT_FALSE(folder.begin());
  EXPECT_TRUE(folder.has("http://c/"));
  EXPECT_FALSE(folder.has("http://b/"));
  folder.rows["http://a/"] = {.is_page = true};
  folder.begin();
  EXPECT_TRUE(folder.has("http://b/"));
  EXPECT_FALSE(folder.has("http://a/"));
}

TEST(FormerSeeds, ChangeNothingWhileAHopFailsAndComeBackWithIt) {
  Folder folder = hops();
  folder.rows["http://a/"] = {};
  folder.begin();
  EXPECT_FALSE(folder.seeds.any()) << "nothing is known but that it redirected";
  folder.rows["http://a/"].is_page = true;
  folder.begin();
  ASSERT_TRUE(folder.has("http://c/"));
  folder.rows["http://a/"] = {};
  EXPECT_FALSE(folder.begin());
  EXPECT_TRUE(folder.has("http://b/"));
  EXPECT_TRUE(folder.has("http://c/"));
  folder.rows["http://a/"].redirect_to = "http://b/";
  EXPECT_TRUE(folder.begin()) << "what was excluded meanwhile is to be judged";
  EXPECT_FALSE(folder.seeds.any());
}

TEST(FormerSeeds, AreSeedsAgainInTheRunInWhichThatIsSeen) {
  Folder folder = hops();
  folder.rows["http://a/"] = {.is_page = true};
  folder.begin();
  folder.seeds.note_redirect(print("http://b/"));
  EXPECT_FALSE(folder.has("http://b/"));
  EXPECT_TRUE(folder.has("http://c/"));
}

TEST(FormerSeeds, AreNotThoseThatAnotherSeedRedirectsTo) {
  Folder folder = hops();
  folder.rows["http://a/"] = {.is_page = true};
  folder.rows["http://other/"] = {.redirect_to = "http://b/"};
  folder.named.emplace_back("http://other/");
  folder.begin();
  EXPECT_FALSE(folder.seeds.any());
}

// Of a chain only the first to lead there is known.
TEST(FormerSeeds, AreNotThoseThatASeedRedirectedToBeforeItFailed) {
  Folder folder = hops();
  folder.rows["http://other/"] = {.redirect_to = "http://b/"};
  folder.named.emplace_back("http://other/");
  folder.begin();
  folder.named = {"http://other/"};
  folder.rows["http://other/"] = {};
  for (int run = 0; run < 3; ++run) {
    folder.begin();
    EXPECT_FALSE(folder.has("http://b/"));
    EXPECT_FALSE(folder.has("http://c/"));
  }
  folder.rows["http://other/"].is_page = true;
  folder.begin();
  EXPECT_TRUE(folder.has("http://b/"));
  folder.rows["http://other/"] = {};
  folder.begin();
  EXPECT_TRUE(folder.has("http://b/"));
}

TEST(FormerSeeds, AreNotThoseThatTheNextOneRedirectedToBeforeItFailed) {
  Folder folder;
  folder.named = {"http://a/", "http://other/"};
  folder.rows = {{"http://a/", {.is_page = true}}, {"http://other/", {.redirect_to = "http://a/"}}};
  folder.begin();
  folder.named = {"http://other/"};
  folder.rows["http://other/"] = {};
  folder.begin();
  EXPECT_FALSE(folder.has("http://a/"));
}

// It was asked for while it was no seed, and failed.
TEST(FormerSeeds, KeepWhereOneRedirectedThatFailedWhileItWasNone) {
  Folder folder = hops();
  folder.named = {"http://a/", "http://other/"};
  folder.rows["http://other/"] = {.is_page = true};
  folder.begin();
  folder.named = {"http://other/"};
  folder.rows["http://a/"] = {};
  folder.begin();
  ASSERT_TRUE(folder.has("http://b/"));
  folder.named = {"http://a/", "http://other/"};
  EXPECT_TRUE(folder.begin());
  EXPECT_FALSE(folder.has("http://b/"));
  EXPECT_FALSE(folder.has("http://c/"));
}

// There is nothing else that redirects, nor is any seed former, in the runs in between.
TEST(FormerSeeds, KeepWhereASeedRedirectedOverManyRuns) {
  Folder folder;
  folder.named = {"http://a/", "http://other/"};
  folder.rows = {{"http://a/", {.is_page = true}}, {"http://other/", {.redirect_to = "http://a/"}}};
  folder.begin();
  folder.rows["http://other/"] = {};
  for (int run = 0; run < 3; ++run) folder.begin();
  folder.named = {"http://other/"};
  folder.begin();
  EXPECT_FALSE(folder.has("http://a/"));
}

TEST(FormerSeeds, AreNotThoseBehindASeedThatTakesTheFirstOnesPlace) {
  Folder folder = hops();
  folder.begin();
  folder.named = {"http://b/"};
  folder.begin();
  EXPECT_TRUE(folder.has("http://a/"));
  EXPECT_FALSE(folder.has("http://b/"));
  EXPECT_FALSE(folder.has("http://c/"));
  folder.named = {"http://new/"};
  folder.begin();
  EXPECT_TRUE(folder.has("http://c/"));
}

TEST(FormerSeeds, AreHopsThatAPatternExcludesAndWhatIsBehindThem) {
  Folder folder = hops();
  folder.rows["http://b/"].excluded = true;
  folder.begin();
  EXPECT_TRUE(folder.has("http://c/"));
  EXPECT_TRUE(folder.has("http://b/"));
  folder.named.emplace_back("http://b/");
  EXPECT_TRUE(folder.begin());
  EXPECT_FALSE(folder.has("http://c/")) << "a seed is asked no patterns";
}

TEST(FormerSeeds, AreThoseOfASeedThatRedirectsToAnotherHost) {
  Folder folder = hops();
  folder.rows["http://b/"].redirect_to = "http://elsewhere/";
  folder.begin();
  EXPECT_TRUE(folder.has("http://c/"));
  folder.rows["http://b/"].redirect_to = "http://c/elsewhere";
  folder.begin();
  EXPECT_TRUE(folder.has("http://c/")) << "which is within the scope now as any link";
  folder.rows["http://b/"].redirect_to = "https://c/?once=1";
  folder.begin();
  EXPECT_FALSE(folder.has("http://c/")) << "another form of it, perhaps";
}

TEST(FormerSeeds, AreNotThoseWhoseHopIsNotThere) {
  Folder folder = hops();
  folder.rows.erase("http://b/");
  folder.begin();
  EXPECT_FALSE(folder.has("http://c/"));
}

TEST(FormerSeeds, AreNotWhatASitemapListed) {
  Folder folder;
  folder.named = {"http://a/"};
  folder.rows = {{"http://a/", {.is_page = true}},
                 {"http://a/x", {.is_page = true, .sitemap = 0}},
                 {"http://cdn/x", {.chain = {"http://a/x"}, .is_page = true, .sitemap = 0}}};
  folder.begin();
  EXPECT_FALSE(folder.seeds.any());
}

// The row of before the rules of [urls] changed has its answer of before.
TEST(FormerSeeds, GoByTheFormThatASeedHasNow) {
  Folder folder;
  folder.named = {"http://a/"};
  folder.spellings = {{"http://a/?x", "http://a/"}};
  folder.rows = {{"http://a/?x", {.redirect_to = "http://b/"}},
                 {"http://a/", {.is_page = true}},
                 {"http://b/", {.chain = {"http://a/?x"}, .is_page = true}}};
  folder.begin();
  EXPECT_TRUE(folder.has("http://b/"));
}

TEST(FormerSeeds, StaySeedsWhenSomebodyElseAsksForThem) {
  Folder folder = hops();
  folder.rows["http://a/"] = {.is_page = true};
  folder.begin();
  EXPECT_FALSE(folder.seeds.take_back(print("http://other/")));
  EXPECT_TRUE(folder.seeds.take_back(print("http://b/")));
  EXPECT_FALSE(folder.seeds.take_back(print("http://b/")));
  folder.meta = folder.seeds.texts();
  folder.begin();
  EXPECT_FALSE(folder.has("http://b/"));
  EXPECT_FALSE(folder.has("http://c/")) << "it redirects there";
}

TEST(FormerSeeds, OfVeryManyRedirectsNoneIsTakenToBeOver) {
  FormerSeeds seeds;
  seeds.named().begin({print("http://a/")}, false);
  const KnownSeed page{.url = "http://a/", .is_page = true};
  std::vector<std::string> urls;
  for (std::size_t i = 0; i < FormerSeeds::targets_max + 2; ++i)
    urls.push_back("http://b/" + std::to_string(i));
  for (const auto& url : urls)
    seeds.note_target({.url = url, .redirect_chain = {print("http://a/")}});
  seeds.note_hop(page, {});
  for (const auto& url : urls)
    seeds.note_hop({.url = url, .redirect_chain = {print("http://a/")}}, {});
  seeds.settle();
  EXPECT_FALSE(seeds.any());
}

}  // namespace
}  // namespace trawl::crawl
