// Cookies, repeated fetches, and the bytes of headers, from the command line to the archive.
#include "tests/e2e/program.hpp"
#include "tests/support/nginx.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace trawl::e2e {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

// All archive files, which are not compressed.
std::string archive_text(const fs::path& folder) {
  std::string text;
  for (const auto& entry : fs::directory_iterator{folder / "warc"}) {
    std::ifstream in{entry.path(), std::ios::binary};
    text.append(std::istreambuf_iterator<char>{in}, {});
  }
  return text;
}

// By the index of all archive files, each of which is found without a fault.
std::string verified_index(const fs::path& folder) {
  std::string index;
  for (const auto& entry : fs::directory_iterator{folder / "warc"}) {
    EXPECT_EQ(run_trawl({"warc", "verify", entry.path().string()}).exit_code, 0);
    index += run_trawl({"warc", "index", entry.path().string()}).out;
  }
  return index;
}

std::string cookies_seen(const LoopbackServer& server, std::string_view path) {
  std::string seen;
  for (const SeenRequest& request : server.requests())
    if (request.path == path) seen += fmt::format("[{}]", request.header("cookie"));
  return seen;
}

TEST(CookiesOfAJob, AreImportedSentKeptAndExported) {
  LoopbackServer server;
  server.on("/a",
            Reply{.headers = {{"Set-Cookie", "token=new; Path=/; Max-Age=3600"}}, .body = "a"});
  server.on("/b", Reply{.body = "b"});
  const TempDir dir;
  const auto file = dir.write("cookies.txt",
                              "127.0.0.1\tFALSE\t/\tFALSE\t0\ttoken\told\n"
                              "127.0.0.1\tFALSE\t/a\tFALSE\t0\tonly\ta\n"
                              "127.0.0.1\tFALSE\t/\tTRUE\t0\tsafe\t1\n");
  const Arguments keep{"--set", "fetch.cookies=persist",
                       "--set", "fetch.cookies_file=" + file.string(),
                       "--set", "output.warc_compress=none"};
  const auto folder = dir / "out";
  ASSERT_EQ(run_trawl(Arguments{"fetch", server.url("/a")} + loopback(folder, keep)).exit_code, 0);
  ASSERT_EQ(run_trawl(Arguments{"fetch", server.url("/b")} + loopback(folder, keep)).exit_code, 0);
  EXPECT_EQ(cookies_seen(server, "/a"), "[only=a; token=old]");
  EXPECT_EQ(cookies_seen(server, "/b"), "[token=new]");
  EXPECT_EQ(cookies_seen(server, "/robots.txt"), "[]");

  // What is archived is what was sent.
  EXPECT_THAT(archive_text(folder), HasSubstr("Cookie: only=a; token=old\r\n"));

  const auto none = run_trawl(Arguments{"fetch", server.url("/a")} + loopback(dir / "none"));
  ASSERT_EQ(none.exit_code, 0) << none.err;
  const auto empty = run_trawl({"cookies", (dir / "none").string()});
  EXPECT_EQ(empty.out, "");
  EXPECT_THAT(empty.err, HasSubstr("keeps no cookies"));

  const auto listed = run_trawl({"cookies", folder.string()});
  EXPECT_EQ(listed.exit_code, 0);
  EXPECT_THAT(listed.out, HasSubstr("token"));
  EXPECT_THAT(listed.out, Not(HasSubstr("new")));
  const auto exported = run_trawl({"cookies", folder.string(), "--export", "-"});
  EXPECT_THAT(exported.out, HasSubstr("127.0.0.1\tFALSE\t/a\tFALSE\t0\tonly\ta\n"));
  EXPECT_THAT(exported.out, HasSubstr("\ttoken\tnew\n"));
}

