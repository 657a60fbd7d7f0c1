#include "core/crawl/job/rules_digest.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>

namespace trawl::crawl {
namespace {

using Limit = std::optional<std::uint64_t>;

SiteSpec site_with(const std::string& match, Limit bytes) {
  return {.match = {match, "www." + match},
          .values = {{.apply = [bytes](JobSpec& job) { job.fetch.max_body_bytes = bytes; }}}};
}

std::string limits(Limit bytes, std::vector<SiteSpec> sites = {}) {
  JobSpec job;
  job.fetch.max_body_bytes = bytes;
  job.sites = std::move(sites);
  return body_limits(job);
}

TEST(BodyLimits, AreLinesOfTheJobsAndOfEachSites) {
  EXPECT_EQ(limits(1024, {site_with("a", 5), site_with("b", {})}),
            "1024\n5 a\n5 www.a\n- b\n- www.b\n");
}

TEST(BodyLimits, AreHigherWhereAnyIs) {
  EXPECT_TRUE(has_higher_limit(limits(10), limits(11)));
  EXPECT_TRUE(has_higher_limit(limits(10), limits({})));
  EXPECT_FALSE(has_higher_limit(limits(10), limits(10)));
  EXPECT_FALSE(has_higher_limit(limits(10), limits(9)));
  EXPECT_FALSE(has_higher_limit(limits({}), limits(9)));
  EXPECT_TRUE(has_higher_limit(limits(10), limits(5, {site_with("a", 11)})));
  EXPECT_TRUE(has_higher_limit(limits(10, {site_with("a", 5)}), limits(10, {site_with("a", 6)})));
  EXPECT_FALSE(has_higher_limit(limits(10, {site_with("a", 5)}), limits(10, {site_with("a", 5)})));
}

TEST(BodyLimits, OfASiteThatIsNamedNoMoreAreTheJobs) {
  EXPECT_TRUE(has_higher_limit(limits(10, {site_with("a", 5)}), limits(10)));
  EXPECT_FALSE(has_higher_limit(limits(10, {site_with("a", 50)}), limits(10)));
  EXPECT_FALSE(has_higher_limit(limits(10), limits(10, {site_with("a", 5)})));
}

TEST(BodyLimits, ThatNobodyWroteAreNotCompared) {
  for (const char* text : {"", "x\n", "12x\n", "5 a\n", "99999999999999999999\n"}) {
    EXPECT_FALSE(has_higher_limit(text, limits(10))) << text;
    EXPECT_FALSE(has_higher_limit(limits(10), text)) << text;
  }
}

}  // namespace
}  // namespace trawl::crawl
