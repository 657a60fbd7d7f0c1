// Archives as other programs see them: npm's warcio reads, checks and indexes what trawl wrote.
#include "tests/e2e/program.hpp"
#include "tests/e2e/warcio.hpp"
#include "tests/support/nginx.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <iterator>
#include <sstream>
#include <thread>

namespace trawl::e2e {
namespace {

namespace fs = std::filesystem;

// warcio knows no zstd: each frame of the file, one after the other.
std::string without_zstd(const std::string& file, const TempDir& dir) {
  std::ifstream in{file, std::ios::binary};
  const std::string packed{std::istreambuf_iterator<char>{in}, {}};
  std::string plain;
  for (std::size_t at = 0; at < packed.size();) {
    const std::size_t bytes = ZSTD_findFrameCompressedSize(packed.data() + at, packed.size() - at);
    if (ZSTD_isError(bytes)) return "no zstd";
    std::string content(ZSTD_getFrameContentSize(packed.data() + at, bytes), '\0');
    EXPECT_EQ(ZSTD_decompress(content.data(), content.size(), packed.data() + at, bytes),
              content.size());
    plain += content;
    at += bytes;
  }
  return dir.write("plain.warc", plain).string();
}

// The JSON of CDXJ lines; keys are not the same, since warcio's know fewer rules than pywb's.
std::vector<std::string> json_of(const std::string& cdxj) {
  std::vector<std::string> found;
  std::istringstream lines{cdxj};
  for (std::string line; std::getline(lines, line);) found.push_back(line.substr(line.find('{')));
  return found;
}

void serve_site(LoopbackServer& server, const std::string& shared) {
  const Reply copy{.body = shared, .chunked = true};
  server.on("/", Reply{.body = page("start", {"/one", "/two", "/three", "/moved", "/large1",
                                              "/large2", "/gone"})});
  for (const char* path : {"/one", "/two", "/three"}) server.on(path, copy);
  server.on("/moved", support::redirect_to("/one"));
  for (const char* path : {"/large1", "/large2"})
    server.on(path,
              Reply{.body = std::string(600'000, 'x') + shared, .content_type = "text/plain"});
}

class Archive : public testing::TestWithParam<std::string> {};

TEST_P(Archive, IsSoundToItsOtherReaders) {
  ASSERT_TRUE(has_warcio()) << "needs npm's warcio, which ./dev test installs";
  LoopbackServer server;
  std::string shared = page("the same everywhere", {"/"});
  for (int i = 0; i < 500; ++i) shared += fmt::format("<p>{}", i * i);
  serve_site(server, shared);
  const TempDir dir;
  const auto folder = dir / "out";
  const auto run =
      run_trawl(Arguments{"crawl", server.url()} +
                loopback(folder, {"--set", "output.warc_compress=" + GetParam(), "--set",
                                  "output.warc_links=true", "--set", "politeness.per_host=1"}));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(expect_sound(folder), 8U);
  auto files = warc_files(folder);
  ASSERT_EQ(files.size(), 1U);

  for (const char* path : {"/one", "/two", "/three"})
    EXPECT_EQ(run_trawl({"cat", folder.string(), server.url(path)}).out, shared) << path;
  const auto verified = run_trawl({"warc", "verify", files[0]});
  EXPECT_EQ(verified.exit_code, 0) << verified.out;
  EXPECT_THAT(verified.out,
              testing::HasSubstr("(5 metadata, 9 request, 6 response, 3 revisit, 1 warcinfo)"));
  const auto extracted =
      run_trawl({"warc", "extract", files[0], "--url", server.url("/three"), "--payload"});
  EXPECT_EQ(extracted.out, shared) << extracted.err;

  if (GetParam() == "zstd") files = {without_zstd(files[0], dir)};
  EXPECT_EQ(check_with_warcio(files),
            R"({"warcinfo":1,"response":6,"request":9,"metadata":5,"revisit":3})"
            "\n");
  const auto ours = run_trawl({"warc", "index", files[0]});
  const auto theirs = node({"node_modules/.bin/warcio", "cdx-index", "--format", "cdxj", files[0]});
  EXPECT_EQ(theirs.err, "");
  EXPECT_EQ(json_of(ours.out).size(), 9U);  // with robots.txt
  if (GetParam() == "gzip") {
    EXPECT_EQ(json_of(ours.out), json_of(theirs.out));
  }
}

INSTANTIATE_TEST_SUITE_P(, Archive, testing::Values("gzip", "zstd", "none"),
                         [](const auto& info) { return info.param; });

// The server knows no validators, so each run gets every page whole.
TEST(ArchiveOfSeveralRuns, GrowsByWhatChanged) {
  LoopbackServer server;
  std::string text = page("start", {"/same", "/news"});
  for (int i = 0; i < 5000; ++i) text += fmt::format("<p>{}", i * 7919 % 10007);
  server.on("/", Reply{.body = text});
  server.on("/same", Reply{.body = text + "<p>same"});
  server.on("/news", Reply{.body = text + "<p>old"});
  const TempDir dir;
  const std::string out = (dir / "out").string();
  const auto crawl = [&](Arguments more) {
    const auto run =
        run_trawl(Arguments{"crawl", server.url()} + loopback(dir / "out", std::move(more)));
    ASSERT_EQ(run.exit_code, 0) << run.err;
  };
  crawl({"--set", "output.warcinfo.operator=A Library"});
  server.on("/news", Reply{.body = text + "<p>new"});
  crawl({"--again"});
  crawl({"--again"});
  const auto files = warc_files(dir / "out");
  ASSERT_EQ(files.size(), 3U);
  EXPECT_THAT(run_trawl({"warc", "extract", files[0], "0"}).out,
              testing::HasSubstr("operator: A Library\r\n"));
  const auto types = [&](const std::string& file) {
    return run_trawl({"warc", "verify", file}).out;
  };
  EXPECT_THAT(types(files[1]),
              testing::HasSubstr("(3 request, 1 response, 2 revisit, 1 warcinfo)"));
  EXPECT_THAT(types(files[2]), testing::HasSubstr("(3 request, 3 revisit, 1 warcinfo)"));
  EXPECT_LT(fs::file_size(files[2]) * 10, fs::file_size(files[0]));
  for (const auto& [path, body] :
       {std::pair{"/", text}, {"/same", text + "<p>same"}, {"/news", text + "<p>new"}})
    EXPECT_EQ(run_trawl({"cat", out, server.url(path)}).out, body) << path;
  EXPECT_EQ(check_with_warcio(files), R"({"warcinfo":3,"response":5,"request":10,"revisit":5})"
                                      "\n");
  const auto verified = run_trawl({"verify", out});
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
}

// What a site says of robots is kept with its pages, hops too; but no page is left out for being
// the same, since no record says where that is.
TEST(ArchiveOfRobots, HasTheRulesAndTheWayThere) {
  LoopbackServer server;
  std::string shared = page("rules or page", {"/a"});
  for (int i = 0; i < 500; ++i) shared += fmt::format("<p>{}", i * i);
  server.on("/robots.txt", support::redirect_to("/rules"));
  server.on("/rules", Reply{.body = shared});
  for (const char* path : {"/", "/a"}) server.on(path, Reply{.body = shared});
  const TempDir dir;
  const auto run = run_trawl(Arguments{"crawl", server.url()} + loopback(dir / "out", {}));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto file = warc_files(dir / "out").at(0);
  const auto index = run_trawl({"warc", "index", file}).out;
  EXPECT_THAT(index, testing::HasSubstr(R"(/robots.txt","status":"302")"));
  EXPECT_THAT(index, testing::HasSubstr(R"(/rules","mime":"text/html","status":"200")"));
  EXPECT_THAT(run_trawl({"warc", "verify", file}).out,
              testing::HasSubstr("(4 request, 3 response, 1 revisit, 1 warcinfo)"));
  EXPECT_EQ(run_trawl({"cat", (dir / "out").string(), server.url("/a")}).out, shared);
}

TEST(ArchiveOfRobots, HasAnAnswerThatBrokeOffAndNothingWhereThereIsNoArchive) {
  LoopbackServer server;
  server.on("/robots.txt", Reply{.status = 503, .body = "later"});
  const TempDir dir;
  const auto fetch = [&](const char* bodies) {
    run_trawl(Arguments{"fetch", server.url("/x")} +
              loopback(dir / bodies, {"--bodies", bodies, "--set", "fetch.attempts=1"}));
  };
  for (const char* bodies : {"warc", "files", "none"}) fetch(bodies);
  EXPECT_THAT(run_trawl({"warc", "verify", warc_files(dir / "warc").at(0)}).out,
              testing::HasSubstr("(1 request, 1 response, 1 warcinfo)"));
  for (const char* bodies : {"files", "none"})
    EXPECT_FALSE(fs::exists(dir / bodies / "warc")) << bodies;
}

// A port of [::1] that is free now; 0 where there is no IPv6.
std::uint16_t free_ipv6_port() {
  const int fd = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  socklen_t size = sizeof(address);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  const bool bound = fd >= 0 && ::bind(fd, any, size) == 0 && ::getsockname(fd, any, &size) == 0;
  if (fd >= 0) ::close(fd);
  return bound ? ntohs(address.sin6_port) : 0;
}

// WARC 1.1, 5.10: as RFC 4291 writes it, without the brackets of a URL.
TEST(ArchiveOfIpv6, NamesTheAddressWithoutBrackets) {
  const auto port = free_ipv6_port();
  ASSERT_TRUE(support::Nginx::is_installed()) << "./dev test installs it";
  if (port == 0) GTEST_SKIP() << "this machine has no ::1";
  const TempDir dir;
  dir.write("index.html", page("six", {}));
  const support::Nginx site{dir.string(), fmt::format("listen [::1]:{};", port)};
  const std::string url = fmt::format("http://[::1]:{}/index.html", port);
  const auto run =
      run_trawl(Arguments{"fetch", url} +
                loopback(dir / "out", {"--set", R"(fetch.allow_private_networks=["::1/128"])"}));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(expect_sound(dir / "out"), 1U);
  const auto file = warc_files(dir / "out").at(0);
  const auto record = run_trawl({"warc", "extract", file, "--url", url});
  EXPECT_THAT(record.out, testing::HasSubstr("\r\nWARC-IP-Address: ::1\r\n"));
  EXPECT_THAT(run_trawl({"warc", "index", file}).out,
              testing::HasSubstr(fmt::format("::1:{})/index.html ", port)));
}

// Duplicates again and again, and the power lost again and again.
TEST(ArchiveOfDuplicates, SurvivesBeingKilled) {
  LoopbackServer server;
  std::vector<std::string> links;
  for (int i = 0; i < 400; ++i) links.push_back(fmt::format("/p{}", i));
  server.on("/", Reply{.body = page("start", links)});
  server.otherwise([](const SeenRequest& request) {
    const auto number =
        std::stoul("0" + request.path.substr(std::min<std::size_t>(2, request.path.size())));
    std::string body;
    for (std::size_t i = 0; i < 400; ++i) body += std::to_string(i * (number % 7 + 3)) + ' ';
    return Reply{.body = body, .delay = Millis{1}};
  });
  const TempDir dir;
  const auto crawl =
      Arguments{"crawl", server.url()} + loopback(dir / "out", {"--set", "output.warc_size=4KiB"});
  int kills = 0;
  for (int life = 40; life < 400; life += 60) {
    Subprocess run{trawl(crawl)};
    std::this_thread::sleep_for(Millis{life});
    run.send_signal(SIGKILL);
    kills += run.wait().signal == SIGKILL ? 1 : 0;
  }
  EXPECT_GE(kills, 1);
  const auto last = run_trawl(crawl);
  ASSERT_EQ(last.exit_code, 0) << last.err;
  const auto archived = expect_sound(dir / "out");
  EXPECT_EQ(archived, count(read_records(dir / "out"), crawl::UrlState::fetched));
  EXPECT_EQ(archived, 401U);
  std::string all;
  for (const auto& file : warc_files(dir / "out")) all += run_trawl({"warc", "index", file}).out;
  EXPECT_THAT(all, testing::HasSubstr("warc/revisit"));
}

}  // namespace
}  // namespace trawl::e2e
