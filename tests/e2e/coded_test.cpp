// Content-Encoding where it is least expected.
#include "tests/e2e/compressed.hpp"
#include "tests/e2e/program.hpp"

namespace trawl::e2e {

using crawl::UrlState;

Reply coded(std::string_view text, std::string content_type) {
  return {.headers = {{"Content-Encoding", "gzip"}},
          .body = gzip(text),
          .content_type = std::move(content_type)};
}

// It is asked for as it is; some send it packed all the same.
TEST(Coded, RulesHold) {
  LoopbackServer server;
  server.on("/robots.txt", coded("User-agent: *\nDisallow: /closed\n", "text/plain"));
  server.on("/", Reply{.body = page("home", {"/open", "/closed"})});
  server.on("/open", Reply{.body = page("open", {})});
  server.on("/closed", Reply{.body = page("closed", {})});
  const TempDir dir;
  ASSERT_EQ(run_trawl(Arguments{"crawl", server.url("/")} + loopback(dir / "out")).exit_code, 0);
  const auto records = read_records(dir / "out");
  EXPECT_EQ(state_of(records, server.url("/open")), "fetched");
  EXPECT_EQ(error_of(records, server.url("/closed")), "robots");
  EXPECT_EQ(server.count("/closed"), 0U);
}

// Rules that can't be unpacked can't be read.
TEST(Coded, DamagedRulesAreNoLeave) {
  LoopbackServer server;
  auto damaged = coded("User-agent: *\nDisallow: /closed\n", "text/plain");
  damaged.body.resize(damaged.body.size() / 2);
  server.on("/robots.txt", damaged);
  server.on("/", Reply{.body = page("home", {})});
  const TempDir dir;
  const Arguments quick{"--set", "fetch.attempts=2", "--set", "fetch.backoff=10ms..20ms"};
  ASSERT_EQ(run_trawl(Arguments{"crawl", server.url("/")} + loopback(dir / "out", quick)).exit_code,
            0);
  EXPECT_EQ(state_of(read_records(dir / "out"), server.url("/")), "failed");
  EXPECT_EQ(server.count("/"), 0U);
}

// A few KiB on the wire and megabytes behind them: read to its end, though not on the loop.
TEST(Coded, ALongPageIsReadToItsEnd) {
  LoopbackServer server;
  std::string text = "<title>long</title><a href=/first>x</a>";
  for (int i = 0; i < 300'000; ++i) text += "<p>all the same";
  text += "<a href=/last>x</a>";
  server.on("/", coded(text, "text/html"));
  for (const auto* path : {"/first", "/last"}) server.on(path, Reply{.body = page(path, {})});
  const TempDir dir;
  ASSERT_EQ(run_trawl(Arguments{"crawl", server.url("/")} + loopback(dir / "out")).exit_code, 0);
  const auto records = read_records(dir / "out");
  EXPECT_EQ(count(records, UrlState::fetched), 3U);
  EXPECT_EQ(records.at(server.url("/")).outcome.bytes_body, text.size());
  EXPECT_FALSE(records.at(server.url("/")).outcome.truncated);
  expect_sound(dir / "out");
}

}  // namespace trawl::e2e
