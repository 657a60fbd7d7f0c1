// Servers that do what servers should not, all in one run beside well-behaved ones: each ends in
// the record that the documentation names, within its timeout, and holds nobody else up.
#include "tests/e2e/compressed.hpp"
#include "tests/e2e/program.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace trawl::e2e {
namespace {

using crawl::UrlState;

// A port of 127.0.0.1 on which nobody listens as long as the object lives.
class ClosedPort {
 public:
  ClosedPort() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(fd_, generic, size) != 0 || ::getsockname(fd_, generic, &size) != 0)
      throw std::runtime_error("no free port");
    url_ = fmt::format("http://127.0.0.1:{}/", ntohs(address.sin_port));
  }
  ~ClosedPort() { ::close(fd_); }
  ClosedPort(const ClosedPort&) = delete;
  ClosedPort& operator=(const ClosedPort&) = delete;
  const std::string& url() const { return url_; }

 private:
  int fd_;
  std::string url_;
};

constexpr std::size_t bomb_bytes = 64 << 20;

void serve_misbehaviour(LoopbackServer& server) {
  const std::string text(5000, 'x');
  server.on("/silent", support::never_answer());
  server.on("/reset", support::reset_before_head());
  server.on("/drip", Reply{.body = text, .drip_bytes = 1, .drip_every = Millis{100}});
  server.on("/stalls", Reply{.body = text, .cut = support::Cut::stall, .cut_after = 100});
  server.on("/endless", Reply{.content_type = "application/octet-stream", .endless = true});
  server.on("/missing", Reply{.status = 404, .body = page("missing", {})});
  server.on("/loop-a", support::redirect_to("/loop-b"));
  server.on("/loop-b", support::redirect_to("/loop-a"));
  server.on("/self", support::redirect_to("/self"));
  server.on("/grow", [](const SeenRequest& request) {
    return support::redirect_to(request.target + (request.target == "/grow" ? "?x" : "x"));
  });
  server.on("/to-file", support::redirect_to("file:///etc/passwd"));
  server.on("/cut",
            Reply{.body = page("cut", {}) + text, .cut = support::Cut::close, .cut_after = 1000});
  server.on("/bomb", Reply{.headers = {{"Content-Encoding", "gzip"}},
                           .body = gzip(std::string(1024, ' '), bomb_bytes / 1024)});
  server.on("/damaged", Reply{.headers = {{"Content-Encoding", "gzip"}}, .body = "no gzip"});
  server.on("/garbage", Reply{.raw = "SSH-2.0-OpenSSH_9.2\r\n"});
  server.on("/head", Reply{.headers = {{"X-Long", std::string(400 << 10, 'h')}}, .body = "x"});
}

Arguments impatient() {
  return {"--set", "fetch.attempts=1",
          "--set", "fetch.timeout_first_byte=800ms",
          "--set", "fetch.timeout_total=4s",
          "--set", "fetch.min_speed=1KiB/s for 1s",
          "--set", "fetch.max_body=1MiB",
          "--set", "fetch.timeout_dns=2s",
          "--set", "fetch.max_redirects=5",
          "--set", "politeness.per_host=32",
          "--set", "politeness.retry_after_max=5s"};
}

void expect_failures(const Records& records, const LoopbackServer& bad, const ClosedPort& closed) {
  const auto expect = [&](const std::string& url, std::string_view state, std::string_view error) {
    EXPECT_EQ(state_of(records, url), state) << url;
    EXPECT_EQ(error_of(records, url), error) << url;
  };
  expect(bad.url("/silent"), "failed", "first_byte_timeout");
  expect(bad.url("/reset"), "failed", "reset");
  expect(bad.url("/drip"), "failed", "too_slow");
  expect(bad.url("/stalls"), "failed", "too_slow");
  expect(bad.url("/endless"), "fetched", "");
  expect(bad.url("/missing"), "fetched", "");
  expect(bad.url("/loop-a"), "fetched", "");
  expect(bad.url("/loop-b"), "fetched", "redirect_loop");
  expect(bad.url("/self"), "fetched", "redirect_loop");
  expect(bad.url("/grow?xxxxx"), "fetched", "too_many_redirects");
  expect(bad.url("/to-file"), "fetched", "redirect_bad");
  expect(bad.url("/cut"), "failed", "body_truncated");
  expect(bad.url("/bomb"), "fetched", "");
  expect(bad.url("/damaged"), "fetched", "decode");
  expect(bad.url("/garbage"), "failed", "protocol");
  expect(bad.url("/head"), "failed", "header_too_large");
  expect(closed.url(), "failed", "connect_refused");
  EXPECT_EQ(bad.count("/grow"), 6U);
  EXPECT_EQ(bad.count("/self"), 1U);
  EXPECT_EQ(records.at(bad.url("/missing")).outcome.status, 404);
}

