#include "core/crawl/job/priorities.hpp"

#include <gtest/gtest.h>

namespace trawl::crawl {
namespace {

Priorities priorities(std::vector<PriorityRule> rules, bool listed_counts = true) {
  JobSpec job;
  job.priorities = std::move(rules);
  job.seeds.sitemap_priority = listed_counts;
  return Priorities::create(job).value();
}

}  // namespace

TEST(Priorities, OfSeveralRulesThatMatchTheLastDecides) {
  const Priorities rules = priorities({{.match = {"https://a.example/*"}, .priority = 2},
                                       {.match = {"*.pdf", "re:/draft/"}, .priority = -4}});
  EXPECT_EQ(rules.of("https://a.example/", 3), 2);
  EXPECT_EQ(rules.of("https://a.example/x.pdf", 3), -4);
  EXPECT_EQ(rules.of("https://b.example/draft/1", 0), -4);
  EXPECT_EQ(rules.of("https://b.example/", 0), 0);
  EXPECT_EQ(rules.rule_of("https://a.example/x.pdf", 3), 1U);
  EXPECT_FALSE(rules.rule_of("https://b.example/", 0));
}

TEST(Priorities, ARuleMayHoldDownToADepth) {
  const Priorities rules = priorities(
      {{.match = {}, .max_depth = 2, .priority = 1}, {.match = {}, .max_depth = 1, .priority = 3}});
  EXPECT_EQ(rules.of("http://a/", 0), 3);
  EXPECT_EQ(rules.of("http://a/", 1), 3);
  EXPECT_EQ(rules.of("http://a/", 2), 1);
  EXPECT_EQ(rules.of("http://a/", 3), 0);
}

TEST(Priorities, ASitemapsWordCountsWhereNoRuleDoes) {
  const std::vector<PriorityRule> rules{{.match = {"*/news/*"}, .priority = 0}};
  const Priorities heard = priorities(rules);
  EXPECT_EQ(heard.of("http://a/", 0, 1.0), 5);
  EXPECT_EQ(heard.of("http://a/", 0, 0.7), 2);
  EXPECT_EQ(heard.of("http://a/", 0, 0.5), 0);
  EXPECT_EQ(heard.of("http://a/", 0, 0.0), -5);
  EXPECT_EQ(heard.of("http://a/", 0), 0);
  EXPECT_EQ(heard.of("http://a/news/1", 0, 1.0), 0);
  EXPECT_EQ(priorities(rules, false).of("http://a/", 0, 1.0), 0);
}

TEST(Priorities, AnInvalidPatternIsAnError) {
  JobSpec job;
  job.priorities = {{.match = {"re:("}, .priority = 1}};
  EXPECT_EQ(Priorities::create(job).error().code, Errc::config);
}

TEST(Priorities, AllRulesHaveOneBoundOfPatternsTogether) {
  JobSpec job;
  job.priorities.assign(10, {.match = std::vector<std::string>(1'000, "*a"), .priority = 1});
  EXPECT_TRUE(Priorities::create(job));
  job.priorities.push_back({.match = {"*b"}, .priority = 1});
  EXPECT_EQ(Priorities::create(job).error().detail,
            "*b is one more than the 10000 patterns that there may be together");
  job.priorities.assign(10,
                        {.match = std::vector<std::string>(10, "re:\\pL{1,30}"), .priority = 1});
  EXPECT_EQ(Priorities::create(job).error().code, Errc::config);
}

}  // namespace trawl::crawl
