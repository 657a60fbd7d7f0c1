// What is received and what is kept, by content type.
#include "tests/e2e/program.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iterator>

namespace trawl::e2e {
namespace {

using crawl::Record;
using crawl::UrlState;

// Pages that lead to reports, with pictures.
class Types : public testing::Test {
 protected:
  void SetUp() override {
    server_.on("/", Reply{.body = page("start", {"/a", "/moved", "/none", "/large.png"})});
    server_.on("/a", Reply{.body = page("a", {"/report.pdf"})});
    server_.on("/moved", support::redirect_to("/report2.pdf"));
    for (const char* path : {"/report.pdf", "/report2.pdf"})
      server_.on(path, Reply{.headers = {{"ETag", fmt::format("\"{}\"", path)}},
                             .body = std::string("%PDF ") + path,
                             .content_type = "application/pdf"});
    server_.on("/none", Reply{.body = "<p>a page", .content_type = ""});
    server_.on("/large.png", Reply{.body = std::string(1 << 20, 'p'), .content_type = "image/png"});
  }
  Records run(Arguments more) {
    const auto crawl =
        run_trawl(Arguments{"crawl", server_.url("/")} + loopback(folder_, std::move(more)));
    EXPECT_EQ(crawl.exit_code, 0) << crawl.err;
    return read_records(folder_);
  }
  const Record& at(const Records& records, const std::string& path) const {
    return records.at(server_.url(path));
  }

  TempDir dir_;
  const std::filesystem::path folder_ = dir_ / "out";
  LoopbackServer server_;
};

TEST_F(Types, PagesAreReadForTheReportsThatAreKept) {
  const Records records = run({"--types", "pdf", "--bodies", "files"});
  EXPECT_EQ(count(records, UrlState::fetched), 7U);
  for (const char* path : {"/report.pdf", "/report2.pdf"}) {
    ASSERT_TRUE(at(records, path).outcome.archive) << path;
    std::ifstream file{folder_ / at(records, path).outcome.archive->file};
    const std::string body{std::istreambuf_iterator<char>{file}, {}};
    EXPECT_EQ(body, std::string("%PDF ") + path);
  }
  for (const char* path : {"/", "/a", "/none", "/large.png"}) {
    EXPECT_FALSE(at(records, path).outcome.archive) << path;
    EXPECT_NE(at(records, path).outcome.digest, "") << path;
  }
}

TEST_F(Types, AnArchiveOfReportsHasWhatLeadsToThem) {
  const Records records = run({"--types", "pdf,image/gif"});
  EXPECT_TRUE(at(records, "/report.pdf").outcome.archive);
  EXPECT_TRUE(at(records, "/moved").outcome.archive);
  EXPECT_FALSE(at(records, "/a").outcome.archive);
  expect_sound(folder_);
  // What is not kept is no loss, and is asked for only if it changed, too.
  const Records again = run({"--types", "pdf,image/gif", "--again"});
  EXPECT_EQ(at(again, "/report.pdf").outcome.revisit, crawl::Revisit::none);
  EXPECT_TRUE(at(again, "/report.pdf").outcome.archive);
  EXPECT_FALSE(at(again, "/a").outcome.archive);
  EXPECT_EQ(run_trawl({"verify", folder_.string()}).exit_code, 0);
}

TEST_F(Types, OfWhatIsNotReceivedThereIsTheHead) {
  const Records records = run({"--set", "fetch.types=[\"text/html\"]"});
  EXPECT_EQ(count(records, UrlState::fetched), 7U);
  for (const char* path : {"/report.pdf", "/large.png"}) {
    const crawl::Outcome& outcome = at(records, path).outcome;
    EXPECT_EQ(outcome.status, 200) << path;
    EXPECT_EQ(outcome.note, "other_type") << path;
    EXPECT_EQ(outcome.digest, "") << path;
    EXPECT_EQ(outcome.bytes_body, 0U) << path;
    EXPECT_FALSE(outcome.truncated) << path;
    EXPECT_FALSE(outcome.archive) << path;
  }
  EXPECT_LT(at(records, "/large.png").outcome.bytes_wire, 300'000U);
  EXPECT_TRUE(at(records, "/a").outcome.archive);
  // Nobody said what it is, so it was looked at.
  EXPECT_TRUE(at(records, "/none").outcome.archive);
  EXPECT_EQ(at(records, "/none").outcome.note, "");
  expect_sound(folder_);
  EXPECT_EQ(run_trawl({"verify", folder_.string()}).exit_code, 0);
}

TEST_F(Types, APageThatIsOfAnotherTypeNowSaysWhyItIsKept) {
  const Arguments html{"--set", "fetch.types=[\"text/html\"]"};
  run(html);
  server_.on("/a", Reply{.body = "a picture", .content_type = "image/png"});
  const Records records = run(html + Arguments{"--again"});
  const crawl::Outcome& outcome = at(records, "/a").outcome;
  EXPECT_EQ(outcome.revisit, crawl::Revisit::kept);
  EXPECT_EQ(outcome.content_type, "text/html");
  EXPECT_EQ(outcome.note, "other_type");
  const auto changes = run_trawl({"changes", folder_.string(), "--format", "jsonl"});
  EXPECT_THAT(changes.out, testing::HasSubstr("\"note\":\"other_type\""));
  const auto explained = run_trawl({"explain", folder_.string(), server_.url("/a")});
  EXPECT_THAT(explained.out, testing::HasSubstr("of a type that fetch.types leaves out"));
  const auto cat = run_trawl({"cat", folder_.string(), server_.url("/a")});
  EXPECT_EQ(cat.exit_code, 0) << cat.err;
}

TEST_F(Types, ThatAreNoneAreAnError) {
  const auto crawl =
      run_trawl(Arguments{"crawl", server_.url("/")} + loopback(folder_, {"--types", "text html"}));
  EXPECT_EQ(crawl.exit_code, 2);
  EXPECT_THAT(crawl.err, testing::HasSubstr("text html"));
}

}  // namespace
}  // namespace trawl::e2e
