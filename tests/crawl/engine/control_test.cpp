// Limits that change while a run goes on, and what keeps it from ending.
#include "core/crawl/engine/control.hpp"

#include "core/crawl/job/live_settings.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace trawl::crawl {
namespace {

void fetch_pages(CrawlControl& control, int pages) {
  for (int i = 0; i < pages; ++i) {
    ASSERT_TRUE(control.begin_page());
    control.end_page(true, 100);
  }
}

TEST(CrawlControl, ALimitBelowWhatIsDoneStops) {
  CrawlControl control{LimitSpec{}};
  control.start_from(5, 0);
  fetch_pages(control, 5);
  control.change_limits({.pages = 11});
  EXPECT_FALSE(control.stopping());
  control.change_limits({.pages = 10});
  EXPECT_EQ(control.reason(), StopReason::limit);
  EXPECT_EQ(control.detail(), "limits.pages = 10");
}

TEST(CrawlControl, AHigherLimitLetsItGoOn) {
  CrawlControl control{LimitSpec{.pages = 2}};
  fetch_pages(control, 1);
  EXPECT_TRUE(control.begin_page());
  EXPECT_FALSE(control.begin_page());  // all are begun, none is stopped for
  EXPECT_FALSE(control.stopping());
  control.change_limits({.pages = 4});
  control.end_page(true, 0);
  EXPECT_FALSE(control.stopping());
  fetch_pages(control, 2);
  EXPECT_EQ(control.reason(), StopReason::limit);
}

TEST(CrawlControl, WhatRoundsBeforeFetchedIsNotCounted) {
  CrawlControl control{LimitSpec{.pages = 3, .bytes = 1000}};
  control.leave_out(5, 5000);
  control.start_from(6, 5100);
  fetch_pages(control, 1);
  EXPECT_FALSE(control.stopping());
  fetch_pages(control, 1);
  EXPECT_EQ(control.detail(), "limits.pages = 3");
}

TEST(CrawlControl, FewerUrlsThanAreLeftOutAreNone) {
  CrawlControl control{LimitSpec{.pages = 2}};
  control.leave_out(5, 0);
  control.start_from(1, 0);  // the others were queued again
  fetch_pages(control, 1);
  EXPECT_FALSE(control.stopping());
}

TEST(CrawlControl, BytesAreJudgedAgainToo) {
  CrawlControl control{LimitSpec{}};
  fetch_pages(control, 3);
  control.change_limits({.bytes = 301});
  EXPECT_FALSE(control.stopping());
  control.change_limits({.bytes = 300});
  EXPECT_EQ(control.detail(), "limits.bytes = 300B");
}

TEST(CrawlControl, AnEmptyQueueIsNoEndWhileSomethingMayBringUrls) {
  CrawlControl control{LimitSpec{}};
  control.on_queue_empty();
  EXPECT_FALSE(control.stopping());  // the seeds
  {
    const UrlSource pushed{control.shared_sources()};
    EXPECT_TRUE(pushed);
    control.sources().close();
    control.on_queue_empty();
    EXPECT_FALSE(control.stopping());
  }
  control.on_queue_empty();
  EXPECT_EQ(control.reason(), StopReason::done);
  EXPECT_FALSE(UrlSource{control.shared_sources()});
}

TEST(CrawlControl, WhoComesBeforeTheEndIsSeenAndWhoComesAfterItIsToldSo) {
  for (int i = 0; i < 200; ++i) {
    CrawlControl control{LimitSpec{}};
    control.sources().close();
    std::atomic<bool> open_at_end = false;
    std::jthread ending{[&] { control.on_queue_empty(); }};
    {
      const UrlSource source{control.shared_sources()};
      if (source) open_at_end = control.stopping();
    }
    ending.join();
    EXPECT_FALSE(open_at_end);
  }
}

TEST(LiveSettings, AreTheValuesOfTheirKeysAndNoOthers) {
  JobSpec job;
  job.politeness.delay = Millis{7};
  job.scope.exclude = {"*x*"};
  JobSpec other;
  other.name = "other";
  apply(live_settings(job), other);
  EXPECT_EQ(other.politeness.delay, Millis{7});
  EXPECT_EQ(other.scope.exclude, job.scope.exclude);
  EXPECT_EQ(other.name, "other");
  EXPECT_TRUE(may_change_live("politeness.delay"));
  EXPECT_TRUE(may_change_live("limits.pages"));
  EXPECT_TRUE(may_change_live("limits.bandwidth"));
  EXPECT_FALSE(may_change_live("scope.mode"));
  EXPECT_FALSE(may_change_live("politeness"));
}

}  // namespace
}  // namespace trawl::crawl
