// `trawl fetch`: lists from everywhere, bodies as plain files, memory that doesn't grow with them.
#include "core/web/digest.hpp"
#include "tests/e2e/compressed.hpp"
#include "tests/e2e/program.hpp"
#include "tests/support/nginx.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <random>

namespace trawl::e2e {
namespace {

using crawl::UrlState;

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

void serve_pages(LoopbackServer& server, int pages) {
  for (int i = 0; i < pages; ++i)
    server.on(fmt::format("/p{}", i), Reply{.body = page(fmt::format("page {}", i), {"/linked"})});
}

std::string list_of(const LoopbackServer& server, int first, int end) {
  std::string text;
  for (int i = first; i < end; ++i) text += server.url(fmt::format("/p{}\n", i));
  return text;
}

TEST(Fetch, ReadsListsFromFilesArchivesAndStandardInput) {
  LoopbackServer server;
  serve_pages(server, 300);
  const TempDir dir;
  const auto plain =
      dir.write("plain.txt", "\xEF\xBB\xBF# pages\n\n" + list_of(server, 0, 100) +
                                 "no url at all\nftp://127.0.0.1/x\n  " + list_of(server, 0, 2));
  const auto packed = dir.write("packed.gz", gzip(list_of(server, 100, 200)));
  auto command = trawl(Arguments{"fetch", "-i", plain.string(), "-i", packed.string(), "-i", "-"} +
                       loopback(dir / "out"));
  command.input = list_of(server, 200, 300);
  command.input.pop_back();  // a last line without its end

  const auto run = support::run(std::move(command));

  ASSERT_EQ(run.exit_code, 0) << run.err;
  for (int i = 0; i < 300; ++i) EXPECT_EQ(server.count(fmt::format("/p{}", i)), 1U) << i;
  EXPECT_EQ(server.count("/linked"), 0U);
  const auto records = read_records(dir / "out");
  EXPECT_EQ(count(records, UrlState::fetched), 300U);
  EXPECT_EQ(count(records, UrlState::excluded), 2U);
  EXPECT_EQ(error_of(records, "no url at all"), "bad_url");
  EXPECT_EQ(error_of(records, "ftp://127.0.0.1/x"), "bad_url");
  EXPECT_THAT(records.at("no url at all").outcome.error_detail,
              testing::HasSubstr("plain.txt:103"));
  EXPECT_EQ(expect_sound(dir / "out"), 300U);
}

TEST(Fetch, SaysWhichListCantBeRead) {
  const TempDir dir;
  const auto run =
      run_trawl(Arguments{"fetch", "-i", (dir / "missing.txt").string()} + loopback(dir / "out"));
  EXPECT_NE(run.exit_code, 0);
  EXPECT_NE(run.exit_code, 1);
  EXPECT_THAT(run.err, testing::HasSubstr("missing.txt"));
}

// A standard input that stays open: a pipe whose other end this test holds.
class OpenInput {
 public:
  explicit OpenInput(const TempDir& dir) : path_((dir / "input").string()) {
    if (::mkfifo(path_.c_str(), 0600) != 0) throw std::runtime_error("mkfifo");
    fd_ = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
  }
  ~OpenInput() { close(); }
  OpenInput(const OpenInput&) = delete;
  OpenInput& operator=(const OpenInput&) = delete;

