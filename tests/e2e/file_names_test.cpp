// Files called as on the server, run after run on one folder.
#include "tests/e2e/program.hpp"

#include <fmt/format.h>

#include <atomic>
#include <fstream>
#include <iterator>

namespace trawl::e2e {
namespace {

class FileNames : public testing::Test {
 protected:
  // Asks anew for all that is known.
  Records run(Arguments more = {}) {
    const auto crawl = run_trawl(Arguments{"crawl", server_.url("/"), "--again", "--bodies",
                                           "files", "--set", "output.names=server"} +
                                 loopback(folder_, std::move(more)));
    EXPECT_EQ(crawl.exit_code, 0) << crawl.err;
    return read_records(folder_);
  }
  std::string file_of(const Records& records, const std::string& target) {
    const auto& archive = records.at(server_.url(target)).outcome.archive;
    return archive ? archive->file : "none";
  }
  std::string text(const std::string& file) {
    std::ifstream stream{folder_ / file};
    return {std::istreambuf_iterator<char>{stream}, {}};
  }

  TempDir dir_;
  const std::filesystem::path folder_ = dir_ / "out";
  std::atomic<int> round_ = 0;
  LoopbackServer server_;
};

TEST_F(FileNames, StayWhenAPageWasGoneMovedOrCutOnce) {
  server_.on("/", Reply{.body = page("home", {"/a+b.deb", "/q?x=1", "/m+n", "/cut+off"})});
  for (const char* path : {"/a+b.deb", "/q"})
    server_.on(path, [this](const SeenRequest&) {
      return round_ == 1 ? Reply{.status = 404, .body = "gone"}
                         : Reply{.body = fmt::format("round {}", round_.load())};
    });
  server_.on("/m+n", [this](const SeenRequest&) {
    return round_ == 1 ? support::redirect_to("/")
                       : Reply{.body = fmt::format("round {}", round_.load())};
  });
  server_.on("/cut+off", [this](const SeenRequest&) {
    // Without a length, so that it is not refused but cut.
    return Reply{.body = std::string(round_ == 0 ? 5000 : 500, static_cast<char>('0' + round_)),
                 .chunked = true};
  });
  const Arguments short_bodies{"--set", "fetch.max_body=1KiB"};
  const Records first = run(short_bodies);
  const std::string deb = file_of(first, "/a+b.deb"), query = file_of(first, "/q?x=1"),
                    moved = file_of(first, "/m+n"), cut = file_of(first, "/cut+off");
  EXPECT_TRUE(deb.ends_with("/a+b.deb")) << deb;
  EXPECT_TRUE(cut.ends_with("/cut+off")) << cut;
  EXPECT_TRUE(first.at(server_.url("/cut+off")).outcome.truncated);
  ++round_;
  const Records second = run(short_bodies);
  for (const char* target : {"/a+b.deb", "/q?x=1", "/m+n"})
    EXPECT_EQ(file_of(second, target), "none") << target;
  EXPECT_EQ(file_of(second, "/cut+off"), cut);
  EXPECT_EQ(text(cut), std::string(500, '1'));
  ++round_;
  const Records third = run(short_bodies);
  EXPECT_EQ(file_of(third, "/a+b.deb"), deb);
  EXPECT_EQ(file_of(third, "/q?x=1"), query);
  EXPECT_EQ(file_of(third, "/m+n"), moved);
  for (const auto& file : {deb, query, moved}) EXPECT_EQ(text(file), "round 2") << file;
  EXPECT_EQ(run_trawl({"verify", folder_.string()}).exit_code, 0);
}

TEST_F(FileNames, OfTwoUrlsThatMeetAreKeptByBoth) {
  server_.on("/", Reply{.body = page("home", {"/a+b", "/a%2Bb"})});
  server_.on("/a+b", [this](const SeenRequest&) {
    return Reply{.body = fmt::format("as it is {}", round_.load())};
  });
  server_.on("/a%2Bb", [this](const SeenRequest&) {
    return Reply{.body = fmt::format("escaped {}", round_.load())};
  });
  std::string raw, escaped;
  for (; round_ < 3; ++round_) {
    const Records records = run();
    if (round_ == 0) {
      raw = file_of(records, "/a+b");
      escaped = file_of(records, "/a%2Bb");
      EXPECT_NE(raw, escaped);
    }
    EXPECT_EQ(file_of(records, "/a+b"), raw) << round_;
    EXPECT_EQ(file_of(records, "/a%2Bb"), escaped) << round_;
    EXPECT_EQ(text(raw), fmt::format("as it is {}", round_.load()));
    EXPECT_EQ(text(escaped), fmt::format("escaped {}", round_.load()));
  }
  EXPECT_EQ(run_trawl({"verify", folder_.string()}).exit_code, 0);
}

}  // namespace
}  // namespace trawl::e2e
