// Calls that fail: no room, broken devices, interrupted and half done calls, slow ones.
#include "core/base/result.hpp"
#include "tests/fault/fault_run.hpp"

#include <fmt/format.h>

#include <thread>
#include <vector>

namespace trawl::fault {
namespace {

using crawl::UrlState;
using testing::HasSubstr;
using testing::Not;

std::size_t times(const std::string& text, std::string_view part) {
  std::size_t number = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++number;
  return number;
}

class Disk : public testing::Test {
 protected:
  Finished run(const DiskFault& fault = {}, const Arguments& more = {}) {
    const auto out = dir_ / "out";
    return support::run(with_fault(trawl(site_.crawl(out, more)), out, fault));
  }

  // What the site has, in a folder of its own.
  Records whole() {
    const auto end = run_trawl(site_.crawl(dir_ / "whole"));
    EXPECT_EQ(end.exit_code, 0) << end.err;
    return read_records(dir_ / "whole");
  }

  void expect_whole() {
    expect_same(read_records(dir_ / "out"), whole());
    expect_sound(dir_ / "out");
  }

  void expect_went_on(const Finished& end, std::string_view said) {
    EXPECT_EQ(end.exit_code, 0) << end.err;
    EXPECT_EQ(times(end.err, said), 1U) << end.err;
    expect_whole();
  }

  void expect_ended_resumable(const Finished& end, std::string_view said) {
    EXPECT_EQ(end.exit_code, 4) << end.err;
    EXPECT_THAT(end.err, HasSubstr(said));
    const auto before = expect_committed_whole(dir_ / "out", dir_ / "copy");
    const auto rest = run();
    EXPECT_EQ(rest.exit_code, 0) << rest.err;
    expect_kept(before, read_records(dir_ / "out"));
    expect_whole();
  }

