// The output folder as a user may find it: in use or somebody else's.
#include "tests/e2e/program.hpp"

#include <fmt/format.h>

namespace trawl::e2e {
namespace {

using testing::HasSubstr;

// docs/faults.md row 67.
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

}  // namespace
}  // namespace trawl::e2e
