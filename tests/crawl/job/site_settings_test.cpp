#include "core/crawl/job/site_settings.hpp"

#include <gtest/gtest.h>

namespace trawl::crawl {
namespace {

SiteSpec delayed(std::vector<std::string> match, Millis delay) {
  return {
      .match = std::move(match),
      .values = {{"politeness.delay", [delay](JobSpec& job) { job.politeness.delay = delay; }}}};
}

}  // namespace

TEST(SiteSettings, AGlobWithoutAPortIsForAllPortsOfAName) {
  EXPECT_TRUE(site_matches("example.org", "example.org"));
  EXPECT_TRUE(site_matches("example.org", "example.org:8080"));
  EXPECT_FALSE(site_matches("example.org", "www.example.org"));
  EXPECT_TRUE(site_matches("*.example.org", "a.b.example.org"));
  EXPECT_FALSE(site_matches("*.example.org", "example.org"));
  EXPECT_TRUE(site_matches("*", "[::1]:81"));
}

TEST(SiteSettings, AGlobWithAPortIsForThatPort) {
  EXPECT_TRUE(site_matches("example.org:8080", "example.org:8080"));
  EXPECT_FALSE(site_matches("example.org:8080", "example.org"));
  EXPECT_FALSE(site_matches("example.org:8080", "example.org:8081"));
  EXPECT_TRUE(site_matches("*:80*", "example.org:8081"));
  EXPECT_TRUE(site_matches("example.org:443", "example.org"));
  EXPECT_TRUE(site_matches("[::1]:81", "[::1]:81"));
  EXPECT_FALSE(site_matches("[::1]:81", "[::1]:82"));
  EXPECT_TRUE(site_matches("[::1]", "[::1]:82"));
}

TEST(SiteSettings, ANameWithADotAtItsEndIsTheOneWithout) {
  EXPECT_TRUE(site_matches("example.org", "example.org."));
  EXPECT_TRUE(site_matches("example.org", "example.org.:8080"));
  EXPECT_TRUE(site_matches("example.org:8080", "example.org.:8080"));
  EXPECT_TRUE(site_matches("example.org.", "example.org"));
  EXPECT_TRUE(site_matches("*.org", "example.org."));
  EXPECT_FALSE(site_matches("example.org", "example.org.uk"));
  JobSpec job;
  job.sites = {delayed({"b.example"}, Millis{5})};
  EXPECT_EQ(SiteSettings{job}.of("b.example.:81").politeness.delay, Millis{5});
}

TEST(SiteSettings, AHostWithoutASiteHasTheJobItself) {
  JobSpec job;
  const SiteSettings without{job};
  EXPECT_EQ(&without.of("a.example"), &job);
  job.sites = {delayed({"b.example"}, Millis{5})};
  const SiteSettings with{job};
  EXPECT_EQ(&with.of("a.example"), &job);
  EXPECT_EQ(with.of("b.example").politeness.delay, Millis{5});
}

TEST(SiteSettings, TheLaterOfTwoSitesHasTheWordKeyByKey) {
  JobSpec job;
  job.sites = {delayed({"*"}, Millis{1}), delayed({"a.*", "b.*"}, Millis{2})};
  job.sites[0].values.push_back({"fetch.attempts", [](JobSpec& j) { j.fetch.attempts = 7; }});
  const SiteSettings sites{job};
  EXPECT_EQ(sites.of("c.example").politeness.delay, Millis{1});
  EXPECT_EQ(sites.of("b.example").politeness.delay, Millis{2});
  EXPECT_EQ(sites.of("b.example").fetch.attempts, 7);
}

TEST(SiteSettings, HostsWithTheSameSitesShareTheirSettings) {
  JobSpec job;
  job.sites = {delayed({"*.example"}, Millis{1})};
  const SiteSettings sites{job};
  EXPECT_EQ(&sites.of("a.example"), &sites.of("b.example"));
}

}  // namespace trawl::crawl
