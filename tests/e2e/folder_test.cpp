// The output folder as a user may find it: in use, somebody else's, or on a full disk.
#include "tests/e2e/program.hpp"

#include <fmt/format.h>

#include <random>

namespace trawl::e2e {
namespace {

using testing::HasSubstr;

TEST(OutputFolder, IsHeldByOneProcessAtATime) {
  LoopbackServer server;
  server.on("/", support::never_answer());
  const TempDir dir;
  const auto crawl = Arguments{"crawl", server.url()} + loopback(dir / "out");
  Subprocess first{trawl(crawl)};
  ASSERT_TRUE(server.wait_for("/", 1));

  const auto second = run_trawl(crawl);
  EXPECT_EQ(second.exit_code, 5);
  EXPECT_THAT(second.err, HasSubstr(fmt::format("is used by trawl (pid {})", first.pid())));
  EXPECT_TRUE(first.is_running());
  first.kill_group();
  first.wait();
}

TEST(OutputFolder, IsNotTouchedWhenItIsSomebodyElses) {
  LoopbackServer server;
  const TempDir dir;
  dir.write("out/crawl.db", "these are my own notes, called crawl.db by chance\n");
  const auto run = run_trawl(Arguments{"crawl", server.url()} + loopback(dir / "out"));
  EXPECT_EQ(run.exit_code, 6);
  EXPECT_THAT(run.err, HasSubstr("is no database of trawl's; choose another output folder"));
  EXPECT_THAT(dir.read("out/crawl.db"), HasSubstr("my own notes"));

  dir.write("other/warc/mine.warc.gz", "mine");
  const auto other = run_trawl(Arguments{"crawl", server.url()} + loopback(dir / "other"));
  EXPECT_EQ(other.exit_code, 6);
  EXPECT_THAT(other.err, HasSubstr("no crawl.db that knows them"));
  EXPECT_EQ(dir.read("other/warc/mine.warc.gz"), "mine");

  dir.write("file", "");
  const auto file = run_trawl(Arguments{"crawl", server.url()} + loopback(dir / "file"));
  EXPECT_EQ(file.exit_code, 4);
  EXPECT_THAT(file.err, HasSubstr("is not a directory"));
  EXPECT_EQ(server.count(), 0U);
}

std::string noise(std::size_t bytes, std::uint64_t seed) {
  std::mt19937_64 random{seed};
  std::string text(bytes, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

// A file system of its own needs a mount namespace, which not everybody may have.
constexpr std::string_view script = R"(set -u
mount -t tmpfs -o size=3m tmpfs "$1" || exit 99
dir=$1; shift
"$@" 2>"$dir.first"; echo "first $?"
mount -o remount,size=64m tmpfs "$dir"
"$@" 2>"$dir.second"; echo "second $?"
"$BINARY" results "$dir/out" --state fetched | wc -l
"$BINARY" results "$dir/out" --state queued | wc -l
"$BINARY" warc verify "$dir"/out/warc/* >"$dir.verify" 2>&1; echo "verify $?"
)";

TEST(OutputFolder, OnAFullDiskIsContinuedOnceThereIsRoom) {
  if (support::run({.args = {"unshare", "-m", "true"}}).exit_code != 0)
    GTEST_SKIP() << "no mount namespace of one's own here (unshare -m)";
  LoopbackServer server;
  std::vector<std::string> links;
  for (int i = 1; i <= 60; ++i) {
    links.push_back(fmt::format("/p{}", i));
    server.on(links.back(), Reply{.body = noise(150'000, static_cast<std::uint64_t>(i)),
                                  .content_type = "application/octet-stream"});
  }
  server.on("/", Reply{.body = page("home", links)});
  const TempDir dir;
  std::filesystem::create_directory(dir / "disk");
  const auto command = trawl(Arguments{"crawl", server.url()} + loopback(dir / "disk/out"));
  const auto run = support::run({.args = Arguments{"unshare", "-m", "sh", "-c", std::string{script},
                                                   "sh", (dir / "disk").string()} +
                                         command.args,
                                 .env = {{"BINARY", command.args.front()}}});
  if (run.exit_code == 99) GTEST_SKIP() << "no tmpfs can be mounted here: " << run.err;
  EXPECT_EQ(run.out, "first 4\nsecond 0\n61\n0\nverify 0\n") << run.err;
  EXPECT_THAT(dir.read("disk.first"), HasSubstr("o space left"));
  EXPECT_GE(server.count(), 62U);
  EXPECT_LE(server.count(), 62U + 24);  // what was in flight came again
}

}  // namespace
}  // namespace trawl::e2e
