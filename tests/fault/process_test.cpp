// What happens to the process and its folder from outside: limits, signals, locks, other hands.
#include "storage/sqlite/schema.hpp"
#include "tests/fault/fault_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <random>
#include <thread>
#include <vector>

namespace trawl::fault {
namespace {

namespace fs = std::filesystem;
using crawl::UrlState;
using testing::AnyOf;
using testing::HasSubstr;

// A command with its limits or its standard error changed by a shell first.
Command through_shell(const std::string& before, Command command) {
  command.args =
      Arguments{"bash", "-c", before + R"( exec "$@")", "bash"} + std::move(command.args);
  return command;
}

class Process : public testing::Test {
 protected:
  Finished run(const Arguments& more = {}) { return run_trawl(site_.crawl(out_, more)); }

  // As a crash leaves it: killed in mid-crawl, with a log.
  void crash() {
    const auto end =
        support::run(with_fault(trawl(site_.crawl(out_)), out_, {.kind = "kill", .at = 200}));
    ASSERT_EQ(end.signal, SIGKILL) << end.err;
  }

  void expect_whole() {
    const auto end = run_trawl(site_.crawl(dir_ / "whole"));
    EXPECT_EQ(end.exit_code, 0) << end.err;
    expect_same(read_records(out_), read_records(dir_ / "whole"));
    expect_sound(out_);
  }

  std::size_t archive_bytes() const {
    std::size_t bytes = 0;
    for (const auto& file : fs::directory_iterator{out_ / "warc"}) bytes += file.file_size();
    return bytes;
  }