// docs/faults.md, row 33. Ports are hosts of their own in trawl, but not for cookies (RFC 6265,
// 8.5), so the two servers are two addresses.
TEST(CookiesOfAJob, StayWithTheirHostWhenARedirectLeavesIt) {
  LoopbackServer server;
  server.on("/", Reply{.status = 302,
                       .headers = {{"Set-Cookie", "sid=1"},
                                   {"Location", fmt::format("http://user:pass@127.0.0.2:{}/there",
                                                            server.port())}}});
  ASSERT_TRUE(support::Nginx::is_installed()) << "./dev test installs it";
  const TempDir dir;
  dir.write("site/there", "x");
  const support::Nginx other{
      (dir / "site").string(),
      fmt::format("listen 127.0.0.2:{}; location /there {{ return 200 "
                  "'cookie [$http_cookie], authorization [$http_authorization]'; }}",
                  server.port())};
  const auto run = run_trawl(
      Arguments{"fetch", server.url()} +
      loopback(dir / "out", {"--set", "fetch.cookies=session", "--set", "fetch.attempts=1"}));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto records = read_records(dir / "out");
  const auto there = fmt::format("http://127.0.0.2:{}/there", server.port());
  EXPECT_EQ(records.at(server.url()).outcome.redirect_to,
            fmt::format("http://127.0.0.2:{}/there", server.port()));
  ASSERT_TRUE(records.contains(there)) << "the target, without user name and password";
  EXPECT_EQ(run_trawl({"cat", (dir / "out").string(), there}).out, "cookie [], authorization []");
}

// A real server's validators.
TEST(FetchedAgain, PagesOfNginxAreAskedForByTheirTags) {
  ASSERT_TRUE(support::Nginx::is_installed()) << "./dev test installs it";
  const TempDir dir;
  const std::string body = page("one", {}) + std::string(2000, 'x');
  dir.write("site/same.html", body);
  dir.write("site/changed.html", page("before", {}));
  const support::Nginx site{(dir / "site").string()};
  const auto folder = dir / "out";
  const Arguments fetch{"fetch", site.url("/same.html"), site.url("/changed.html")};
  ASSERT_EQ(run_trawl(fetch + loopback(folder)).exit_code, 0);
  const auto before = read_records(folder).at(site.url("/same.html")).outcome;
  EXPECT_THAT(run_trawl(fetch + loopback(folder)).err, HasSubstr("all is done"));
  dir.write("site/changed.html", page("after it all", {}));
  const auto run = run_trawl(fetch + loopback(folder, {"--again"}));
  ASSERT_EQ(run.exit_code, 0) << run.err;

  const auto records = read_records(folder);
  const auto& same = records.at(site.url("/same.html")).outcome;
  EXPECT_EQ(same.status, 200);
  EXPECT_EQ(same.revisit, crawl::Revisit::not_modified);
  EXPECT_EQ(same.archive, before.archive);
  EXPECT_EQ(same.digest, before.digest);
  EXPECT_EQ(records.at(site.url("/changed.html")).outcome.title, "after it all");
  EXPECT_EQ(run_trawl({"cat", folder.string(), site.url("/same.html")}).out, body);
  std::map<int, int> statuses;
  for (const auto& access : site.accesses())
    if (access.target != "/robots.txt") ++statuses[access.status];
  EXPECT_EQ(statuses, (std::map<int, int>{{200, 3}, {304, 1}}));

  EXPECT_THAT(verified_index(folder), HasSubstr("warc/revisit"));
  EXPECT_THAT(run_trawl({"explain", folder.string(), site.url("/same.html")}).out,
              HasSubstr("unchanged: asked for again"));
  const auto json = run_trawl({"results", folder.string()}).out;
  EXPECT_THAT(json, HasSubstr("\"revisit\":\"not_modified\""));
}

TEST(FetchedAgain, ABodyThatIsGoneIsAskedForInFull) {
  LoopbackServer server;
  server.on("/p", [](const support::SeenRequest& request) {
    if (!request.header("If-None-Match").empty()) return Reply{.status = 304};
    return Reply{.headers = {{"ETag", "\"1\""}}, .body = "the page"};
  });
  const TempDir dir;
  const auto folder = dir / "out";
  const auto fetch = Arguments{"fetch", server.url("/p"), "--bodies", "files"} + loopback(folder);
  ASSERT_EQ(run_trawl(fetch).exit_code, 0);
  const auto kept = read_records(folder).at(server.url("/p")).outcome.archive;
  ASSERT_TRUE(kept);
  for (const bool cut : {true, false}) {
    if (cut)
      std::filesystem::resize_file(folder / kept->file, kept->length - 1);
    else
      std::filesystem::remove(folder / kept->file);
    ASSERT_EQ(run_trawl(fetch + Arguments{"--again"}).exit_code, 0);
    EXPECT_EQ(run_trawl({"cat", folder.string(), server.url("/p")}).out, "the page") << cut;
  }
}

