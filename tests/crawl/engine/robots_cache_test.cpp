#include "core/crawl/engine/robots_cache.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace trawl::crawl {
namespace {

using namespace std::chrono_literals;

const Mono start{};
const Mono later = start + 1h;

RobotsCache::Rules rules(const std::string& text) {
  return std::make_shared<const web::Robots>(web::Robots::parse(text, "trawl"));
}

std::string rule_of(const RobotsCache::Rules& found, const std::string& path) {
  return found ? found->check(path).rule : "not known";
}

TEST(RobotsCache, GivesTheRulesOfAnOriginUntilTheirTimeIsOver) {
  RobotsCache cache{1 << 20};
  cache.keep(1, rules("User-agent: *\nDisallow: /a\n"), later);
  EXPECT_EQ(rule_of(cache.find(1, start), "/a"), "Disallow: /a");
  EXPECT_EQ(cache.find(2, start), nullptr);
  EXPECT_EQ(cache.find(1, later), nullptr);
}

TEST(RobotsCache, ReplacesTheRulesOfAnOrigin) {
  RobotsCache cache{1 << 20};
  cache.keep(1, rules("User-agent: *\nDisallow: /a\n"), later);
  const auto before = cache.memory_bytes();
  cache.keep(1, rules("User-agent: *\nDisallow: /b\n"), later);
  EXPECT_EQ(rule_of(cache.find(1, start), "/b"), "Disallow: /b");
  EXPECT_EQ(cache.memory_bytes(), before);
  EXPECT_EQ(cache.size(), 1U);
}

TEST(RobotsCache, StaysWithinItsBoundAndKeepsWhatIsAskedFor) {
  constexpr std::size_t bytes_max = 64 * 1024;
  RobotsCache cache{bytes_max};
  const std::uint64_t favourite = 1'000'000;
  cache.keep(favourite, rules("User-agent: *\nDisallow: /favourite\n"), later);
  for (std::uint64_t origin = 0; origin < 10'000; ++origin) {
    cache.keep(origin, rules(fmt::format("User-agent: *\nDisallow: /{}\n", origin)), later);
    ASSERT_LE(cache.memory_bytes(), bytes_max);
    ASSERT_EQ(rule_of(cache.find(favourite, start), "/favourite"), "Disallow: /favourite");
  }
  EXPECT_EQ(rule_of(cache.find(9'999, start), "/9999"), "Disallow: /9999");
  EXPECT_EQ(cache.find(0, start), nullptr);
}

TEST(RobotsCache, GivesBackWhatIsOverASmallerBound) {
  RobotsCache cache{64 * 1024};
  for (std::uint64_t origin = 0; origin < 1'000; ++origin)
    cache.keep(origin, rules(fmt::format("User-agent: *\nDisallow: /{}\n", origin)), later);
  const std::size_t full = cache.memory_bytes();
  cache.set_bytes_max(full);
  EXPECT_EQ(cache.memory_bytes(), full);
  cache.set_bytes_max(full / 4);
  EXPECT_LE(cache.memory_bytes(), full / 4);
  cache.keep(7, rules("User-agent: *\nDisallow: /7\n"), later);
  EXPECT_EQ(rule_of(cache.find(7, start), "/7"), "Disallow: /7");
}

TEST(RobotsCache, GivesUpOnRulesThatAreLargerThanItself) {
  RobotsCache cache{4 * 1024};
  std::string text = "User-agent: *\n";
  for (int i = 0; i < 1'000; ++i) text += fmt::format("Disallow: /{}\n", i);
  cache.keep(1, rules(text), later);
  EXPECT_EQ(cache.find(1, start), nullptr);
  EXPECT_EQ(cache.memory_bytes(), 0U);
}

// Most hosts of a wide crawl have no rules, or a handful.
TEST(RobotsCache, HoldsTensOfThousandsOfHostsInAFewMebibytes) {
  RobotsCache cache{64 << 20};
  const auto few = rules(
      "User-agent: *\nDisallow: /wp-admin/\nAllow: /wp-admin/admin-ajax.php\nDisallow: /search\n");
  for (std::uint64_t origin = 0; origin < 50'000; ++origin)
    cache.keep(origin, origin % 2 == 0 ? rules("") : few, later);
  EXPECT_EQ(cache.size(), 50'000U);
  EXPECT_LT(cache.memory_bytes(), std::size_t{10} << 20);
}

}  // namespace
}  // namespace trawl::crawl
