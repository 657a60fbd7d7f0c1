// httpbin's endpoints, as far as they concern a fetcher, fetched by the program and read back from
// its records and its archive.
#include "tests/e2e/program.hpp"
#include "tests/support/real_server.hpp"

#include <fmt/format.h>

#include <cctype>
#include <filesystem>

namespace trawl::e2e {
namespace {

using support::RealServer;
using testing::AllOf;
using testing::HasSubstr;

std::string encoded(const std::string& text) {
  std::string out;
  for (const char c : text)
    out += std::isalnum(static_cast<unsigned char>(c)) != 0
               ? std::string{c}
               : fmt::format("%{:02X}", static_cast<int>(c));
  return out;
}

constexpr const char* targets[] = {
    "/status/200",
    "/status/204",
    "/status/404",
    "/status/418",
    "/status/503",
    "/redirect/3",
    "/relative-redirect/2",
    "/absolute-redirect/2",
    "/redirect-to?url=%2Fhtml&status_code=307",
    "/gzip",
    "/deflate",
    "/brotli",
    "/stream/5",
    "/stream-bytes/4096?seed=1&chunk_size=100",
    "/drip?duration=0.2&numbytes=5&code=200",
    "/delay/0.1",
    "/bytes/1024?seed=1",
    "/range/2048",
    "/etag/abc",
    "/cache",
    "/cache/60",
    "/basic-auth/ann/hunter2",
    "/bearer",
    "/encoding/utf8",
    "/headers",
    "/user-agent",
    "/links/10/0",
    "/image/png",
    "/image/jpeg",
    "/image/svg",
    "/image/webp",
    "/xml",
    "/deny",
    "/response-headers?Content-Language=en",
    "/base64/aGVsbG8%3D",
};

// One httpbin, and one run over what needs no credentials.
struct Httpbin {
  RealServer server = support::start_httpbin();
  TempDir dir;
  Finished run;
  Records records;

