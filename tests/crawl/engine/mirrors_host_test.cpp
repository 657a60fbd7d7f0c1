// Files with mirrors whose first host does not answer, is given up, or is not to be asked for long.
#include "core/base/clock.hpp"
#include "tests/crawl/engine/list_run.hpp"

#include <gtest/gtest.h>

#include <string>

namespace trawl::crawl {
namespace {

struct Files {
  LoopbackServer first, mirror;

  std::string lines(int count) const {
    std::string lines;
    for (int i = 0; i < count; ++i)
      lines +=
          fmt::format("{{\"urls\":[\"{}\",\"{}\"]}}\n", first.url(path(i)), mirror.url(path(i)));
    return lines;
  }
  static std::string path(int number) { return fmt::format("/f{}", number); }
};

struct FileJob : ListJob {
  FileJob(const Files& files, int count) : ListJob(files.lines(count)) {
    spec.politeness.per_host = 1;
  }
};

Reply later(std::string_view seconds) {
  return {.status = 503, .headers = {{"Retry-After", std::string{seconds}}}};
}

Millis time_of(const ListJob& job, MemoryStore& store) {
  const Mono begun = system_clock().now();
  CrawlRun run{job.spec, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  return std::chrono::ceil<Millis>(system_clock().now() - begun);
}

}  // namespace

TEST(MirrorsHost, RobotsThatNeverComeHoldUpNobody) {
  for (const bool of_first : {true, false}) {
    Files files;
    LoopbackServer& silent = of_first ? files.first : files.mirror;
    LoopbackServer& good = of_first ? files.mirror : files.first;
    silent.otherwise([](const SeenRequest&) { return support::never_answer(); });
    good.otherwise([](const SeenRequest&) { return Reply{.body = "it"}; });
    FileJob job{files, 10};
    job.spec.fetch.timeouts.total = std::chrono::seconds{30};
    MemoryStore store;
    EXPECT_LT(time_of(job, store), std::chrono::seconds{8});
    EXPECT_EQ(store.totals().fetched, 10u);
    EXPECT_LE(silent.count(), 1u);  // its robots.txt, which all of them wait for
  }
}

TEST(MirrorsHost, OneThatIsGivenUpLeavesTheRestToThem) {
  Files files;
  files.first.otherwise([](const SeenRequest&) { return support::reset_before_head(); });
  files.mirror.otherwise([](const SeenRequest&) { return Reply{.body = "it"}; });
  FileJob job{files, 30};
  job.spec.fetch.host_breaker = BreakerSpec{.failures = 2, .pause = Millis{300}};
  MemoryStore store;
  EXPECT_LT(time_of(job, store), std::chrono::seconds{8});
  EXPECT_EQ(store.totals().fetched, 30u);
  EXPECT_LT(files.first.count(), 20u);
}

TEST(MirrorsHost, OneThatAsksForAnHourIsNotWaitedFor) {
  Files files;
  files.first.on("/f0", later("3600"));
  files.mirror.otherwise(
      [](const SeenRequest&) { return Reply{.body = "it", .delay = Millis{20}}; });
  FileJob job{files, 10};
  job.spec.politeness.retry_after_max = std::chrono::hours{1};
  MemoryStore store;
  EXPECT_LT(time_of(job, store), std::chrono::seconds{8});
  EXPECT_EQ(store.totals().fetched, 10u);
  EXPECT_EQ(files.first.count(), 2u);  // robots.txt and /f0
}

// Nor is an attempt counted that could not ask the one that has it.
TEST(MirrorsHost, WhatMirrorsDoNotHaveWaitsForItsHost) {
  Files files;
  files.first.on("/f0", later("7"));
  files.first.on("/f1", Reply{.body = "only here"});
  files.mirror.on("/f0", Reply{.body = "it", .delay = Millis{50}});
  FileJob job{files, 2};
  job.spec.fetch.attempts = 1;
  job.spec.politeness.retry_after_max = std::chrono::seconds{60};
  MemoryStore store;
  EXPECT_GT(time_of(job, store), std::chrono::seconds{6});
  const auto record = store.record(files.first.url("/f1"));
  ASSERT_TRUE(record);
  EXPECT_EQ(record->outcome.state, UrlState::fetched);
  EXPECT_EQ(record->outcome.digest, digest_of("only here"));
  EXPECT_EQ(record->outcome.served_by, files.first.url("/f1"));
  EXPECT_EQ(record->outcome.attempts, 1);
}

// What one of them lacks, the first may have when it is there again.
TEST(MirrorsHost, AnErrorOfTheFirstIsTriedAgainWhateverAMirrorLacks) {
  Files files;
  std::size_t asked = 0;
  files.first.on("/f0", [&](const SeenRequest&) {
    return asked++ < 2 ? support::reset_before_head() : Reply{.body = "it"};
  });
  FileJob job{files, 1};
  MemoryStore store;
  CrawlRun run{job.spec, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  const auto record = store.record(files.first.url("/f0"));
  EXPECT_EQ(record->outcome.digest, digest_of("it"));
  EXPECT_EQ(record->outcome.attempts, 2);
}

// Which the next run has to keep to.
TEST(MirrorsHost, WhatTheFirstAsksForIsRememberedThoughAMirrorServed) {
  Files files;
  files.first.on("/f0", later("600"));
  files.mirror.on("/f0", Reply{.body = "it", .delay = Millis{50}});
  FileJob job{files, 1};
  job.spec.politeness.retry_after_max = std::chrono::hours{1};
  MemoryStore store;
  CrawlRun run{job.spec, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(store.record(files.first.url("/f0"))->outcome.digest, digest_of("it"));
  const auto host = store.hosts().at(0);
  EXPECT_GT(Wall{Millis{host.next_fetch_ms}}, system_clock().wall() + std::chrono::minutes{9});
  ASSERT_TRUE(host.health);
  EXPECT_EQ(host.health->overloads_in_a_row, 1);
}

// What a stop breaks off says nothing of who has the file.
TEST(MirrorsHost, AStopLeavesTheFileToTheNextRun) {
  for (const bool forbidden : {true, false}) {
    Files files;
    if (forbidden)
      files.first.on("/robots.txt", Reply{.body = "User-agent: *\nDisallow: /"});
    else
      files.first.on("/f0", Reply{.status = 404});
    files.mirror.on("/robots.txt", Reply{.status = 404});
    Reply half = file(pattern(3 << 20));
    half.cut = Cut::stall;
    half.cut_after = forbidden ? 2 << 20 : 0;
    files.mirror.on("/f0", half);
    FileJob job{files, 1};
    job.spec.grace = Millis{300};
    MemoryStore store;
    CrawlRun run{job.spec, store};
    ASSERT_TRUE(files.mirror.wait_for("/f0", 1));
    run.crawler().stop();
    EXPECT_EQ(run.wait().reason, StopReason::interrupted);
    EXPECT_EQ(store.totals().queued, 1u);
    EXPECT_EQ(store.parts().size(), forbidden ? 1u : 0u);
  }
}

TEST(MirrorsHost, WhereNobodyMayBeAskedTheBreakerIsTheReason) {
  Files files;
  files.first.otherwise([](const SeenRequest&) { return support::reset_before_head(); });
  files.mirror.on("/robots.txt", Reply{.body = "User-agent: *\nDisallow: /"});
  files.first.on("/robots.txt", Reply{.status = 404});
  FileJob job{files, 6};
  job.spec.fetch.attempts = 1;
  job.spec.fetch.host_breaker = BreakerSpec{.failures = 1, .pause = Millis{100}};
  MemoryStore store;
  time_of(job, store);
  EXPECT_EQ(store.totals().failed, 6u);
  std::size_t given_up = 0;
  for (int i = 0; i < 6; ++i)
    if (store.record(files.first.url(Files::path(i)))
            ->outcome.error_detail.contains("gave the host"))
      ++given_up;
  EXPECT_GT(given_up, 0u);
}

}  // namespace trawl::crawl
