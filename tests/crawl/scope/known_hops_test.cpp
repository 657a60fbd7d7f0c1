#include "core/crawl/scope/known_hops.hpp"

#include "core/web/digest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::crawl {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::uint64_t print(std::string_view url) {
  return web::fingerprint(url);
}

std::vector<std::uint64_t> prints(const std::vector<std::string>& urls) {
  std::vector<std::uint64_t> all;
  for (const std::string& url : urls) all.push_back(print(url));
  return all;
}

// Seeds and hops; what they redirect to is known, and a link unless it is one of them.
struct Folder {
  struct Row {
    std::string redirect_to;
    std::vector<std::string> chain;
    bool is_dropped = false;
    bool left_out = false;
    bool may_lead = true;
  };
  std::map<std::string, Row> rows;
  PrintSet skipped;

  SeedRoles roles(std::size_t max = 100) const {
    KnownHops hops{skipped};
    each([&](const KnownSeed& seed, const Row& row) {
      if (!row.redirect_to.empty()) hops.note_redirect(seed, print(row.redirect_to));
    });
    each([&](const KnownSeed& seed, const Row& row) {
      hops.note_row(seed, row.chain.empty() && !row.is_dropped);
    });
    hops.begin_offers();
    each([&](const KnownSeed& seed, const Row& row) {
      if (!row.redirect_to.empty() && row.may_lead) hops.offer(seed, print(row.redirect_to));
    });
    return hops.take(max);
  }
  std::vector<std::uint64_t> chain(std::string_view url) const {
    const SeedRoles all = roles();
    const auto found = all.find(print(url));
    return found == all.end() ? std::vector<std::uint64_t>{} : found->second.redirect_chain;
  }

 private:
  template <class Visit>
  void each(const Visit& visit) const {
    std::int64_t seq = 0;
    for (const auto& [url, row] : rows)
      visit(KnownSeed{.id = {1, ++seq},
                      .url = url,
                      .redirect_to = row.redirect_to,
                      .redirect_chain = prints(row.chain),
                      .left_out = row.left_out},
            row);
  }
};

TEST(KnownHops, AreLinksThatASeedRedirectsTo) {
  const Folder folder{.rows = {{"a", {.redirect_to = "link"}}}};
  const SeedRoles roles = folder.roles();
  ASSERT_EQ(roles.size(), 1U);
  EXPECT_THAT(roles.at(print("link")).redirect_chain, ElementsAre(print("a")));
  EXPECT_EQ(roles.at(print("link")).via, (UrlId{1, 1}));
}

TEST(KnownHops, AreNotSeedsNorHopsByTheWayThatTheyHave) {
  const Folder folder{.rows = {{"a", {.redirect_to = "b"}},
                               {"b", {.redirect_to = "c", .chain = {"a"}}},
                               {"c", {.redirect_to = "a", .chain = {"a", "b"}}},
                               {"d", {.redirect_to = "b"}}}};
  EXPECT_THAT(folder.roles(), IsEmpty());
}

TEST(KnownHops, AreSeedsThatTheJobNamesNoMore) {
  const Folder folder{.rows = {{"a", {.redirect_to = "b"}}, {"b", {.is_dropped = true}}}};
  EXPECT_THAT(folder.chain("b"), ElementsAre(print("a")));
}

// One hop in each round: what is behind it has another way then.
TEST(KnownHops, GetTheWayThatLeadsThereNow) {
  Folder folder{.rows = {{"a", {.redirect_to = "c"}},
                         {"b", {.chain = {"a"}}},
                         {"c", {.redirect_to = "d", .chain = {"a", "b"}}},
                         {"d", {.chain = {"a", "b", "c"}}}}};
  EXPECT_THAT(folder.chain("c"), ElementsAre(print("a")));
  EXPECT_THAT(folder.chain("d"), IsEmpty());
  folder.rows["c"].chain = {"a"};
  EXPECT_THAT(folder.chain("d"), ElementsAre(print("a"), print("c")));
  folder.rows["d"].chain = {"a", "c"};
  EXPECT_THAT(folder.roles(), IsEmpty());
}

TEST(KnownHops, GetTheShortestWay) {
  Folder folder{.rows = {{"a", {.redirect_to = "b"}},
                         {"b", {.redirect_to = "c", .chain = {"a"}}},
                         {"c", {.chain = {"a", "b"}}},
                         {"z", {.redirect_to = "c"}}}};
  EXPECT_THAT(folder.chain("c"), ElementsAre(print("z")));
  folder.rows["z"].may_lead = false;
  EXPECT_THAT(folder.roles(), IsEmpty()) << "that way is not gone, and the other one it has";
}

TEST(KnownHops, GetNoWayOverThemselves) {
  const Folder folder{.rows = {{"a", {}},
                               {"b", {.redirect_to = "c", .chain = {"a", "c"}}},
                               {"c", {.redirect_to = "b", .chain = {"a"}}}}};
  EXPECT_THAT(folder.roles(), IsEmpty()) << "a doesn't redirect any more";
}

// Whom no seed leads to any more, but who lead to each other.
TEST(KnownHops, GetNoWayFromWhereNobodyLeads) {
  const Folder folder{.rows = {{"a", {}},
                               {"b", {.redirect_to = "c", .chain = {"a"}}},
                               {"c", {.redirect_to = "d", .chain = {"x"}}},
                               {"d", {.redirect_to = "b", .chain = {"y"}}},
                               {"x", {}},
                               {"y", {}}}};
  EXPECT_THAT(folder.roles(), IsEmpty());
}

TEST(KnownHops, AreThoseThatTheScopeHasLeftOut) {
  Folder folder{.rows = {{"a", {.redirect_to = "b"}}, {"b", {.chain = {"a"}, .left_out = true}}}};
  EXPECT_THAT(folder.chain("b"), ElementsAre(print("a")));
  folder.rows["a"].may_lead = false;
  EXPECT_THAT(folder.roles(), IsEmpty());
}

TEST(KnownHops, AreAsManyAsAreAskedForAndNoneThatIsSkipped) {
  Folder folder{.rows = {{"a", {.redirect_to = "1"}}, {"b", {.redirect_to = "2"}}}};
  EXPECT_EQ(folder.roles(1).size(), 1U);
  folder.rows["1"] = folder.rows["2"] = {.chain = {"gone"}};
  EXPECT_EQ(folder.roles(1).size(), 2U) << "with another chain alone";
  folder.skipped = {print("1"), print("2")};
  EXPECT_THAT(folder.roles(), IsEmpty());
}

}  // namespace
}  // namespace trawl::crawl
