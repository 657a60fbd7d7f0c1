#include "core/crawl/pages/recrawl.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <utility>

namespace trawl::crawl {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using Found = Check::Found;

const Wall start{Millis{1'769'904'000'000}};  // 2026-02-01T00:00:00Z
const RecrawlInterval adaptive{hours{1}, days{30}};

// Fetches a page whenever it is due; found(now) says what is there then.
template <class F>
PageHistory follow(const Recrawl& recrawl, Wall until, F found) {
  PageHistory page = recrawl.after({}, {.at = start});
  while (*page.next_due < until)
    page = recrawl.after(page, {.at = *page.next_due, .found = found(*page.next_due)});
  return page;
}

// A page that changes every `period`: it has when the last look was in another period.
struct Ticking {
  Millis period;
  std::int64_t last = 0;
  Found operator()(Wall now) {
    const auto tick = (now - start) / period;
    return std::exchange(last, tick) == tick ? Found::unchanged : Found::page;
  }
};

TEST(Recrawl, AFixedIntervalIsTheSameWhateverComes) {
  const Recrawl recrawl{RecrawlInterval{days{7}, days{7}}};
  std::optional<PageHistory> page;
  Wall now = start;
  for (const Found found : {Found::page, Found::unchanged, Found::page, Found::nothing}) {
    page = recrawl.after(page, {.at = now, .found = found, .fresh_for = Millis{days{300}}});
    EXPECT_EQ(*page->next_due, now + days{7});
    now = *page->next_due;
  }
  EXPECT_EQ(page->fetches, 3U);
  EXPECT_EQ(page->changes, 1U);
  EXPECT_EQ(page->first_seen, start);
  EXPECT_EQ(page->last_changed, start + days{14});
  EXPECT_EQ(page->last_checked, start + days{21});
}

TEST(Recrawl, WithoutAnIntervalOnlyTheHistoryIsKept) {
  const Recrawl recrawl{std::nullopt};
  const auto first = recrawl.after({}, {.at = start});
  const auto second = recrawl.after(first, {.at = start + days{1}, .found = Found::unchanged});
  EXPECT_EQ(second.fetches, 2U);
  EXPECT_EQ(second.unchanged_in_a_row, 1U);
  EXPECT_FALSE(second.next_due);
}

TEST(Recrawl, APageThatNeverChangesIsAskedForEverMoreRarely) {
  const Recrawl recrawl{adaptive};
  const auto page = follow(recrawl, start + days{365}, [](Wall) { return Found::unchanged; });
  EXPECT_EQ(page.interval, Millis{days{30}});
  EXPECT_LT(page.fetches, 25U);
  EXPECT_EQ(page.changes, 0U);
}

TEST(Recrawl, APageThatAlwaysChangesIsAskedForAsOftenAsAllowed) {
  const auto page = follow(Recrawl{adaptive}, start + days{10}, [](Wall) { return Found::page; });
  EXPECT_EQ(page.interval, Millis{hours{1}});
  EXPECT_EQ(page.fetches, 240U);
}

TEST(Recrawl, TheIntervalFollowsThePagesOwn) {
  for (const Millis period : {Millis{hours{6}}, Millis{days{2}}, Millis{days{10}}}) {
    const auto page = follow(Recrawl{adaptive}, start + days{300}, Ticking{period});
    EXPECT_GE(page.interval, period / 4) << period.count();
    EXPECT_LE(page.interval, period * 4) << period.count();
    // It misses few changes and asks seldom for nothing.
    const auto changes_of_page = Millis{days{300}} / period;
    EXPECT_GE(page.changes, static_cast<std::uint64_t>(changes_of_page) / 3);
    EXPECT_LE(page.fetches, static_cast<std::uint64_t>(changes_of_page) * 4 + 20);
  }
}

TEST(Recrawl, APageIsLeftAloneWhileItsServerSaysThatItIsFresh) {
  const Recrawl recrawl{adaptive};
  EXPECT_EQ(*recrawl.after({}, {.at = start, .fresh_for = Millis{days{2}}}).next_due,
            start + days{2});
  EXPECT_EQ(*recrawl.after({}, {.at = start, .fresh_for = Millis{days{900}}}).next_due,
            start + days{30});
  EXPECT_EQ(*recrawl.after({}, {.at = start, .fresh_for = Millis{0}}).next_due, start + hours{1});
}

TEST(Recrawl, AnOldPageIsExpectedToLast) {
  const Recrawl recrawl{adaptive};
  const auto due = [&](Wall modified) {
    return *recrawl.after({}, {.at = start, .modified = modified}).next_due;
  };
  EXPECT_EQ(due(start - days{20}), start + days{2});
  EXPECT_EQ(due(start - days{4000}), start + days{30});
  EXPECT_EQ(due(start - minutes{5}), start + hours{1});
  EXPECT_EQ(due(start + days{5}), start + hours{1});  // a clock is wrong
}

TEST(Recrawl, APageThatIsGoneIsNoticedAndAskedForMoreRarely) {
  const Recrawl recrawl{RecrawlInterval{days{1}, days{1}}};
  auto page = recrawl.after({}, {.at = start});
  page = recrawl.after(page, {.at = start + days{1}, .found = Found::gone});
  EXPECT_EQ(page.gone_since, start + days{1});
  EXPECT_EQ(page.changes, 1U);
  EXPECT_EQ(*page.next_due, start + days{3});
  for (int i = 0; i < 10; ++i)
    page = recrawl.after(page, {.at = *page.next_due, .found = Found::gone});
  EXPECT_EQ(page.gone_since, start + days{1});
  EXPECT_EQ(page.interval, Millis{days{8}});
  page = recrawl.after(page, {.at = *page.next_due, .found = Found::page});
  EXPECT_FALSE(page.gone_since);
  EXPECT_EQ(page.interval, Millis{days{1}});
  EXPECT_EQ(page.changes, 2U);
}

TEST(Recrawl, AFetchWithoutAnAnswerTellsNothingOfThePage) {
  const Recrawl recrawl{adaptive};
  auto page = recrawl.after({}, {.at = start});
  page = recrawl.after(page, {.at = start + hours{1}, .found = Found::unchanged});
  const auto after = recrawl.after(page, {.at = start + hours{3}, .found = Found::nothing});
  EXPECT_EQ(after.fetches, page.fetches);
  EXPECT_EQ(after.interval, page.interval);
  EXPECT_EQ(after.unchanged_in_a_row, 1U);
  EXPECT_EQ(*after.next_due, start + hours{5});
  // Also when there never was one.
  EXPECT_EQ(*recrawl.after({}, {.at = start, .found = Found::nothing}).next_due, start + hours{1});
}

// RFC 9111, 5.2.2 and 5.3.
TEST(Freshness, IsWhatTheAnswerSays) {
  const auto of = [](const http::Headers& headers) { return freshness_of(headers, start); };
  EXPECT_EQ(of({}), std::nullopt);
  EXPECT_EQ(of({{"Cache-Control", "public, MAX-AGE=60"}}), Millis{60'000});
  EXPECT_EQ(of({{"Cache-Control", "max-age=\"60\""}}), Millis{60'000});
  EXPECT_EQ(of({{"Cache-Control", "public"}, {"cache-control", "max-age=7"}}), Millis{7'000});
  EXPECT_EQ(of({{"Cache-Control", "max-age=60, no-cache"}}), std::nullopt);
  EXPECT_EQ(of({{"Cache-Control", "no-store"}}), std::nullopt);
  EXPECT_EQ(of({{"Cache-Control", "max-age=-1"}}), std::nullopt);
  EXPECT_EQ(of({{"Cache-Control", "max-age=99999999999999999999"}}), Millis{hours{24 * 36'500}});
  // By the server's own clock.
  EXPECT_EQ(
      of({{"Date", "Sun, 06 Nov 1994 08:49:37 GMT"}, {"Expires", "Sun, 06 Nov 1994 08:50:37 GMT"}}),
      Millis{60'000});
  EXPECT_EQ(of({{"Expires", "Thu, 01 Jan 1970 00:00:00 GMT"}}), Millis{0});
  EXPECT_EQ(of({{"Expires", "0"}}), std::nullopt);
  EXPECT_EQ(of({{"Cache-Control", "max-age=5"}, {"Expires", "Sun, 06 Nov 2094 08:50:37 GMT"}}),
            Millis{5'000});
}

}  // namespace
}  // namespace trawl::crawl
