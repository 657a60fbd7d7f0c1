#include "core/crawl/scope/link_times.hpp"

#include <gtest/gtest.h>

namespace trawl::crawl {
namespace {

constexpr Wall at(std::int64_t ms) {
  return Wall{Millis{ms}};
}

TEST(LinkTimes, AListCoversItsTimeUntilACrawlBegins) {
  LinkTimes times;
  EXPECT_FALSE(times.covers(at(5)));
  times.open(at(10));
  EXPECT_FALSE(times.covers(at(9)));
  EXPECT_TRUE(times.covers(at(10)));
  EXPECT_TRUE(times.covers(at(1'000'000)));
  times.open(at(15));  // another list
  times.close(at(20));
  EXPECT_TRUE(times.covers(at(12)));
  EXPECT_FALSE(times.covers(at(20)));
  times.close(at(30));
  EXPECT_FALSE(times.covers(at(25)));
}

TEST(LinkTimes, OtherRulesCoverAllThatWas) {
  LinkTimes times;
  times.open(at(10));
  times.close(at(20));
  times.all_until(at(30));
  EXPECT_TRUE(times.covers(at(0)));
  EXPECT_TRUE(times.covers(at(29)));
  EXPECT_FALSE(times.covers(at(30)));
}

TEST(LinkRules, AreOtherOnesWhereLinksHaveAnotherForm) {
  const std::string usual = link_rules({});
  const auto with = [](auto change) {
    JobSpec job;
    change(job);
    return link_rules(job);
  };
  EXPECT_FALSE(has_other_link_rules(usual, link_rules({})));
  for (const std::string& changed : {with([](JobSpec& job) { job.urls.strip_params = {"a", "b"}; }),
                                     with([](JobSpec& job) { job.urls.strip_params = {"ab"}; }),
                                     with([](JobSpec& job) { job.urls.strip_path_params = {}; }),
                                     with([](JobSpec& job) { job.urls.sort_query = true; }),
                                     with([](JobSpec& job) { job.urls.max_length = 100; }),
                                     with([](JobSpec& job) { job.robots.meta = false; })})
    EXPECT_TRUE(has_other_link_rules(usual, changed)) << changed;
  EXPECT_NE(with([](JobSpec& job) { job.urls.strip_params = {"a", "b"}; }),
            with([](JobSpec& job) { job.urls.strip_params = {"ab"}; }));
  const auto errors = with([](JobSpec& job) { job.scope.follow_errors = true; });
  EXPECT_TRUE(has_other_link_rules(usual, errors));
  EXPECT_FALSE(has_other_link_rules(errors, errors));
  EXPECT_FALSE(has_other_link_rules(errors, usual)) << "none that weren't followed";
  EXPECT_TRUE(has_other_link_rules(errors, with([](JobSpec& job) { job.urls.sort_query = true; })));
  // What was excluded may have been shown by a page.
  const auto any = with([](JobSpec& job) { job.scope.requisites = RequisiteScope::any; });
  const auto without = with([](JobSpec& job) { job.scope.exclude = {"*/x"}; });
  const auto any_without = with([](JobSpec& job) {
    job.scope.requisites = RequisiteScope::any;
    job.scope.exclude = {"*/x"};
  });
  EXPECT_FALSE(has_other_link_rules(without, usual));
  EXPECT_TRUE(has_other_link_rules(any_without, any));
  EXPECT_FALSE(has_other_link_rules(any, any_without)) << "there is nothing to find";
  const auto of_site = with([](JobSpec& job) {
    job.scope.requisites = RequisiteScope::any;
    job.sites = {{.match = {"cdn"}, .values = {{"scope.exclude", [](JobSpec& there) {
                                                  there.scope.exclude = {"*/x"};
                                                }}}}};
  });
  EXPECT_TRUE(has_other_link_rules(of_site, any));
  // As an earlier trawl wrote them.
  EXPECT_FALSE(has_other_link_rules("requisites=0 meta=true", usual));
}

TEST(LinkTimes, TheirTextIsReadBack) {
  LinkTimes times;
  EXPECT_EQ(times.text(), "");
  times.open(at(10));
  times.close(at(20));
  times.open(at(30));
  EXPECT_EQ(times.text(), "10-20 30-");
  EXPECT_EQ(LinkTimes::parse(times.text()).text(), "10-20 30-");
  EXPECT_EQ(LinkTimes::parse("").text(), "");
  for (const char* damaged : {"x", "-", "5", "9-3", "-4-", "1-2x", "  "})
    EXPECT_EQ(LinkTimes::parse(damaged).text(), "") << damaged;
}

TEST(LinkTimes, TooManyListsCoverMoreThanTheyTook) {
  LinkTimes times;
  for (int i = 0; i < 1000; ++i) {
    times.open(at(100 * i));
    times.close(at(100 * i + 10));
  }
  EXPECT_LT(times.text().size(), 1000U);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(times.covers(at(100 * i + 5))) << i;
  EXPECT_FALSE(times.covers(at(50)));
  EXPECT_FALSE(times.covers(at(100'000)));
}

// A clock that was set back.
TEST(LinkTimes, AnEndBeforeItsBeginningIsNoTime) {
  LinkTimes times;
  times.open(at(10));
  times.close(at(5));
  EXPECT_FALSE(times.covers(at(7)));
  EXPECT_EQ(LinkTimes::parse(times.text()).text(), "10-10");
}

}  // namespace
}  // namespace trawl::crawl
