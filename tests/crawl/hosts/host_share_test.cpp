// What jobs with different delays and places get of one host, in virtual time.
#include "core/crawl/hosts/politeness_buckets.hpp"
#include "virtual_time.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace trawl::crawl {
namespace {

// The time of a refusal; 0: granted, -1: until something is freed.
std::int64_t ask(PolitenessBuckets& buckets, PolitenessBuckets::Member& member,
                 const BucketKeys& keys, const BucketLimits& limits, std::int64_t now) {
  const auto refusal = buckets.acquire(member, keys, limits, at_ms(now));
  if (!refusal) return 0;
  if (refusal->until == PolitenessBuckets::when_freed) return -1;
  return std::chrono::duration_cast<Millis>(refusal->until - Mono{}).count();
}

// Jobs that always have a page for one host and ask as frontiers do: at the time that they were
// told, or when they are woken if they were told none. What each got, and the least rest before any
// of its fetches.
struct Job {
  BucketLimits limits;
  std::int64_t answer_ms = 50;       // and 5 more for each that is in flight beside it
  bool is_paused = false;            // after it has asked once
  bool begins_with_endless = false;  // a long download
  int fetches = 0;
  std::int64_t rest = 1'000'000;
};

void crawl_together(std::vector<Job>& jobs, std::int64_t end) {
  PolitenessBuckets buckets;
  const auto keys = bucket_keys("a.test");
  struct Side {
    std::unique_ptr<PolitenessBuckets::Member> member;
    std::vector<std::int64_t> ends{};
    std::int64_t ask_at = 0;  // -1: when it is woken
  };
  std::vector<Side> sides(jobs.size());
  for (Side& side : sides)
    side.member = std::make_unique<PolitenessBuckets::Member>(buckets, [&side] {
      if (side.ask_at < 0) side.ask_at = 0;
    });
  std::int64_t last_end = -1'000'000;
  for (std::int64_t now = 0; now < end; now += 5) {
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      auto& [limits, answer_ms, is_paused, begins_with_endless, fetches, rest] = jobs[i];
      auto& [member, ends, ask_at] = sides[i];
      if (is_paused && now > 0) continue;
      if (std::erase(ends, now) > 0) {
        last_end = now;
        buckets.release(keys, limits, at_ms(now), at_ms(now + limits.delay.count()));
      }
      if (ask_at < 0 || now < ask_at) continue;
      member->take_freed();
      while ((ask_at = ask(buckets, *member, keys, limits, now)) == 0) {
        ++fetches;
        rest = std::min(rest, now - last_end);
        const bool endless = std::exchange(begins_with_endless, false);
        ends.push_back(endless ? end
                               : now + answer_ms + 5 * static_cast<std::int64_t>(ends.size()));
      }
    }
  }
}

}  // namespace

TEST(HostShare, OneWithALongerDelayHasItsTurnsToo) {
  std::vector<Job> jobs{{{.delay = Millis{300}}}, {{.delay = Millis{1000}}}};
  crawl_together(jobs, 60'000);
  EXPECT_GE(jobs[0].rest, 300);
  EXPECT_GE(jobs[1].rest, 1000);
  // Each three times slower than alone: one in rests of 300 ms, and the other's wait holds for
  // both.
  EXPECT_GE(jobs[1].fetches, 19);
  EXPECT_LE(jobs[1].fetches, 24);
  EXPECT_GE(jobs[0].fetches, 57);
  // Equal ones go turn by turn, also beside a third one.
  jobs = {{{.delay = Millis{300}}}, {{.delay = Millis{300}}}, {{.delay = Millis{3000}}}};
  crawl_together(jobs, 60'000);
  EXPECT_GE(jobs[2].rest, 3000);
  EXPECT_GE(jobs[2].fetches, 6);
  EXPECT_GE(jobs[0].fetches, 25);
  EXPECT_NEAR(jobs[0].fetches, jobs[1].fetches, 8);
}

TEST(HostShare, OneWithFewerFetchesAtOnceHasItsTurnsToo) {
  std::vector<Job> jobs{{{.per_host = 4}}, {{.per_host = 1}}};
  crawl_together(jobs, 10'000);
  EXPECT_GE(jobs[1].fetches, 50);
  EXPECT_GE(jobs[0].fetches, 80);
  // Its answers overlap, so that the host is never left alone by itself.
  jobs = {{{.delay = Millis{100}, .per_host = 4}, 350}, {{.delay = Millis{1000}}}};
  crawl_together(jobs, 60'000);
  EXPECT_GE(jobs[1].rest, 1000);
  EXPECT_GE(jobs[1].fetches, 10);
  EXPECT_GE(jobs[0].fetches, 100);
}

TEST(HostShare, EqualOnesWithoutADelayGetTogetherWhatOneGetsAlone) {
  for (const int per_host : {1, 4}) {
    const Job one{.limits = {.per_host = per_host}};
    std::vector<Job> jobs{one};
    crawl_together(jobs, 60'000);
    const int alone = jobs[0].fetches;
    jobs = {one, one};
    crawl_together(jobs, 60'000);
    EXPECT_GE(jobs[0].fetches + jobs[1].fetches, alone * 95 / 100) << per_host;
    EXPECT_GE(jobs[1].fetches, alone / 4) << per_host;
  }
}

TEST(HostShare, NobodyWaitsForLongForWhatIsInFlightAnyway) {
  const Job busy{.limits = {.per_host = 4}, .answer_ms = 300, .begins_with_endless = true};
  std::vector<Job> jobs{busy};
  crawl_together(jobs, 600'000);
  const int alone = jobs[0].fetches;
  // However many wait for the end of it, and whenever each began.
  for (const int waiting : {1, 5}) {
    jobs = {busy};
    for (int i = 0; i < waiting; ++i)
      jobs.push_back({{.delay = Millis{1000 + 2000 * i}, .per_host = 1}});
    crawl_together(jobs, 600'000);
    EXPECT_EQ(jobs[1].fetches, 0);
    EXPECT_GE(jobs[0].fetches, alone * 85 / 100) << waiting;
  }
}

TEST(HostShare, OneThatIsPausedInTheLineHoldsNobodyUp) {
  for (const Millis delay : {Millis{0}, Millis{100}}) {
    const Job busy{.limits = {.delay = delay, .per_host = 4}, .answer_ms = 300};
    std::vector<Job> jobs{busy};
    crawl_together(jobs, 60'000);
    const int alone = jobs[0].fetches;
    jobs = {busy, {.limits = {.per_host = 1}, .is_paused = true}};
    crawl_together(jobs, 60'000);
    EXPECT_GE(jobs[0].fetches, alone * 95 / 100) << delay.count();
  }
}

}  // namespace trawl::crawl