TEST(HostileServers, EndInTheirRecordsBesideGoodOnes) {
  LoopbackServer good, bad, no_robots;
  const ClosedPort closed;
  serve_misbehaviour(bad);
  no_robots.on("/robots.txt", Reply{.status = 500});
  Arguments urls{"fetch", closed.url(), "http://nothere.invalid/", no_robots.url("/page")};
  for (const char* path :
       {"/silent", "/reset", "/drip", "/stalls", "/endless", "/missing", "/loop-a", "/self",
        "/grow", "/to-file", "/cut", "/bomb", "/damaged", "/garbage", "/head"})
    urls.push_back(bad.url(path));
  for (int i = 0; i < 50; ++i) {
    good.on(fmt::format("/{}", i), Reply{.body = page("good", {})});
    urls.push_back(good.url(fmt::format("/{}", i)));
  }
  const TempDir dir;

  const auto run = run_trawl(urls + loopback(dir / "out", impatient()));

  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_LT(run.took, Millis{sanitized ? 20'000 : 9'000});
  if (!sanitized) EXPECT_LT(run.resident_bytes_max, 100ULL << 20);
  const auto records = read_records(dir / "out");
  expect_failures(records, bad, closed);
  const auto missing = error_of(records, "http://nothere.invalid/");
  EXPECT_TRUE(missing == "dns" || missing == "dns_timeout") << missing;
  EXPECT_EQ(error_of(records, no_robots.url("/page")), "robots_unreachable");
  EXPECT_EQ(no_robots.count("/page"), 0U);
  EXPECT_EQ(count(records, UrlState::queued), 0U);
  for (int i = 0; i < 50; ++i)
    EXPECT_EQ(state_of(records, good.url(fmt::format("/{}", i))), "fetched");
}

TEST(HostileServers, HaveWhatCameKeptAndMarked) {
  LoopbackServer bad;
  serve_misbehaviour(bad);
  const TempDir dir;
  const auto run =
      run_trawl(Arguments{"fetch", bad.url("/cut"), bad.url("/bomb"), bad.url("/endless")} +
                loopback(dir / "out", impatient()));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto records = read_records(dir / "out");

  const auto& cut = records.at(bad.url("/cut")).outcome;
  EXPECT_EQ(cut.status, 200);
  EXPECT_EQ(cut.bytes_body, 1000U);
  EXPECT_EQ(cut.title, "cut");
  ASSERT_TRUE(cut.archive);
  const auto& bomb = records.at(bad.url("/bomb")).outcome;
  EXPECT_TRUE(bomb.truncated);
  EXPECT_LE(bomb.bytes_body, 1U << 20);
  const auto& endless = records.at(bad.url("/endless")).outcome;
  EXPECT_TRUE(endless.truncated);
  EXPECT_EQ(endless.bytes_body, 1U << 20);

  const auto raw = run_trawl({"cat", (dir / "out").string(), bad.url("/cut")});
  EXPECT_EQ(raw.out.size(), 1000U) << raw.err;
  EXPECT_TRUE(raw.out.starts_with("<!DOCTYPE html>"));
}

TEST(HostileServers, AtPrivateAddressesAreNotConnectedTo) {
  LoopbackServer server;
  const TempDir dir;
  const auto run = run_trawl({"fetch", server.url("/page"), "http://169.254.169.254/latest/", "-o",
                              (dir / "out").string(), "--delay", "0", "--set",
                              "limits.min_free_disk=off", "--set", "fetch.attempts=1"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  const auto records = read_records(dir / "out");
  for (const auto& url : {server.url("/page"), std::string{"http://169.254.169.254/latest/"}}) {
    EXPECT_EQ(state_of(records, url), "excluded");
    EXPECT_EQ(error_of(records, url), "private_address");
  }
  EXPECT_EQ(server.connections(), 0U);
}

TEST(HostileServers, AreAskedAgainWhenTheySaid) {
  LoopbackServer server;
  server.on("/busy", [&](const SeenRequest&) {
    if (server.count("/busy") > 1) return Reply{.body = page("at last", {})};
    return Reply{.status = 429, .headers = {{"Retry-After", "1"}}};
  });
  server.on("/shaky", [&](const SeenRequest&) {
    return server.count("/shaky") > 2 ? Reply{.body = page("ok", {})}
                                      : support::reset_before_head();
  });
  const TempDir dir;
  const auto run = run_trawl(
      Arguments{"fetch", server.url("/busy"), server.url("/shaky")} +
      loopback(dir / "out", {"--set", "fetch.attempts=3", "--set", "fetch.backoff=10ms..50ms"}));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto records = read_records(dir / "out");
  EXPECT_EQ(records.at(server.url("/busy")).outcome.status, 200);
  EXPECT_EQ(records.at(server.url("/busy")).outcome.attempts, 2);
  // libcurl tries again by itself when a connection that was kept open turns out to be dead.
  EXPECT_GE(records.at(server.url("/shaky")).outcome.attempts, 2);
  EXPECT_EQ(server.count("/shaky"), 3U);
  std::vector<Mono> asked;
  for (const auto& request : server.requests())
    if (request.path == "/busy") asked.push_back(request.time);
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_GE(asked[1] - asked[0], Millis{1000});
  EXPECT_EQ(expect_sound(dir / "out"), 2U);
}

// Its robots.txt can't be had while it is away; that must not use up the attempts of its pages.
TEST(HostileServers, ThatComeBackAreFetchedFrom) {
  LoopbackServer server;
  server.on("/robots.txt", [&](const SeenRequest&) {
    return server.count("/robots.txt") > 2 ? Reply{.status = 404} : support::reset_before_head();
  });
  server.on("/page", Reply{.body = page("back", {})});
  const TempDir dir;
  const auto run = run_trawl(Arguments{"fetch", server.url("/page")} +
                             loopback(dir / "out", {"--set", "fetch.backoff=20ms..50ms"}));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(state_of(read_records(dir / "out"), server.url("/page")), "fetched");
}

}  // namespace
}  // namespace trawl::e2e
