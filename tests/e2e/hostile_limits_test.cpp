// Limits of a job, each with its own code or note, and with what had arrived kept. Those that the
// behaviours don't reach, or reach together with another; the rest is in hostile_bodies_test.cpp,
// and time for names and connections in tests/http/client.
#include "tests/e2e/hostile_web.hpp"

#include <fmt/format.h>

namespace trawl::e2e {

namespace demo = service::demo;
using support::HostileServer;
using testing::HasSubstr;

namespace {

demo::Script limits_site(const demo::ScriptRequest& request) {
  if (request.target == "/drip")
    return {demo::send("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5000\r\n\r\n"
                       "<title>slowly</title>"),
            demo::drip(std::string(4000, 'x'), Millis{20})};
  if (request.target == "/to-long")
    return {
        demo::send(fmt::format("HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /{}\r\n\r\n",
                               std::string(300, 'l')))};
  if (request.target == "/links") {
    const auto body =
        fmt::format("<a href=\"/{}\">long</a><a href=\"/good-3\">good</a>", std::string(300, 'l'));
    return {
        demo::send(fmt::format("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                               "Content-Length: {}\r\n\r\n{}",
                               body.size(), body))};
  }
  return demo::hostile_answer(request);
}

}  // namespace

TEST_F(HostileWeb, TheTimeForTheWholeFetchEndsADripThatIsQuickEnough) {
  const HostileServer server{limits_site};
  fetch_from(server, {"drip"},
             {"--set", "fetch.min_speed=off", "--set", "fetch.timeout_total=2500ms"});
  EXPECT_EQ(error_of(records_, server.url("/drip")), "total_timeout");
  EXPECT_TRUE(outcome("drip").truncated);
  EXPECT_EQ(outcome("drip").title, "slowly");
  EXPECT_GT(outcome("drip").bytes_body, 21U);
}

TEST_F(HostileWeb, TheRatioOfDecompressionEndsABombWhereBodiesMayBeLarge) {
  fetch_from(server_, {"br_bomb", "zstd_bomb"}, {"--set", "fetch.max_body=off"});
  for (const char* name : {"br_bomb", "zstd_bomb"}) {
    EXPECT_EQ(outcome(name).note, "decode_ratio") << name;
    EXPECT_TRUE(outcome(name).truncated) << name;
    EXPECT_LT(outcome(name).bytes_body, 4U << 20) << name;
    EXPECT_EQ(error_of(records_, server_.url("/" + std::string{name})), "") << name;
  }
}

TEST_F(HostileWeb, UrlsOverTheirLengthAreNotFollowedFromRedirectsAndLinks) {
  const HostileServer server{limits_site};
  fetch_from(server, {"to-long"}, {"--set", "urls.max_length=200"});
  EXPECT_EQ(error_of(records_, server.url("/to-long")), "redirect_bad");
  const TempDir dir;
  const auto run = run_trawl(Arguments{"crawl", server.url("/links")} +
                             hostile_options(dir / "out", {"--set", "urls.max_length=200"}));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto records = read_records(dir / "out");
  EXPECT_EQ(records.size(), 2U);
  EXPECT_EQ(state_of(records, server.url("/good-3")), "fetched");
}

}  // namespace trawl::e2e
