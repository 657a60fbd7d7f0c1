// [[priority]]: what it reads, what it refuses and where, what it prints.
#include "config/priorities.hpp"

#include "tests/config/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trawl::config {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* two_rules = R"(
[[priority]]
match = "https://a.example/news/*"
priority = 5

[[priority]]
match = ["*.pdf", "re:/archive/"]
max_depth = 3
priority = -10
)";

}  // namespace

TEST(PriorityRules, AreReadInTheirOrder) {
  const auto job = load(two_rules);
  ASSERT_TRUE(job) << message(job);
  const auto& rules = job->spec.priorities;
  ASSERT_EQ(rules.size(), 2U);
  EXPECT_THAT(rules[0].match, ElementsAre("https://a.example/news/*"));
  EXPECT_FALSE(rules[0].max_depth);
  EXPECT_EQ(rules[0].priority, 5);
  EXPECT_THAT(rules[1].match, ElementsAre("*.pdf", "re:/archive/"));
  EXPECT_EQ(rules[1].max_depth, 3);
  EXPECT_EQ(rules[1].priority, -10);
}

TEST(PriorityRules, ArePrintedSoThatTheyCanBeLoadedAgain) {
  const auto job = load(two_rules);
  ASSERT_TRUE(job) << message(job);
  const std::string printed = print_job(*job);
  EXPECT_THAT(printed, HasSubstr("[[priority]]"));
  EXPECT_THAT(printed, HasSubstr("# docs.toml:9:13"));
  const auto again = load_job_text(printed, "again.toml", {});
  ASSERT_TRUE(again) << message(again);
  ASSERT_EQ(again->spec.priorities.size(), 2U);
  EXPECT_EQ(again->spec.priorities[1].match, job->spec.priorities[1].match);
  EXPECT_EQ(again->spec.priorities[1].max_depth, 3);
  EXPECT_EQ(again->spec.priorities[1].priority, -10);
}

TEST(PriorityRules, WhatIsWrongIsNamedAtItsPlace) {
  EXPECT_EQ(message(load("[[priority]]\nmatch = '*.pdf'\npriority = 11")),
            "docs.toml:4:12: key priority[0].priority: expected a whole number from -10 to 10, "
            "found 11 (integer)");
  EXPECT_THAT(message(load("[[priority]]\nmatch = '*.pdf'")),
              HasSubstr("docs.toml:2:1: key priority[0]: expected `priority`, a whole number"
                        " from -10"));
  EXPECT_THAT(message(load("[[priority]]\npriority = 1")),
              HasSubstr("docs.toml:2:1: key priority[0]: expected `match`, a glob on the URL"));
  EXPECT_THAT(message(load("[[priority]]\nmatch = ['*.pdf', 're:(']\npriority = 1")),
              HasSubstr("docs.toml:3:19: key priority[0].match[1]: expected a regular expression"));
  EXPECT_THAT(message(load("[[priority]]\nmatch = 're:('\npriority = 1")),
              HasSubstr("docs.toml:3:9: key priority[0].match: expected a regular expression"));
  EXPECT_THAT(message(load("[[priority]]\nmatch = []\npriority = 1")),
              HasSubstr("key priority[0].match: expected a glob on the URL"));
  EXPECT_THAT(message(load("[[priority]]\nmax_dept = 1\npriority = 1\nmatch = '*'")),
              AllOf(HasSubstr("docs.toml:3:1: key priority[0].max_dept: unknown key of a priority"),
                    HasSubstr("the nearest known key is max_depth")));
  EXPECT_THAT(message(load("priority = 3")),
              HasSubstr("key priority: expected tables, each one [[priority]], found 3 (integer)"));
  EXPECT_THAT(message(load_with({{.key = "priority.match", .value = "*"}})),
              HasSubstr("priorities are set in a job file alone, in [[priority]] tables"));
  std::string many;
  for (int i = 0; i < 101; ++i) many += "[[priority]]\nmax_depth = 1\npriority = 1\n";
  EXPECT_THAT(message(load(many)), HasSubstr("101 rules, more than 100"));
}

}  // namespace trawl::config
