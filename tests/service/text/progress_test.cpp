#include "service/text/progress.hpp"

#include <gmock/gmock.h>

namespace trawl::service {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const ProgressSnapshot busy{.pages_done = 1234,
                            .queued = 5678,
                            .in_flight = 12,
                            .errors = 3,
                            .pages_per_s = 42.04,
                            .bytes_per_s = 3'100'000,
                            .hosts_ready = 4,
                            .hosts_waiting = 1017,
                            .eta = Millis{130'000}};

// What is visible of a live line.
std::string visible(std::string line) {
  EXPECT_THAT(line, StartsWith("\r"));
  EXPECT_TRUE(line.ends_with("\x1b[K")) << line;
  return line.substr(1, line.size() - 4);
}

}  // namespace

TEST(Progress, APlainLineHasEverythingAndEndsIt) {
  EXPECT_EQ(render_progress(busy, {}),
            "1,234 pages, 5,678 queued, 12 in flight, 42.0 pages/s, 3.1 MB/s, 3 errors, "
            "hosts 4 ready 1,017 waiting, ETA 2 m 10 s\n");
}

TEST(Progress, WhenAllHostsWaitTheTimeToTheNextFetchIsShown) {
  EXPECT_EQ(render_progress({.pages_done = 1, .hosts_waiting = 1, .next_in = Millis{400}}, {}),
            "1 page, 0 queued, 0 in flight, 0.0 pages/s, 0 B/s, 0 errors, "
            "hosts 0 ready 1 waiting, next in 400 ms\n");
}

TEST(Progress, LargeBodiesShowHowFarTheyAre) {
  EXPECT_THAT(render_progress({.in_flight = 2,
                               .arrived_bytes = 82'000'000,
                               .expected_bytes = 200'000'000,
                               .bytes_per_s = 10'000'000},
                              {}),
              HasSubstr("2 in flight, 82.0 MB of 200.0 MB, 0.0 pages/s, 10.0 MB/s"));
  EXPECT_THAT(render_progress({.in_flight = 1, .arrived_bytes = 82'000'000}, {}),
              HasSubstr("1 in flight, 82.0 MB so far, "));
}

TEST(Progress, WhatIsExcludedIsNoPage) {
  EXPECT_TRUE(render_progress({.pages_done = 33, .excluded = 317}, {})
                  .ends_with("hosts 0 ready 0 waiting, 317 excluded\n"));
}

TEST(Progress, HostsThatBackOffAreCounted) {
  const auto line = render_progress({.hosts_waiting = 3, .hosts_backing_off = 2}, {});
  EXPECT_TRUE(line.ends_with("hosts 0 ready 3 waiting, 2 hosts backing off\n")) << line;
}

TEST(Progress, ALiveLineNeverFillsItsTerminal) {
  for (std::size_t columns = 12; columns < 200; ++columns) {
    const auto text = visible(render_progress(busy, {.live = true, .columns = columns}));
    EXPECT_LT(text.size(), columns);
    EXPECT_THAT(text, StartsWith("1,234 pages"));
  }
}

TEST(Progress, ANarrowTerminalLosesTheLeastImportantFirst) {
  EXPECT_EQ(visible(render_progress(busy, {.live = true, .columns = 80})),
            "1,234 pages, 5,678 queued, 42.0 pages/s, 3.1 MB/s, 3 errors, ETA 2 m 10 s");
  EXPECT_EQ(visible(render_progress(busy, {.live = true, .columns = 30})),
            "1,234 pages, 5,678 queued");
}

TEST(Progress, ANarrowLineStillTellsWhatTheLastHostsWaitFor) {
  EXPECT_EQ(visible(render_progress({.pages_done = 1'200'000,
                                     .queued = 4'000,
                                     .pages_per_s = 1.5,
                                     .bytes_per_s = 30'000,
                                     .hosts_ready = 3,
                                     .hosts_waiting = 41,
                                     .next_in = Millis{2000}},
                                    {.live = true, .columns = 90})),
            "1,200,000 pages, 4,000 queued, 0 errors, hosts 3 ready 41 waiting, next in 2.0 s");
}

TEST(Progress, RatesThatAreNoNumbersAreZero) {
  EXPECT_THAT(render_progress({.pages_per_s = 0.0 / 0.0, .bytes_per_s = -1}, {}),
              HasSubstr("0.0 pages/s, 0 B/s"));
}

TEST(Progress, OnlyErrorsAreColouredAndOnlyWhenThereAreAny) {
  const ProgressStyle style{.live = true, .colour = true, .columns = 200};
  EXPECT_THAT(render_progress(busy, style), HasSubstr("\x1b[31m3 errors\x1b[0m"));
  EXPECT_THAT(render_progress({}, style), Not(HasSubstr("\x1b[31m")));
}

TEST(ProgressStyle, FollowsTerminalAndNoColor) {
  EXPECT_TRUE(progress_style(true, 120, "xterm", nullptr).live);
  EXPECT_TRUE(progress_style(true, 120, "xterm", nullptr).colour);
  EXPECT_TRUE(progress_style(true, 120, "xterm", "").colour);
  EXPECT_FALSE(progress_style(true, 120, "xterm", "1").colour);
  EXPECT_TRUE(progress_style(true, 120, "xterm", "1").live);
  EXPECT_FALSE(progress_style(true, 120, "dumb", nullptr).live);
  EXPECT_FALSE(progress_style(true, 120, nullptr, nullptr).live);
  EXPECT_FALSE(progress_style(false, 120, "xterm", nullptr).live);
  EXPECT_FALSE(progress_style(false, 120, "xterm", nullptr).colour);
  EXPECT_EQ(progress_style(true, 0, "xterm", nullptr).columns, 80u);
  EXPECT_EQ(wipe_progress({.live = true}), "\r\x1b[K");
  EXPECT_EQ(wipe_progress({}), "");
}

TEST(Summary, SaysWhatCameOutAndWhereItIs) {
  EXPECT_EQ(
      render_summary({.elapsed = Millis{12'400},
                      .fetched = 1200,
                      .failed = 2,
                      .excluded = 1,
                      .bytes_wire = 1'400'000,
                      .fetched_now = 1200,
                      .statuses = {{"200", 1199}, {"404", 1}},
                      .errors = {{"robots", 1}, {"reset", 2}},
                      .hosts = {{"a.example", 1000, Millis{20}}, {"b.example", 200, Millis{90}}},
                      .output_dir = "out/docs"},
                     {}),
      "finished after 12.4 s\n"
      "  fetched          1,200   1,199 x 200, 1 x 404\n"
      "  failed               2\n"
      "  excluded             1\n"
      "  queued               0\n"
      "  1.4 MB received, 96.8 pages/s\n"
      "top errors\n"
      "  reset                            2\n"
      "  robots                           1\n"
      "slowest hosts\n"
      "       90 ms a fetch   b.example, 200 times\n"
      "       20 ms a fetch   a.example, 1,000 times\n"
      "results are in out/docs: trawl results out/docs, trawl cat out/docs URL\n");
}

TEST(Summary, AnUnfinishedRunSaysHowToGoOn) {
  const auto text = render_summary(
      {.end = RunEnd::limit_reached, .limit = "limits.pages = 9", .queued = 7}, {.colour = true});
  EXPECT_THAT(text, StartsWith("\x1b[1mstopped by limits.pages = 9\x1b[0m after "));
  EXPECT_THAT(text, HasSubstr("7   raise limits.pages and run again to continue\n"));
  EXPECT_THAT(render_summary({.end = RunEnd::interrupted}, {}), StartsWith("interrupted after"));
}

TEST(Summary, ListsAreCutAndOutsideNamesCannotReachTheTerminal) {
  RunSummary summary;
  for (int i = 0; i < 9; ++i)
    summary.errors.push_back({"code" + std::to_string(i), static_cast<std::uint64_t>(i)});
  summary.hosts = {{"evil\x1b[2J", 1, Millis{1}}};
  const auto text = render_summary(summary, {});
  EXPECT_THAT(text, HasSubstr("code4"));
  EXPECT_THAT(text, Not(HasSubstr("code3")));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(Summary, NumbersAreGrouped) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(12'345'678), "12,345,678");
}

}  // namespace trawl::service