  SmallSite site_;
  TempDir dir_;
  fs::path out_ = dir_ / "out";
};

// docs/faults.md row 43.
TEST_F(Process, FewerDescriptorsThanWantedMeansFewerFetchesAtOnce) {
  LoopbackServer server;
  std::string list;
  for (int i = 0; i < 200; ++i) {
    server.on(fmt::format("/f{}", i), Reply{.body = "x", .delay = Millis{20}});
    list += server.url(fmt::format("/f{}", i)) + "\n";
  }
  auto command =
      trawl(Arguments{"fetch", "-i", "-"} +
            loopback(out_, {"--concurrency", "10000", "--set", "politeness.per_host=1000"}));
  command.input = list;
  const auto end = support::run(through_shell("ulimit -n 256;", std::move(command)));
  EXPECT_EQ(end.exit_code, 0) << end.err;
  EXPECT_THAT(end.err, HasSubstr("may open 256 files and sockets"));
  EXPECT_THAT(end.err, HasSubstr("42 at once"));
  EXPECT_EQ(count(read_records(out_), UrlState::fetched), 200U);
  EXPECT_LE(server.at_once_max(), 43U);
  EXPECT_GT(server.at_once_max(), 10U);
}

TEST_F(Process, ALimitOfFileSizesIsAnErrorThatIsSaid) {
  LoopbackServer server;
  server.on("/f", Reply{.body = std::string(4 << 20, 'x')});
  const auto fetch = trawl(Arguments{"fetch", server.url("/f")} +
                           loopback(out_, {"--set", "output.warc_compress=none"}));
  const auto end = support::run(through_shell("ulimit -f 1024;", fetch));  // KiB
  EXPECT_EQ(end.signal, 0);
  EXPECT_EQ(end.exit_code, 4) << end.err;
  EXPECT_THAT(end.err, HasSubstr("File too large"));
  EXPECT_EQ(support::run(fetch).exit_code, 0);
  EXPECT_EQ(count(read_records(out_), UrlState::fetched), 1U);
}

// docs/faults.md row 61.
TEST_F(Process, ALogThatCannotBeWrittenDoesNotStopTheCrawl) {
  const auto end =
      support::run(through_shell("exec 2>/dev/full;", trawl(site_.crawl(out_, {"-v"}))));
  EXPECT_EQ(end.exit_code, 0);
  expect_whole();
}

// docs/faults.md row 64.
TEST_F(Process, ADatabaseThatIsLockedForAWhileIsWaitedFor) {
  ASSERT_EQ(run({"--max-pages", "5"}).exit_code, 11);
  auto other = storage::Db::open(out_ / "crawl.db", storage::Access::write);
  other.exec("PRAGMA wal_autocheckpoint=0; BEGIN IMMEDIATE");
  Subprocess second{trawl(site_.crawl(out_))};
  std::this_thread::sleep_for(Millis{500});
  EXPECT_TRUE(second.is_running());
  other.exec("COMMIT");
  EXPECT_EQ(second.wait().exit_code, 0) << second.err();
  expect_whole();
}

// docs/faults.md row 65.
TEST_F(Process, ADeletedLogIsNoticedAndNothingIsCutOff) {
  crash();
  const auto bytes = archive_bytes();
  fs::remove(out_ / "crawl.db-wal");
  for (int i = 0; i < 3; ++i) {
    if (i == 2) (void)run_trawl({"stats", out_.string()});  // a reader makes an empty log
    const auto end = run();
    EXPECT_EQ(end.exit_code, 6) << end.err;
    EXPECT_THAT(end.err, HasSubstr("crawl.db-wal is gone"));
    EXPECT_THAT(end.err, HasSubstr("put crawl.db-wal back"));
    EXPECT_EQ(archive_bytes(), bytes);
  }
  fs::remove(out_ / ".lock");  // as the message says
  const auto end = run();
  EXPECT_EQ(end.exit_code, 0) << end.err;
  // What the log alone knew is a file that crawl.db doesn't know.
  const auto records = read_records(out_);
  std::vector<fs::path> others;
  for (const auto& file : fs::directory_iterator{out_ / "warc"}) {
    const std::string name = "warc/" + file.path().filename().string();
    if (std::ranges::none_of(records, [&](const auto& item) {
          return item.second.outcome.archive && item.second.outcome.archive->file == name;
        }))
      others.push_back(file.path());
  }
  ASSERT_EQ(others.size(), 1U);
  EXPECT_EQ(fs::file_size(others.front()), bytes);
  fs::remove(others.front());
  expect_whole();
}

// docs/faults.md row 65: SQLite takes a damaged log for one that ends there.
TEST_F(Process, ADamagedLogIsNoticedAndNothingIsCutOff) {
  crash();
  const auto bytes = archive_bytes();
  const std::string good = dir_.read("out/crawl.db-wal");
  std::string flipped = good;
  flipped.at(32 + 24 + 100) ^= 1;  // in the first frame's page
  for (const std::string& damaged :
       {flipped, good.substr(0, 32), good.substr(0, good.size() / 2)}) {
    dir_.write("out/crawl.db-wal", damaged);
    EXPECT_EQ(run_trawl({"stats", out_.string()}).exit_code, 6);
    const auto end = run();
    EXPECT_EQ(end.exit_code, 6) << end.err;
    EXPECT_THAT(end.err, HasSubstr("crawl.db-wal is gone or damaged"));
    EXPECT_EQ(archive_bytes(), bytes);
    EXPECT_EQ(dir_.read("out/crawl.db-wal"), damaged);
  }
  dir_.write("out/crawl.db-wal", good);
  const auto end = run();
  EXPECT_EQ(end.exit_code, 0) << end.err;
  expect_whole();
}

// docs/faults.md row 65.
TEST_F(Process, ADamagedDatabaseIsRefusedAndLeftAsItIs) {
  ASSERT_EQ(run().exit_code, 0);
  const std::string good = dir_.read("out/crawl.db");
  const auto bytes = archive_bytes();
  std::string holes = good;
  for (std::size_t at = 4096; at + 64 < holes.size(); at += 4096) holes.replace(at, 64, 64, '\xa5');
  for (const std::string& damaged : {good.substr(0, good.size() / 2), holes, std::string{}}) {
    dir_.write("out/crawl.db", damaged);
    const auto end = run();
    EXPECT_EQ(end.exit_code, 6) << end.err;
    EXPECT_THAT(end.err, HasSubstr("crawl.db"));
    EXPECT_THAT(end.err, HasSubstr("choose another output folder"));
    EXPECT_EQ(dir_.read("out/crawl.db"), damaged);
    EXPECT_EQ(archive_bytes(), bytes);
  }
  dir_.write("out/crawl.db", good);
  EXPECT_THAT(run().err, HasSubstr("all is done"));
}

// docs/faults.md row 84.
TEST_F(Process, ADatabaseOfALaterVersionIsRefused) {
  ASSERT_EQ(run().exit_code, 0);
  storage::Db::open(out_ / "crawl.db", storage::Access::write).exec("PRAGMA user_version=1000");
  const auto end = run();
  EXPECT_EQ(end.exit_code, 6);
  EXPECT_THAT(end.err, HasSubstr("was written by a newer trawl (version 1000"));
  EXPECT_EQ(run_trawl({"results", out_.string()}).exit_code, 6);
}

// docs/faults.md row 73.
TEST_F(Process, SignalsAtAnyTimeLoseNothing) {
  std::mt19937_64 random{std::random_device{}()};
  const int signals[] = {SIGTERM, SIGINT, SIGHUP};
  for (int i = 0; i < (sanitized ? 6 : 20); ++i) {
    const int signal = signals[i % 3];
    const bool twice = i % 2 == 1;
    Subprocess run{trawl(site_.crawl(out_, {"--set", "politeness.delay=3ms"}))};
    std::this_thread::sleep_for(Millis{random() % 250});
    const auto asked = system_clock().now();
    run.send_signal(signal);
    if (twice) run.send_signal(signal);
    const auto& end = run.wait();
    // By the signal itself before there is anything to be kept.
    EXPECT_TRUE(end.exit_code == 10 || end.exit_code == 0 || end.signal == signal)
        << end.exit_code << ' ' << end.err;
    EXPECT_LT(system_clock().now() - asked, Millis{8000});
  }
  EXPECT_EQ(run().exit_code, 0);
  expect_whole();
}

// docs/faults.md row 73: whoever reads its output goes away.
TEST_F(Process, AClosedPipeIsNoFault) {
  const auto crawl = support::run(through_shell("exec 2> >(head -c 1 >/dev/null); sleep 0.1;",
                                                trawl(site_.crawl(out_, {"-vv"}))));
  EXPECT_EQ(crawl.exit_code, 0);
  const auto piped =
      support::run({.args = {"bash", "-c",
                             R"("$1" results "$2" | head -n 1 >/dev/null; echo "${PIPESTATUS[0]}")",
                             "bash", TRAWL_BINARY_DIR "/trawl", out_.string()}});
  EXPECT_EQ(piped.out, "0\n") << piped.err;
  expect_whole();
}

// docs/faults.md row 74.
TEST_F(Process, WithoutMemoryItEndsAndTheNextRunGoesOn) {
  if (sanitized) GTEST_SKIP() << "sanitizers need address space of their own";
  bool failed = false;
  for (const int mib : {60, 90, 120, 150, 200, 300}) {
    SCOPED_TRACE(mib);
    const auto end = support::run(
        through_shell(fmt::format("ulimit -v {};", mib * 1024), trawl(site_.crawl(out_))));
    failed = failed || end.exit_code != 0;
    EXPECT_FALSE(end.timed_out);
    expect_committed_whole(out_, dir_ / "copy");
  }
  EXPECT_TRUE(failed);
  EXPECT_EQ(run().exit_code, 0);
  expect_whole();
}

// docs/faults.md row 75.
TEST_F(Process, AFolderThatCannotBeWrittenIsRefusedAtTheStart) {
  fs::create_directory(dir_ / "disk");
  const auto command = trawl(site_.crawl(dir_ / "disk/out"));
  const std::string script = R"(mount -t tmpfs -o ro tmpfs "$1" || exit 99; shift; exec "$@")";
  const auto end = support::run(
      {.args = Arguments{"unshare", "-m", "sh", "-c", script, "sh", (dir_ / "disk").string()} +
               command.args});
  if (end.exit_code == 99 || end.exit_code == 1) GTEST_SKIP() << "no mount namespace: " << end.err;
  EXPECT_EQ(end.exit_code, 4);
  EXPECT_THAT(end.err, HasSubstr("can't create the folder"));
  EXPECT_THAT(end.err, HasSubstr("Read-only file system"));
  EXPECT_EQ(site_.server().count(), 0U);
}

// docs/faults.md row 75.
TEST_F(Process, AFolderThatVanishesInMidCrawlEndsTheJob) {
  LoopbackServer server;
  std::vector<std::string> links;
  for (int i = 0; i < 200; ++i) {
    links.push_back(fmt::format("/v{}", i));
    server.on(links.back(), Reply{.body = page("v", {}), .delay = Millis{20}});
  }
  server.on("/", Reply{.body = page("home", links)});
  for (const bool moved : {false, true}) {
    Subprocess run{trawl(Arguments{"crawl", server.url()} +
                         loopback(out_, {"--set", "politeness.per_host=2"}))};
    ASSERT_TRUE(server.wait_for("/v20", moved ? 2 : 1));
    moved ? fs::rename(out_, dir_ / "elsewhere") : void(fs::remove_all(out_));
    const auto& end = run.wait();
    EXPECT_EQ(end.exit_code, 4) << end.err;
    EXPECT_THAT(end.err, AnyOf(HasSubstr("was moved or deleted"), HasSubstr("can't ")));
  }
  EXPECT_GT(count(read_records(dir_ / "elsewhere"), UrlState::fetched), 10U);
}

}  // namespace
}  // namespace trawl::fault