  // The command with the pipe as its standard input.
  Command feeding(Command command) const {
    Arguments args{"sh", "-c", R"(input=$1; shift; exec "$@" <"$input")", "sh", path_};
    command.args = args + command.args;
    return command;
  }
  void write(const std::string& text) const {
    if (::write(fd_, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
      throw std::runtime_error("write");
  }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  std::string path_;
  int fd_ = -1;
};

TEST(Fetch, BeginsBeforeStandardInputEnds) {
  LoopbackServer server;
  serve_pages(server, 10);
  const TempDir dir;
  OpenInput input{dir};
  Subprocess run{input.feeding(trawl(Arguments{"fetch", "-i", "-"} + loopback(dir / "out")))};

  input.write(list_of(server, 0, 5));  // all at once, and then nothing
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(server.wait_for(fmt::format("/p{}", i), 1)) << i;
  input.write(list_of(server, 5, 6));
  EXPECT_TRUE(server.wait_for("/p5", 1));
  EXPECT_TRUE(run.is_running());
  input.close();
  EXPECT_EQ(run.wait().exit_code, 0) << run.err();
  EXPECT_EQ(count(read_records(dir / "out"), UrlState::fetched), 6U);
}

TEST(Fetch, IsInterruptedWhileStandardInputIsSilent) {
  LoopbackServer server;
  serve_pages(server, 1);
  const TempDir dir;
  const OpenInput input{dir};
  Subprocess run{input.feeding(trawl(Arguments{"fetch", "-i", "-"} + loopback(dir / "out")))};
  input.write(list_of(server, 0, 1));
  ASSERT_TRUE(server.wait_for("/p0", 1));
  const auto asked = system_clock().now();
  run.send_signal(SIGINT);
  EXPECT_EQ(run.wait().exit_code, 10) << run.err();
  EXPECT_LT(system_clock().now() - asked, Millis{5000});
  EXPECT_EQ(count(read_records(dir / "out"), UrlState::fetched), 1U);
}

std::string noise(std::size_t bytes) {
  std::mt19937_64 random{bytes};
  std::string text(bytes, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

TEST(Fetch, KeepsBodiesAsFilesByteForByte) {
  const std::map<std::string, std::string> bodies{{"/", "home"},
                                                  {"/a", "a file"},
                                                  {"/a/b.txt", "below a file's name"},
                                                  {"/dir/", "a folder"},
                                                  {"/q?x=1", "query 1"},
                                                  {"/q?x=2", "query 2"},
                                                  {"/big", noise(3 << 20)},
                                                  {"/empty", ""},
                                                  {"/..%2Fup", "not above"},
                                                  {"/" + std::string(400, 'n'), "long name"}};
  LoopbackServer server;  // ends before the bodies that it sends
  server.otherwise([&](const SeenRequest& request) {
    const auto found = bodies.find(request.target);
    if (found == bodies.end()) return Reply{.status = 404};
    return Reply{.body = found->second, .content_type = "application/octet-stream"};
  });
  const TempDir dir;
  Arguments urls{"fetch", server.url("/missing")};
  for (const auto& [target, body] : bodies) urls.push_back(server.url(target));

  const auto run = run_trawl(urls + loopback(dir / "out", {"--bodies", "files"}));

  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto records = read_records(dir / "out");
  std::size_t files = 0;
  for (const auto& [target, body] : bodies) {
    const auto& outcome = records.at(server.url(target)).outcome;
    ASSERT_TRUE(outcome.archive) << target;
    EXPECT_TRUE(outcome.archive->file.starts_with("files/")) << outcome.archive->file;
    EXPECT_TRUE(read_file(dir / "out" / outcome.archive->file) == body) << target;
  }
  for (const auto& entry : std::filesystem::recursive_directory_iterator{dir / "out/files"})
    files += entry.is_regular_file() ? 1 : 0;
  EXPECT_EQ(files, bodies.size());
  EXPECT_TRUE(std::filesystem::is_empty(dir / "out/tmp"));
}

// What breaks off is no file: under its name is a whole one or none.
TEST(Fetch, PublishesNoHalfOfABody) {
  LoopbackServer server;
  server.on("/small", Reply{.body = "half of it", .cut = support::Cut::close, .cut_after = 4});
  server.on("/large",
            Reply{.body = noise(2 << 20), .cut = support::Cut::close, .cut_after = 1'500'000});
  server.on("/whole", Reply{.body = "whole"});
  const TempDir dir;
  const auto run = run_trawl(
      Arguments{"fetch", server.url("/small"), server.url("/large"), server.url("/whole")} +
      loopback(dir / "out", {"--bodies", "files", "--set", "fetch.attempts=1"}));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto records = read_records(dir / "out");
  for (const char* half : {"/small", "/large"}) {
    const auto& outcome = records.at(server.url(half)).outcome;
    EXPECT_EQ(outcome.error, Errc::body_truncated) << half;
    EXPECT_FALSE(outcome.archive) << half;
    EXPECT_TRUE(outcome.truncated) << half;
  }
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{dir / "out/files"})
    files += entry.is_regular_file() ? 1 : 0;
  EXPECT_EQ(files, 1U);
  EXPECT_TRUE(std::filesystem::is_empty(dir / "out/tmp"));
}

// Written and digested in blocks: what this process holds would count as the program's, which is
// forked from it.
TEST(Fetch, HoldsNoLargeBodyInMemory) {
  if (!support::Nginx::is_installed()) GTEST_SKIP() << "needs nginx";
  constexpr std::size_t blocks = 64;
  const TempDir site;
  web::Hasher hasher{web::Hasher::Algorithm::sha256};
  const std::string block = noise(1 << 20);
  std::ofstream file{site / "big.bin", std::ios::binary};
  for (std::size_t i = 0; i < blocks; ++i) {
    file << block;
    hasher.update(block);
  }
  file.close();
  const std::string digest = "sha256:" + hasher.hex();
  const support::Nginx server{site.string()};
  for (const char* bodies : {"files", "warc"}) {
    const TempDir dir;
    const auto url = server.url("/big.bin");
    const auto run = run_trawl(Arguments{"fetch", url, "--bodies", bodies} + loopback(dir / "out"));
    ASSERT_EQ(run.exit_code, 0) << run.err;
    if (!sanitized) EXPECT_LT(run.resident_bytes_max, 100ULL << 20) << bodies;
    const auto outcome = read_records(dir / "out").at(url).outcome;
    EXPECT_EQ(outcome.bytes_body, blocks << 20);
    EXPECT_EQ(outcome.digest, digest);
    EXPECT_FALSE(outcome.truncated);
    EXPECT_EQ(expect_sound(dir / "out"), 1U);
  }
}

}  // namespace
}  // namespace trawl::e2e
