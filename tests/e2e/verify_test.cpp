// An output folder held against its own records, and mended by the next run.
#include "tests/e2e/compressed.hpp"
#include "tests/e2e/program.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trawl::e2e {
namespace {

namespace fs = std::filesystem;
using crawl::UrlState;
using testing::AllOf;
using testing::HasSubstr;

// Kinds of answers whose bodies are kept in different ways.
class Verify : public testing::Test {
 protected:
  void SetUp() override {
    server_.on("/", Reply{.body = page("home", {"/plain", "/coded", "/same", "/odd", "/broken",
                                                "/large", "/gone", "/moved", "/empty"})});
    server_.on("/plain", [](const SeenRequest& request) {
      if (request.header("if-none-match") == "\"1\"") return Reply{.status = 304};
      return Reply{.headers = {{"ETag", "\"1\""}}, .body = page("plain", {})};
    });
    server_.on("/same", Reply{.body = page("plain", {})});
    server_.on("/coded",
               Reply{.headers = {{"Content-Encoding", "gzip"}}, .body = gzip(page("coded", {}))});
    server_.on("/odd", Reply{.headers = {{"Content-Encoding", "unheard-of"}}, .body = "odd"});
    server_.on("/broken", Reply{.headers = {{"Content-Encoding", "gzip"}},
                                .body = gzip(std::string(5000, 'b')).substr(0, 20)});
    server_.on("/large", Reply{.headers = {{"Content-Encoding", "gzip"}},
                               .body = gzip(std::string(90'000, 'l'))});
    server_.on("/moved",
               Reply{.status = 302, .headers = {{"Location", "/plain"}}, .body = "there"});
    server_.on("/empty", Reply{.status = 204});
  }
  Arguments crawl(const std::string& bodies, Arguments more = {}) {
    return Arguments{"crawl", server_.url("/")} +
           loopback(folder_,
                    {"--set", "output.bodies=" + bodies, "--set", "fetch.max_body=64KiB"}) +
           more;
  }
  Finished verify(Arguments more = {}) {
    return run_trawl(Arguments{"verify", folder_.string()} + more);
  }

  TempDir dir_;
  LoopbackServer server_;
  const fs::path folder_ = dir_ / "out";
};

TEST_F(Verify, EveryKindOfBodyIsSoundAsItWasKept) {
  for (const std::string bodies : {"warc", "files", "none"}) {
    SCOPED_TRACE(bodies);
    fs::remove_all(folder_);
    for (int run = 0; run < 2; ++run) {
      ASSERT_EQ(run_trawl(crawl(bodies, {"--again"})).exit_code, 0);
      const auto checked = verify();
      EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;
      EXPECT_THAT(checked.err, HasSubstr(": 10 records, "));
    }
  }
}

TEST_F(Verify, WhatIsGoneIsFetchedAgainAndWhole) {
  for (const std::string bodies : {"warc", "files"}) {
    SCOPED_TRACE(bodies);
    fs::remove_all(folder_);
    ASSERT_EQ(run_trawl(crawl(bodies)).exit_code, 0);
    const auto before = read_records(folder_).at(server_.url("/plain")).outcome;
    ASSERT_TRUE(before.archive);
    fs::remove(folder_ / before.archive->file);
    const auto refused = run_trawl(crawl(bodies));
    EXPECT_EQ(refused.exit_code, bodies == "warc" ? 6 : 0);
    EXPECT_EQ(refused.err.contains("trawl verify --requeue " + folder_.string()), bodies == "warc");
    const auto checked = verify({"--requeue", "--format", "jsonl"});
    EXPECT_EQ(checked.exit_code, 6) << checked.err;
    EXPECT_THAT(checked.out, AllOf(HasSubstr("\"missing\""), HasSubstr(server_.url("/plain"))));
    ASSERT_EQ(run_trawl(crawl(bodies)).exit_code, 0);
    const auto body = run_trawl({"cat", folder_.string(), server_.url("/plain")});
    EXPECT_EQ(body.out, page("plain", {})) << body.err;
    const auto again = verify();
    EXPECT_EQ(again.exit_code, 0) << again.out << again.err;
  }
}

TEST_F(Verify, AnArchiveThatWasCutKeepsItsWholeRecords) {
  ASSERT_EQ(run_trawl(crawl("warc")).exit_code, 0);
  const auto records = read_records(folder_);
  const auto last = std::ranges::max_element(records, {}, [](const auto& named) {
    const auto& archive = named.second.outcome.archive;
    return archive ? archive->offset : 0;
  });
  const auto position = *last->second.outcome.archive;
  fs::resize_file(folder_ / position.file, position.offset + position.length / 2);
  EXPECT_EQ(run_trawl(crawl("warc")).exit_code, 6);
  const auto checked = verify({"--requeue"});
  EXPECT_EQ(checked.exit_code, 6) << checked.err;
  EXPECT_THAT(checked.err, HasSubstr(": 1 URL queued;"));
  ASSERT_EQ(run_trawl(crawl("warc")).exit_code, 0);
  const auto again = verify();
  EXPECT_EQ(again.exit_code, 0) << again.out << again.err;
  EXPECT_EQ(read_records(folder_).at(server_.url("/")).outcome.archive->file, position.file);
}

// A disk that was not there comes back.
TEST_F(Verify, WhatWasGivenUpIsKeptWhenItComesBack) {
  for (const bool whole : {false, true}) {
    SCOPED_TRACE(whole);
    fs::remove_all(folder_);
    ASSERT_EQ(run_trawl(crawl("warc", {"--set", "output.warc_compress=none"})).exit_code, 0);
    const fs::path archive =
        folder_ / read_records(folder_).at(server_.url("/plain")).outcome.archive->file;
    const auto bytes = fs::file_size(archive);
    const fs::path aside = dir_ / "aside";
    fs::rename(archive, aside);
    if (!whole) fs::copy_file(aside, archive);
    if (!whole) fs::resize_file(archive, 10);
    EXPECT_EQ(verify({"--requeue"}).exit_code, 6);
    fs::remove(archive);
    ASSERT_EQ(run_trawl(crawl("warc")).exit_code, 0);
    // Backups take the highest number for the file that is written to.
    const auto next = read_records(folder_).at(server_.url("/plain")).outcome.archive->file;
    EXPECT_THAT(archive.filename().string(), HasSubstr("-00000.warc"));
    EXPECT_THAT(next, HasSubstr("-00001.warc"));
    fs::rename(aside, archive);
    ASSERT_EQ(run_trawl(crawl("warc")).exit_code, 0);
    EXPECT_EQ(fs::file_size(archive), bytes);
    EXPECT_EQ(verify().exit_code, 0);
    const auto copied = run_trawl({"backup", folder_.string(), (dir_ / "copy").string()});
    EXPECT_EQ(copied.exit_code, 0) << copied.err;
    EXPECT_EQ(fs::file_size(dir_ / "copy" / archive.lexically_relative(folder_)), bytes);
    fs::remove_all(dir_ / "copy");
  }
}

// Of two pages with one body the second is a reference to the first.
TEST_F(Verify, WhatRefersToAnUnreadableFileIsNotDamaged) {
  const std::string body = page("same", {}) + std::string(300'000, 's');
  server_.on("/", Reply{.body = page("home", {"/a", "/b"})});
  server_.on("/a", Reply{.body = body});
  server_.on("/b", Reply{.body = body});
  ASSERT_EQ(run_trawl(Arguments{"crawl", server_.url("/")} +
                      loopback(folder_, {"--concurrency", "1", "--set", "output.warc_size=200KiB",
                                         "--set", "output.warc_compress=none"}))
                .exit_code,
            0);
  const auto records = read_records(folder_);
  auto first = *records.at(server_.url("/a")).outcome.archive;
  auto second = *records.at(server_.url("/b")).outcome.archive;
  if (first.length < second.length) std::swap(first, second);
  ASSERT_NE(first.file, second.file);
  EXPECT_EQ(verify().exit_code, 0);
  fs::remove(folder_ / first.file);
  fs::create_directory(folder_ / first.file);
  const auto checked = verify({"--requeue", "--format", "jsonl"});
  EXPECT_EQ(checked.exit_code, 6);
  EXPECT_THAT(checked.out, AllOf(HasSubstr("\"unreadable\",\"url\":\"" + server_.url("/a")),
                                 HasSubstr("\"unreadable\",\"url\":\"" + server_.url("/b")),
                                 testing::Not(HasSubstr("\"damaged\""))));
  EXPECT_EQ(count(read_records(folder_), UrlState::queued), 0U);
}

TEST_F(Verify, ARunningJobIsNotInItsWay) {
  for (int i = 0; i < 40; ++i)
    server_.on(fmt::format("/p{}", i),
               Reply{.body = page("p", {fmt::format("/p{}", i + 1)}), .delay = Millis{20}});
  server_.on("/", Reply{.body = page("home", {"/p0"})});
  for (const std::string bodies : {"warc", "files"}) {
    SCOPED_TRACE(bodies);
    fs::remove_all(folder_);
    const auto asked = server_.count("/p3");
    Subprocess run{trawl(crawl(bodies))};
    ASSERT_TRUE(server_.wait_for("/p3", asked + 1));
    const auto checked = verify();
    EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;
    EXPECT_EQ(verify({"--requeue"}).exit_code, 5);
    EXPECT_EQ(run.wait().exit_code, 0);
  }
}

}  // namespace
}  // namespace trawl::e2e