TEST(FetchedAgain, ACrawlIsFetchedWholeAndGoesOnWhereItWasKilled) {
  LoopbackServer server;
  std::vector<std::string> links;
  for (int i = 0; i < 40; ++i) links.push_back(fmt::format("/p{}", i));
  server.on("/", Reply{.body = page("start", links)});
  for (const auto& link : links)
    server.on(link,
              Reply{.headers = {{"ETag", "\"1\""}}, .body = page(link, {}), .delay = Millis{5}});
  const TempDir dir;
  const auto crawl = Arguments{"crawl", server.url()} + loopback(dir / "out");
  ASSERT_EQ(run_trawl(crawl).exit_code, 0);
  EXPECT_EQ(server.count("/p39"), 1U);
  {
    Subprocess run{trawl(crawl + Arguments{"--again"})};
    ASSERT_TRUE(server.wait_for("/p5", 2));
    run.send_signal(SIGKILL);
    run.wait();
  }
  // Without --again: only what is left.
  ASSERT_EQ(run_trawl(crawl).exit_code, 0);
  const auto records = read_records(dir / "out");
  EXPECT_EQ(count(records, crawl::UrlState::fetched), 41U);
  std::size_t requests = 0;
  for (const auto& link : links) {
    EXPECT_GE(server.count(link), 2U) << link;
    requests += server.count(link);
  }
  EXPECT_LE(requests, 80U + 8U);  // those in flight at the kill
  const std::string index = verified_index(dir / "out");
  EXPECT_GE(std::ranges::count(index, '\n'), 82);
}

// docs/faults.md, rows 15, 54 and 55: whatever bytes a server sends, the archive has them, and no
// output has them raw.
TEST(BytesOfHeaders, AreExactInTheArchiveAndHarmlessEverywhereElse) {
  LoopbackServer server;
  const std::string koi8 = "\xF0\xD2\xC9\xD7\xC5\xD4";
  const std::string evil =
      "\x1B]0;owned\x07\x1B[2J\xC2\x9B"
      "31m";
  const std::string body = "<title>" + evil + "\nline</title>";
  const std::string head =
      "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
      "X-Koi8: " +
      koi8 +
      "\r\n"
      "ETag: \"" +
      evil + koi8 +
      "\"\r\n"
      "Last-Modified: " +
      evil +
      "\r\n"
      "Set-Cookie: sid=" +
      koi8 +
      "; Path=/\r\n"
      "Content-Disposition: attachment; filename=\"../../" +
      evil + ".exe\"\r\n";
  server.on("/page",
            Reply{.raw = head + fmt::format("Content-Length: {}\r\n\r\n", body.size()) + body});
  server.on("/away", Reply{.status = 302, .headers = {{"Location", "gopher://" + evil}}});
  const TempDir dir;
  const auto folder = dir / "out";
  const auto run = run_trawl(
      Arguments{"-vv", "fetch", server.url("/page"), server.url("/away")} +
      loopback(folder, {"--set", "fetch.cookies=persist", "--set", "output.warc_compress=none"}));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const std::string archive = archive_text(folder);
  EXPECT_THAT(archive, HasSubstr("X-Koi8: " + koi8 + "\r\n"));
  EXPECT_THAT(archive, HasSubstr("ETag: \"" + evil + koi8 + "\"\r\n"));

  const auto outcome = read_records(folder).at(server.url("/page")).outcome;
  EXPECT_EQ(outcome.title, R"(\x1b]0;owned\x07\x1b[2J\xc2\x9b31m line)");
  EXPECT_THAT(outcome.etag, HasSubstr(R"(\xf0\xd2)"));
  EXPECT_EQ(outcome.filename, "_]0;owned__[2J_31m.exe");
  std::string shown = run.err + run.out;
  for (const Arguments& command : {Arguments{"results", folder.string()},
                                   {"results", folder.string(), "--format", "csv"},
                                   {"results", folder.string(), "--format", "table"},
                                   {"stats", folder.string()},
                                   {"explain", folder.string(), server.url("/page")},
                                   {"explain", folder.string(), server.url("/away")},
                                   {"cookies", folder.string()}}) {
    const auto output = run_trawl(command);
    EXPECT_EQ(output.exit_code, 0) << command[0];
    shown += output.out + output.err;
  }
  for (const char* raw : {"\x1B", "\x07", "\xC2\x9B", "\xF0\xD2"})
    EXPECT_THAT(shown, Not(HasSubstr(raw)));
  for (const auto& entry : fs::recursive_directory_iterator{dir.path()})
    EXPECT_THAT(entry.path().string(), Not(HasSubstr("owned")));
}

}  // namespace
}  // namespace trawl::e2e