  Httpbin() {
    Arguments urls{"fetch"};
    for (const char* target : targets) urls.push_back(server.url(target));
    urls.push_back(server.url("/redirect-to?url=" + encoded(server.url("/uuid"))));
    run = run_trawl(urls + loopback(dir / "out", {"--set", "fetch.attempts=2", "--set",
                                                  "fetch.backoff=20ms..50ms"}));
    records = read_records(dir / "out");
  }
  const crawl::Outcome& outcome(const std::string& target) const {
    static const crawl::Outcome none;
    const auto found = records.find(server.url(target));
    EXPECT_NE(found, records.end()) << target;
    return found == records.end() ? none : found->second.outcome;
  }
  int status(const std::string& target) const { return outcome(target).status.value_or(0); }
  std::string body(const std::string& target) const {
    return run_trawl({"cat", (dir / "out").string(), server.url(target)}).out;
  }
};

void expect_every_endpoint_done(const Httpbin& bin) {
  EXPECT_EQ(bin.run.exit_code, 0) << bin.run.err;
  EXPECT_EQ(count(bin.records, crawl::UrlState::queued), 0U);
  EXPECT_EQ(count(bin.records, crawl::UrlState::failed), 0U);
  Arguments verify{"warc", "verify"};
  for (const auto& file : std::filesystem::directory_iterator{bin.dir / "out/warc"})
    verify.push_back(file.path().string());
  const auto verified = run_trawl(verify);
  EXPECT_EQ(verified.exit_code, 0) << verified.out;
}

void expect_statuses(const Httpbin& bin) {
  for (const int code : {200, 204, 404, 418, 503})
    EXPECT_EQ(bin.status(fmt::format("/status/{}", code)), code);
  EXPECT_EQ(bin.outcome("/status/503").attempts, 2);
  EXPECT_EQ(bin.outcome("/status/404").attempts, 1);
}

void expect_redirects(const Httpbin& bin) {
  for (const char* hop : {"/redirect/3", "/relative-redirect/2", "/absolute-redirect/2"})
    EXPECT_EQ(bin.status(hop), 302) << hop;
  for (const char* end : {"/relative-redirect/1", "/absolute-redirect/1", "/get", "/uuid"})
    EXPECT_TRUE(bin.records.contains(bin.server.url(end))) << end;
  EXPECT_EQ(bin.status("/get"), 200);
  EXPECT_EQ(bin.outcome("/redirect/3").redirect_to, bin.server.url("/relative-redirect/2"));
  EXPECT_EQ(bin.status("/redirect-to?url=%2Fhtml&status_code=307"), 307);
  EXPECT_THAT(bin.body("/html"), HasSubstr("Herman Melville"));
}

void expect_codings_undone(const Httpbin& bin) {
  EXPECT_THAT(bin.body("/gzip"), HasSubstr("\"gzipped\":true"));
  EXPECT_THAT(bin.body("/deflate"), HasSubstr("\"deflated\":true"));
  EXPECT_THAT(bin.body("/brotli"), HasSubstr("\"brotli\":true"));
  for (const char* target : {"/gzip", "/deflate", "/brotli"})
    EXPECT_FALSE(bin.outcome(target).truncated) << target;
}

void expect_whole_bodies(const Httpbin& bin) {
  const std::string lines = bin.body("/stream/5");
  EXPECT_EQ(std::ranges::count(lines, '\n'), 5);
  EXPECT_EQ(bin.body("/stream-bytes/4096?seed=1&chunk_size=100").size(), 4096U);
  EXPECT_EQ(bin.body("/drip?duration=0.2&numbytes=5&code=200"), "*****");
  EXPECT_GE(bin.outcome("/drip?duration=0.2&numbytes=5&code=200").total_ms, 150);
  EXPECT_GE(bin.outcome("/delay/0.1").ttfb_ms, 100);
  EXPECT_EQ(bin.body("/bytes/1024?seed=1").size(), 1024U);
  EXPECT_EQ(bin.body("/range/2048").size(), 2048U);
  EXPECT_EQ(bin.body("/base64/aGVsbG8%3D"), "hello");
}

void expect_headers_recorded(const Httpbin& bin) {
  EXPECT_THAT(bin.outcome("/etag/abc").etag, HasSubstr("abc"));
  EXPECT_NE(bin.outcome("/cache").last_modified, "");
  EXPECT_EQ(bin.status("/cache/60"), 200);
  EXPECT_EQ(bin.outcome("/image/png").content_type, "image/png");
  EXPECT_EQ(bin.outcome("/image/svg").content_type, "image/svg+xml");
  EXPECT_EQ(bin.outcome("/image/webp").content_type, "image/webp");
  EXPECT_EQ(bin.outcome("/image/jpeg").bytes_body, 35588U);
  EXPECT_EQ(bin.outcome("/encoding/utf8").charset, "UTF-8");
  EXPECT_EQ(bin.status("/response-headers?Content-Language=en"), 200);
}

void expect_nothing_else_sent(const Httpbin& bin) {
  const std::string headers = bin.body("/headers");
  EXPECT_THAT(headers, HasSubstr("\"User-Agent\":\"trawl/"));
  EXPECT_THAT(headers, HasSubstr("\"Accept-Encoding\""));
  for (const char* never : {"Authorization", "Cookie", "Referer", "Expect", "Proxy-"})
    EXPECT_THAT(headers, testing::Not(HasSubstr(never)));
}

void expect_robots_obeyed(const Httpbin& bin) {
  EXPECT_EQ(error_of(bin.records, bin.server.url("/deny")), "robots");
}

void expect_doors_open(const Httpbin& bin) {
  EXPECT_EQ(bin.status("/basic-auth/ann/hunter2"), 401);
  EXPECT_EQ(bin.status("/bearer"), 401);
  const TempDir dir;
  const auto basic = dir.write("basic", "ann:hunter2\n").string();
  const auto token = dir.write("token", "t0ken\n").string();
  const auto fetch_with = [&](const std::string& out, const Arguments& targets, Arguments more) {
    Arguments arguments{"fetch"};
    for (const auto& target : targets) arguments.push_back(bin.server.url(target));
    const auto finished = run_trawl(arguments + loopback(dir / out, std::move(more)));
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    return read_records(dir / out);
  };
  const Arguments doors{"/basic-auth/ann/hunter2", "/hidden-basic-auth/ann/hunter2"};
  const auto opened = fetch_with(
      "basic-out", doors, {"--set", "fetch.auth=basic", "--set", "fetch.auth_file=" + basic});
  for (const auto& door : doors)
    EXPECT_EQ(opened.at(bin.server.url(door)).outcome.status, 200) << door;
  const auto bearer =
      fetch_with("bearer-out", {"/bearer"},
                 {"--set", "fetch.auth=bearer", "--set", "fetch.auth_file=" + token});
  EXPECT_EQ(bearer.at(bin.server.url("/bearer")).outcome.status, 200);
  const auto elsewhere =
      fetch_with("elsewhere", {"/bearer"},
                 {"--set", "fetch.auth=bearer", "--set", "fetch.auth_file=" + token, "--set",
                  R"(fetch.auth_hosts=["other.test"])"});
  EXPECT_EQ(elsewhere.at(bin.server.url("/bearer")).outcome.status, 401);
}

// What is set, kept over runs, and taken back again.
void expect_cookies_kept(const Httpbin& bin) {
  const TempDir dir;
  const auto fetch = [&](const std::string& target) {
    const auto run = run_trawl(Arguments{"fetch", bin.server.url(target)} +
                               loopback(dir / "out", {"--set", "fetch.cookies=persist"}));
    EXPECT_EQ(run.exit_code, 0) << run.err;
  };
  const auto body = [&](const char* target) {
    return run_trawl({"cat", (dir / "out").string(), bin.server.url(target)}).out;
  };
  fetch("/cookies/set?a=1&b=2");
  EXPECT_THAT(body("/cookies"), AllOf(HasSubstr("\"a\":\"1\""), HasSubstr("\"b\":\"2\"")));
  fetch("/cookies/set/c/3");
  fetch("/headers");
  EXPECT_THAT(body("/headers"), HasSubstr("\"Cookie\":\"a=1; b=2; c=3\""));
  const auto exported = run_trawl({"cookies", (dir / "out").string(), "--export", "-"});
  EXPECT_THAT(exported.out, HasSubstr("\tc\t3\n"));
}

void expect_cookies_taken_back(const Httpbin& bin) {
  const TempDir dir;
  const auto jar = dir.write("jar",
                             "127.0.0.1\tFALSE\t/\tFALSE\t0\ta\t1\n"
                             "127.0.0.1\tFALSE\t/\tFALSE\t0\tb\t2\n");
  const auto run = run_trawl(Arguments{"fetch", bin.server.url("/cookies/delete?a=")} +
                             loopback(dir / "out", {"--set", "fetch.cookies=session", "--set",
                                                    "fetch.cookies_file=" + jar.string()}));
  EXPECT_EQ(run.exit_code, 0) << run.err;
  const auto shown = run_trawl({"cat", (dir / "out").string(), bin.server.url("/cookies")}).out;
  EXPECT_THAT(shown, HasSubstr("\"b\":\"2\""));
  EXPECT_THAT(shown, testing::Not(HasSubstr("\"a\"")));
}

// A page is asked for again by what it was known by; one without that comes anew.
void expect_validators_used(const Httpbin& bin) {
  const TempDir dir;
  const Arguments fetch{"fetch", bin.server.url("/cache"), bin.server.url("/etag/abc"),
                        bin.server.url("/cache/60")};
  ASSERT_EQ(run_trawl(fetch + loopback(dir / "out")).exit_code, 0);
  const auto before = read_records(dir / "out");
  ASSERT_EQ(run_trawl(fetch + loopback(dir / "out", {"--again"})).exit_code, 0);
  const auto after = read_records(dir / "out");
  for (const char* target : {"/cache", "/etag/abc"}) {
    const auto url = bin.server.url(target);
    EXPECT_EQ(after.at(url).outcome.revisit, crawl::Revisit::not_modified) << target;
    EXPECT_EQ(after.at(url).outcome.status, 200) << target;
    EXPECT_EQ(after.at(url).outcome.digest, before.at(url).outcome.digest) << target;
  }
  EXPECT_EQ(after.at(bin.server.url("/cache/60")).outcome.revisit, crawl::Revisit::none);
  EXPECT_EQ(after.at(bin.server.url("/cache/60")).outcome.status, 200);
}

TEST(Httpbin, IsFetchedEndpointByEndpoint) {
  const Httpbin bin;
  expect_every_endpoint_done(bin);
  expect_statuses(bin);
  expect_redirects(bin);
  expect_codings_undone(bin);
  expect_whole_bodies(bin);
  expect_headers_recorded(bin);
  expect_nothing_else_sent(bin);
  expect_robots_obeyed(bin);
  expect_doors_open(bin);
  expect_cookies_kept(bin);
  expect_cookies_taken_back(bin);
  expect_validators_used(bin);
}

}  // namespace
}  // namespace trawl::e2e