  SmallSite site_;
  TempDir dir_;
};

// docs/faults.md row 59.
TEST_F(Disk, FullWhileARecordIsAppendedPausesUntilThereIsRoom) {
  const auto end = run({.kind = "ENOSPC", .at = 5, .times = 3, .match = "warc/", .ops = "wc"});
  expect_went_on(end, "paused: disk_full: can't ");
  EXPECT_THAT(end.err, HasSubstr("there is room again; going on"));
}

// docs/faults.md row 59, for the bodies on their way: they are fetched again.
TEST_F(Disk, FullWhileALargeBodyArrivesPutsItsUrlBack) {
  const auto end =
      run({.kind = "ENOSPC", .at = 1, .times = 1, .match = "out/tmp/body", .ops = "wc"});
  expect_went_on(end, "paused: disk_full: can't ");
  EXPECT_EQ(site_.server().count("/large1") + site_.server().count("/large2"), 5U);  // and whole()
}

// docs/faults.md row 59, where each body is a file.
TEST_F(Disk, FullWhileABodysFileIsWrittenPausesUntilThereIsRoom) {
  const Arguments files{"--set", "output.bodies=files"};
  const auto end =
      run({.kind = "ENOSPC", .at = 3, .times = 2, .match = "out/tmp/", .ops = "wc"}, files);
  EXPECT_EQ(end.exit_code, 0) << end.err;
  EXPECT_EQ(times(end.err, "paused: disk_full"), 1U) << end.err;
  EXPECT_EQ(expect_sound(dir_ / "out"), 17U);
}

// docs/faults.md row 59: some file systems say so when a part is made durable, and not before.
TEST_F(Disk, FullWhileAPartIsSavedPutsItsUrlBack) {
  LoopbackServer server;
  server.on("/f", Reply{.headers = {{"ETag", "\"v1\""}},
                        .body = std::string(4 << 20, 'x'),
                        .content_type = "application/octet-stream",
                        .drip_bytes = 256 << 10,
                        .drip_every = Millis{170}});
  const auto out = dir_ / "out";
  const auto end = support::run(
      with_fault(trawl(Arguments{"fetch", server.url("/f")} + loopback(out, {"--bodies", "files"})),
                 out, {.kind = "ENOSPC", .at = 1, .match = "out/tmp/part", .ops = "s"}));
  EXPECT_EQ(end.exit_code, 0) << end.err;
  EXPECT_EQ(times(end.err, "paused: disk_full"), 1U) << end.err;
  EXPECT_EQ(server.count("/f"), 2U);
  EXPECT_EQ(read_records(out).at(server.url("/f")).outcome.bytes_body, 4U << 20);
}

// docs/faults.md row 60.
TEST_F(Disk, FullWhileTheDatabaseCommitsPausesUntilThereIsRoom) {
  const auto end = run({.kind = "ENOSPC", .at = 80, .times = 2, .match = "-wal", .ops = "w"});
  expect_went_on(end, "paused: disk_full: ");
}

// docs/faults.md row 60: what can't be moved out of the log stays in it.
TEST_F(Disk, FullAtACheckpointLosesNothing) {
  const auto end = run({.kind = "ENOSPC", .at = 8, .times = 0, .match = "crawl.db$", .ops = "w"});
  EXPECT_EQ(end.exit_code, 0) << end.err;
  EXPECT_TRUE(std::filesystem::exists(dir_ / "out/crawl.db-wal"));
  expect_whole();
}

// docs/faults.md row 62.
TEST_F(Disk, AFailedSyncOfTheArchiveCostsItsFileAndNoRecord) {
  const auto end = run({.kind = "EIO", .at = 3, .match = ".warc", .ops = "s"});
  expect_went_on(end, "; writing it again");
}

// docs/faults.md row 62.
TEST_F(Disk, AFailedWriteToTheArchiveCostsItsFileAndNoRecord) {
  const auto end = run({.kind = "EIO", .at = 4, .match = ".warc", .ops = "w"});
  expect_went_on(end, "; writing it again");
}

// docs/faults.md row 62.
TEST_F(Disk, AnArchiveThatCannotBeSyncedAtAllEndsTheJob) {
  const auto end = run({.kind = "EIO", .at = 4, .times = 0, .match = ".warc", .ops = "s"});
  expect_ended_resumable(end, "can't make durable");
}

// docs/faults.md row 62: once is enough, since what SQLite says afterwards can't be believed.
TEST_F(Disk, ADatabaseThatCannotBeSyncedEndsTheJob) {
  const auto end = run({.kind = "EIO", .at = 6, .match = "-wal", .ops = "s"});
  expect_ended_resumable(end, "check the disk and run again");
}

// docs/faults.md row 62.
TEST_F(Disk, ADatabaseThatCannotBeWrittenEndsTheJob) {
  const auto end = run({.kind = "EIO", .at = 50, .match = "-wal", .ops = "w"});
  expect_ended_resumable(end, "check the disk and run again");
}

// docs/faults.md row 63.
TEST_F(Disk, WritesThatAreHalfDoneAreCompleted) {
  const auto end = run({.kind = "short", .at = 1, .times = 0, .ops = "w"});
  EXPECT_EQ(end.exit_code, 0) << end.err;
  expect_whole();
}

// docs/faults.md rows 59, 62 and 63, where a record is written in pieces and a call ends within
// one.
TEST_F(Disk, RecordsThatNothingCompressesSurviveThemToo) {
  const std::vector<DiskFault> faults{
      {.kind = "short", .at = 1, .times = 0, .ops = "w"},
      {.kind = "EINTR", .at = 2, .times = 5, .match = ".warc", .ops = "w"},
      {.kind = "ENOSPC", .at = 5, .times = 3, .match = ".warc", .ops = "w"},
      {.kind = "EIO", .at = 4, .match = ".warc", .ops = "w"},
      {.kind = "EIO", .at = 3, .match = ".warc", .ops = "s"}};
  for (const DiskFault& fault : faults) {
    SCOPED_TRACE(fault.kind + " " + fault.ops);
    std::filesystem::remove_all(dir_ / "out");
    const auto end = run(fault, {"--set", "output.warc_compress=none"});
    EXPECT_EQ(end.exit_code, 0) << end.err;
    expect_whole();
  }
}

TEST_F(Disk, ARecordThatNothingCompressesIsCutOffWhenHalfOfItWasWritten) {
  const Arguments plain{"--set", "output.warc_compress=none"};
  for (const long at : {2, 5, 9}) {
    SCOPED_TRACE(at);
    std::filesystem::remove_all(dir_ / "out");
    std::filesystem::remove_all(dir_ / "copy");
    const auto killed = run({.kind = "torn", .at = at, .match = ".warc", .ops = "w"}, plain);
    EXPECT_NE(killed.exit_code, 0);
    const auto before = expect_committed_whole(dir_ / "out", dir_ / "copy");
    const auto rest = run({}, plain);
    EXPECT_EQ(rest.exit_code, 0) << rest.err;
    expect_kept(before, read_records(dir_ / "out"));
    expect_whole();
  }
}

// docs/faults.md row 63.
TEST_F(Disk, InterruptedCallsAreRepeated) {
  for (const long at : {2, 30, 100, 200, 300}) {
    SCOPED_TRACE(at);
    std::filesystem::remove_all(dir_ / "out");
    const auto end = run({.kind = "EINTR", .at = at, .times = 3, .ops = "wt"});
    EXPECT_EQ(end.exit_code, 0) << end.err;
    EXPECT_THAT(end.err, Not(HasSubstr("writing it again")));
    expect_whole();
  }
}

// docs/faults.md row 78.
TEST_F(Disk, ASlowDiskSlowsTheFetchesInsteadOfFillingMemory) {
  LoopbackServer server;
  std::vector<std::string> links;
  for (int i = 0; i < 60; ++i) {
    links.push_back(fmt::format("/q{}", i));
    server.on(links.back(), Reply{.body = page("q", {})});
  }
  server.on("/", Reply{.body = page("home", links)});
  const auto out = dir_ / "out";
  Subprocess run{
      with_fault(trawl(Arguments{"crawl", server.url()} +
                       loopback(out, {"--concurrency", "8", "--set", "output.shards=1"})),
                 out, {.ops = "s", .delay_us = 30'000})};
  std::size_t ahead = 0;
  while (run.is_running()) {
    std::size_t committed = 0;
    try {
      committed = count(read_records(out), UrlState::fetched);
    } catch (const Failure&) {  // not there yet
      continue;
    }
    // Counted afterwards: what was committed then had been asked for.
    const auto asked = server.count();
    ahead = std::max(ahead, asked - std::min(asked, committed));
    std::this_thread::sleep_for(Millis{20});
  }
  EXPECT_EQ(run.wait().exit_code, 0) << run.err();
  EXPECT_EQ(expect_sound(out), 61U);
  EXPECT_GT(ahead, 4U);
  // Twice the concurrency and 16 between lease and commit, as many committed while this looked, and
  // robots.txt.
  EXPECT_LE(ahead, 2 * (2 * 8U + 16) + 1);
}

}  // namespace
}  // namespace trawl::fault
