// What one job file of 1 MiB may ask for.
#include "config/warnings.hpp"
#include "core/base/limits.hpp"
#include "tests/config/support.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace trawl::config {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

constexpr std::string_view large = "'re:\\pL{1,30}',";

}  // namespace

TEST(JobBounds, AContentTypeIsNoLongerThanStandardsAllow) {
  const std::string longest(255, 'x'), longer(256, 'x');
  EXPECT_TRUE(load(fmt::format("fetch.types = ['{}']", longest)));
  EXPECT_THAT(message(load(fmt::format("fetch.types = ['{}']", longer))),
              HasSubstr("key fetch.types[0]: expected a content type of at most 255 bytes"));
  EXPECT_THAT(message(load(fmt::format("output.types = ['{}']", std::string(500'000, '*')))),
              HasSubstr("key output.types[0]: expected a content type of at most 255 bytes"));
}

TEST(JobBounds, AListOfContentTypesHasAnEnd) {
  EXPECT_TRUE(load(fmt::format("output.types = [{}]", repeated("'pdf',", 1000))));
  EXPECT_THAT(
      message(load(fmt::format("output.types = [{}]", repeated("'pdf',", 1001)))),
      HasSubstr("docs.toml:2:16: key output.types: expected a list of at most 1000 strings, "
                "found one of 1001"));
}

// Of all pairs of 1,000 of these it would take minutes to say whether they meet.
TEST(JobBounds, TypesThatAreTooMuchToCompareAreNotWarnedOf) {
  const std::string received = "'" + repeated("a*", 100) + "b/x',";
  const std::string kept = "'" + repeated("a*", 100) + "c/y',";
  const auto job = load(fmt::format("fetch.types = [{}]\noutput.types = [{}]",
                                    repeated(received, 1000), repeated(kept, 1000)));
  ASSERT_TRUE(job) << message(job);
  EXPECT_THAT(warnings_of(*job), IsEmpty());
}

TEST(JobBounds, AllListsOfPatternsOfAJobHaveOneBoundTogether) {
  const auto some = [](int count) { return repeated("'*a',", count); };
  EXPECT_TRUE(load(fmt::format("scope.include = [{}]", some(10'000))));
  const std::string lists = fmt::format(
      "scope.include = [{0}]\nscope.exclude = [{0}]\n[[site]]\nmatch = 'a.example'\n"
      "exclude = [{0}]\nscope.include = [{0}]\n[[priority]]\npriority = 1\n",
      some(2'000));
  EXPECT_TRUE(load(lists + fmt::format("match = [{}]", some(2'000))));
  EXPECT_THAT(
      messages(load(lists + fmt::format("match = [{}]", some(2'001)))),
      ElementsAre(HasSubstr("docs.toml:10:10010: key priority[0].match[2000]: *a is one more "
                            "than the 10000 patterns that there may be together")));
}

TEST(JobBounds, TheProgramsOfPatternsHaveABoundWhicheverSitesTheyAreOf) {
  std::string sites;
  for (int i = 0; i < 1000; ++i)
    sites += fmt::format("[[site]]\nmatch = 'h{}.example'\nscope.exclude = [{}]\n", i,
                         repeated(large, 40));
  EXPECT_THAT(messages(load(sites)),
              ElementsAre(AllOf(HasSubstr("key site["), HasSubstr("].scope.exclude["),
                                HasSubstr("re:\\pL{1,30} are too large together"))));
}

TEST(JobBounds, WhatIsReadBehindAPatternTooManyIsNothing) {
  const auto read = messages(
      load(fmt::format("scope.include = [{}]\n[fetch]\nconcurrency = 'x'", repeated(large, 1000))));
  EXPECT_THAT(read, ElementsAre(HasSubstr("key scope.include[")));
}

// Each may cost as much time as one that is taken.
TEST(JobBounds, PatternsThatAreNoneHaveABoundAsWell) {
  const auto read =
      messages(load(fmt::format("scope.exclude = [{}]", repeated("'re:(\\pL{999})',", 50'000))));
  EXPECT_THAT(read, ElementsAre(AllOf(HasSubstr("key scope.exclude[25]: \"re:(\\pL{999})\" is not"),
                                      HasSubstr("so many others are wrong or large"))));
  EXPECT_THAT(messages(load(fmt::format("scope.exclude = [{}]", repeated("'re:(',", 20)))),
              testing::SizeIs(20));
}

TEST(JobBounds, PatternsOfLaterLayersAreCountedToo) {
  const std::string file = fmt::format("scope.include = [{}]", repeated("'*a',", 6'000));
  const Override option{.key = "scope.exclude",
                        .value = fmt::format("[{}]", repeated("'*b',", 6'000)),
                        .source = "--set"};
  EXPECT_THAT(messages(load(file, {.environment = {}, .options = {option}})),
              ElementsAre(HasSubstr("--set: key scope.exclude[4000]: *b is one more")));
}

TEST(JobBounds, PatternsThatAreSetAnewCountInThePlaceOfTheFormerOnes) {
  const std::string file = fmt::format("scope.exclude = [{}]", repeated("'*a',", 6'000));
  const Override option{.key = "scope.exclude",
                        .value = fmt::format("[{}]", repeated("'*b',", 6'001)),
                        .source = "--set"};
  const auto loaded = load(file, {.environment = {}, .options = {option, option}});
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->spec.scope.exclude.size(), 6'001U);
}

TEST(JobBounds, TablesOfHeadersAndFieldsHaveAnEnd) {
  const auto table = [](int count) {
    std::string entries;
    for (int i = 0; i < count; ++i) entries += fmt::format("x{} = 'v'\n", i);
    return entries;
  };
  EXPECT_TRUE(load("[fetch.headers]\n" + table(1000)));
  EXPECT_THAT(message(load("[fetch.headers]\n" + table(1001))),
              HasSubstr("is one more than the 1000 headers that there may be"));
  EXPECT_THAT(message(load("[output.warcinfo]\n" + table(1001))),
              HasSubstr("is one more than the 1000 fields that there may be"));
  EXPECT_THAT(message(load("[[site]]\nmatch = 'a.example'\n[site.fetch.headers]\n" + table(1001))),
              HasSubstr("key site[0].fetch.headers: has 1001 entries, more than 1000"));
}

TEST(JobBounds, AHeaderThatIsSetAnewIsNotOneMore) {
  std::string entries;
  for (int i = 0; i < 1000; ++i) entries += fmt::format("x{} = 'v'\n", i);
  const Override option{.key = "fetch.headers.X7", .value = "w", .source = "--set"};
  const auto job = load("[fetch.headers]\n" + entries, {.environment = {}, .options = {option}});
  ASSERT_TRUE(job) << message(job);
  EXPECT_EQ(job->spec.fetch.headers.size(), 1000U);
  EXPECT_EQ(job->spec.fetch.headers.back(), (std::pair<std::string, std::string>{"X7", "w"}));
}

}  // namespace trawl::config
