#pragma once
// What tests of seeds that change between runs share: one job, its folder, and what became of URLs.

#include "tests/crawl/engine/crawl_run.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace trawl::crawl {

inline std::string link(const std::string& url) {
  return fmt::format("<a href=\"{}\">x</a>", url);
}

struct SeedsRun : testing::Test {
  JobSpec job;
  test::MemoryStore store;

  void run(bool again = false) {
    CrawlRun run{job, store, again};
    EXPECT_EQ(run.wait().reason, StopReason::done);
  }
  UrlState state_of(const std::string& url) const { return store.record(url)->outcome.state; }
  std::string rule_of(const std::string& url) const {
    const Outcome outcome = store.record(url)->outcome;
    return outcome.error == Errc::scope ? outcome.error_detail : "";
  }
};

}  // namespace trawl::crawl
