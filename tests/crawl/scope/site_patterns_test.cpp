// Many sites, and patterns that are dear to compile.
#include "core/crawl/scope/admission.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace trawl::crawl {
namespace {

std::string rule(const Admission& admission, const std::string& url) {
  const auto found = admission.found(*web::Url::parse(url), 1, {});
  return found ? found->excluded_detail : "no URL";
}

SiteSpec site(std::string match, void (*apply)(JobSpec& job)) {
  return {.match = {std::move(match)}, .values = {{.key = "", .apply = apply}}};
}

}  // namespace

TEST(SitePatterns, AreTheJobsWhereASiteHasNoneOfItsOwn) {
  JobSpec job;
  job.scope = {.mode = ScopeMode::any, .include = {"*/docs/*"}, .exclude = {"*/private/*"}};
  job.sites.push_back(site("a.*", [](JobSpec& at) { at.politeness.delay = Millis{5'000}; }));
  job.sites.push_back(site("*.b", [](JobSpec& at) { at.scope.exclude = {"*.pdf"}; }));
  job.sites.push_back(site("*.c", [](JobSpec& at) { at.scope.include.clear(); }));
  const auto admission = Admission::create(job, Wall{}).value();
  EXPECT_EQ(rule(*admission, "http://a.x/docs/private/"), "exclude */private/*");
  EXPECT_EQ(rule(*admission, "http://a.x/"), "include");
  EXPECT_EQ(rule(*admission, "http://a.b/docs/private/"), "");
  EXPECT_EQ(rule(*admission, "http://a.b/docs/x.pdf"), "exclude *.pdf");
  EXPECT_EQ(rule(*admission, "http://a.b/"), "include");
  EXPECT_EQ(rule(*admission, "http://a.c/"), "");
  EXPECT_EQ(rule(*admission, "http://a.c/private/"), "exclude */private/*");
}

// They take a third of a second. If it were for each combination of sites, it would be a minute.
TEST(SitePatterns, AreCompiledOnceForAllCombinationsOfSites) {
  JobSpec job;
  job.scope = {.mode = ScopeMode::any, .exclude = std::vector<std::string>(25, "re:\\pL{1,30}!")};
  for (int i = 0; i < 200; ++i)
    job.sites.push_back(site(fmt::format("h{}.example", i),
                             [](JobSpec& at) { at.politeness.delay = Millis{5'000}; }));
  const auto admission = Admission::create(job, Wall{}).value();
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 200; ++i)
    EXPECT_EQ(rule(*admission, fmt::format("http://h{}.example/", i)), "");
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds{20});
}

}  // namespace trawl::crawl
