// A disk that is really full: a file system of a few MiB, which needs a mount namespace of one's
// own and so may not be had everywhere.
#include "tests/fault/fault_run.hpp"

#include <fmt/format.h>

#include <random>

namespace trawl::fault {
namespace {

using testing::HasSubstr;

std::string noise(std::size_t bytes, std::uint64_t seed) {
  std::mt19937_64 random{seed};
  std::string text(bytes, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

// $1: the mount point, $2: what to do in the pause, the rest: the command. The clock ticks of the
// pause are those of the whole process.
constexpr std::string_view script = R"(set -u
dir=$1; act=$2; shift 2
mount -t tmpfs -o size=3m tmpfs "$dir" || exit 99
ticks() { awk '{print $14 + $15}' "/proc/$1/stat"; }
"$@" 2>"$dir.err" & pid=$!
for _ in $(seq 400); do grep -q 'paused: disk_full' "$dir.err" && break; sleep 0.05; done
before=$(ticks $pid); sleep 0.6; kill -0 $pid && echo "still there"
[ $(($(ticks $pid) - before)) -lt 20 ] && echo "idle"
if [ "$act" = interrupt ]; then
  kill -INT $pid; wait $pid; echo "end $?"
  mount -o remount,size=64m tmpfs "$dir"
  "$@" 2>"$dir.second"; echo "second $?"
else
  mount -o remount,size=64m tmpfs "$dir"; wait $pid; echo "end $?"
fi
grep -c 'paused: disk_full' "$dir.err"
"$BINARY" results "$dir/out" --state fetched | wc -l
"$BINARY" results "$dir/out" --state queued | wc -l
[ ! -d "$dir/out/warc" ] || "$BINARY" warc verify "$dir"/out/warc/* >/dev/null 2>&1; echo "verify $?"
)";

class FullDisk : public testing::Test {
 protected:
  void SetUp() override {
    if (support::run({.args = {"unshare", "-m", "true"}}).exit_code != 0)
      GTEST_SKIP() << "no mount namespace of one's own here (unshare -m)";
  }

  // Bodies that don't compress, 6 MB in all.
  void serve(std::size_t bytes) {
    std::vector<std::string> links;
    for (std::size_t i = 1; i <= 6'000'000 / bytes; ++i) {
      links.push_back(fmt::format("/p{}", i));
      server_.on(links.back(),
                 Reply{.body = noise(bytes, i), .content_type = "application/octet-stream"});
    }
    server_.on("/", Reply{.body = page("home", links)});
    pages_ = links.size() + 1;
  }

  Finished run(const std::string& act, const Arguments& more = {}) {
    std::filesystem::create_directory(dir_ / "disk");
    return run_command(act,
                       trawl(Arguments{"crawl", server_.url()} +
                             loopback(dir_ / "disk/out", Arguments{"--concurrency", "4"} + more)));
  }

  Finished run_command(const std::string& act, const support::Command& command) {
    return support::run({.args = Arguments{"unshare", "-m", "sh", "-c", std::string{script}, "sh",
                                           (dir_ / "disk").string(), act} +
                                 command.args,
                         .env = {{"BINARY", command.args.front()}}});
  }

  LoopbackServer server_;
  TempDir dir_;
  std::size_t pages_ = 0;
};

// docs/faults.md rows 59 and 60.
TEST_F(FullDisk, PausesTheJobUntilThereIsRoom) {
  for (const char* bodies : {"output.bodies=warc", "output.bodies=files"}) {
    SCOPED_TRACE(bodies);
    serve(150'000);
    const auto before = server_.count();
    const auto end = run("wait", {"--set", bodies});
    if (end.exit_code == 99) GTEST_SKIP() << "no tmpfs can be mounted here: " << end.err;
    EXPECT_EQ(end.out, fmt::format("still there\nidle\nend 0\n1\n{}\n0\nverify 0\n", pages_))
        << end.err << dir_.read("disk.err");
    EXPECT_EQ(server_.count() - before, pages_ + 1);  // nothing was fetched again
  }
}

// docs/faults.md row 59: the bodies go through tmp/ first.
TEST_F(FullDisk, PausesTheJobWhenLargeBodiesFindNoRoom) {
  serve(600'000);
  const auto end = run("wait");
  if (end.exit_code == 99) GTEST_SKIP() << "no tmpfs can be mounted here: " << end.err;
  EXPECT_EQ(end.out, fmt::format("still there\nidle\nend 0\n1\n{}\n0\nverify 0\n", pages_))
      << end.err << dir_.read("disk.err");
  EXPECT_LE(server_.count(), 2 * pages_);  // those that found no room came again
}

// docs/faults.md row 59: so do those of several mirrors.
TEST_F(FullDisk, PausesTheJobWhenAMirrorsFileFindsNoRoom) {
  server_.on("/f", Reply{.body = noise(5'000'000, 1), .content_type = "application/octet-stream"});
  LoopbackServer other;
  other.on("/f", Reply{.body = noise(5'000'000, 1), .content_type = "application/octet-stream"});
  const auto list = dir_.write(
      "list", fmt::format(R"({{"urls":["{}","{}"]}})", server_.url("/f"), other.url("/f")));
  std::filesystem::create_directory(dir_ / "disk");
  const auto end = run_command("wait", trawl(Arguments{"fetch", "-i", list.string()} +
                                             loopback(dir_ / "disk/out", {"--bodies", "files"})));
  if (end.exit_code == 99) GTEST_SKIP() << "no tmpfs can be mounted here: " << end.err;
  EXPECT_THAT(end.out, testing::StartsWith("still there\nidle\nend 0\n1\n1\n0\n"))
      << end.err << dir_.read("disk.err");
}

// docs/faults.md row 59: but what may have been acted on is not sent again.
TEST_F(FullDisk, FailsAPostWhoseAnswerFindsNoRoomAndPausesTheRest) {
  server_.on("/f", Reply{.body = noise(5'000'000, 1), .content_type = "application/octet-stream"});
  server_.on("/g", Reply{.body = "g"});
  const auto list = dir_.write("list", fmt::format("{{\"url\":\"{}\",\"method\":\"POST\"}}\n{}\n",
                                                   server_.url("/f"), server_.url("/g")));
  std::filesystem::create_directory(dir_ / "disk");
  const auto end =
      run_command("wait", trawl(Arguments{"fetch", "-i", list.string()} +
                                loopback(dir_ / "disk/out", {"--set", "politeness.per_host=1"})));
  if (end.exit_code == 99) GTEST_SKIP() << "no tmpfs can be mounted here: " << end.err;
  EXPECT_THAT(end.out, testing::StartsWith("still there\nidle\nend 0\n1\n1\n0\n"))
      << end.err << dir_.read("disk.err");
  EXPECT_EQ(server_.count("/f"), 1U);
}

// docs/faults.md row 59.
TEST_F(FullDisk, CanBeInterruptedInThePauseAndContinuedLater) {
  serve(150'000);
  const auto end = run("interrupt", {"--set", "job.grace=500ms"});
  if (end.exit_code == 99) GTEST_SKIP() << "no tmpfs can be mounted here: " << end.err;
  EXPECT_EQ(end.out,
            fmt::format("still there\nidle\nend 10\nsecond 0\n1\n{}\n0\nverify 0\n", pages_))
      << end.err << dir_.read("disk.err");
}

// What is there can be looked at, and copied to where there is room.
TEST_F(FullDisk, OfAFinishedCrawlIsRead) {
  server_.on("/", Reply{.body = page("home", {})});
  const auto out = dir_ / "out";
  const auto crawl = trawl(Arguments{"crawl", server_.url()} + loopback(out));
  ASSERT_EQ(support::run(crawl).exit_code, 0);
  std::filesystem::create_directory(dir_ / "disk");
  // $1: the mount point, $2: the crawl, $3: the URL.
  constexpr std::string_view look = R"(set -u
mount -t tmpfs -o size=3m tmpfs "$1" || exit 99
cp -r "$2" "$1/out"
cat /dev/zero > "$1/fill" 2>/dev/null
"$BINARY" results "$1/out" >/dev/null; echo $?
"$BINARY" stats "$1/out" >/dev/null; echo $?
"$BINARY" cat "$1/out" "$3" >/dev/null; echo $?
"$BINARY" backup "$1/out" "$2.copy" 2>/dev/null; echo $?
)";
  const auto end = support::run({.args = {"unshare", "-m", "sh", "-c", std::string{look}, "sh",
                                          (dir_ / "disk").string(), out.string(), server_.url()},
                                 .env = {{"BINARY", crawl.args.front()}}});
  if (end.exit_code == 99) GTEST_SKIP() << "no tmpfs can be mounted here: " << end.err;
  EXPECT_EQ(end.out, "0\n0\n0\n0\n") << end.err;
}

}  // namespace
}  // namespace trawl::fault
