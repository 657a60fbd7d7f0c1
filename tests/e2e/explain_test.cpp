// The question that a crawl leaves behind: why was this URL fetched, or not?
#include "tests/e2e/program.hpp"

#include <csignal>

namespace trawl::e2e {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Explain, AnswersWhileTheJobRuns) {
  LoopbackServer server;
  server.on("/", Reply{.body = page("home", {"/slow", "/private/x", "/old/y", "/z?session=1"})});
  server.on("/robots.txt", Reply{.body = "User-agent: *\nDisallow: /private/\n"});
  server.on("/slow", Reply{.body = page("slow", {}), .delay = Millis{60'000}});
  server.on("/z", Reply{.body = page("z", {})});
  const TempDir dir;
  const auto folder = (dir / "out").string();
  Subprocess job{
      trawl(Arguments{"crawl", server.url()} +
            loopback(folder, {"--set", "scope.exclude=[\"*/old/*\"]", "--set",
                              "urls.strip_params=[\"session\"]", "--set", "job.grace=100ms"}))};
  ASSERT_TRUE(server.wait_for("/slow", 1));
  ASSERT_TRUE(server.wait_for("/z", 1));
  const auto explain = [&](const std::string& path) {
    return run_trawl({"explain", folder, server.url(path)});
  };
  // The commit follows the answer.
  auto home = explain("/");
  for (int i = 0; i < 200 && home.out.find("status 200") == std::string::npos; ++i)
    home = explain("/");
  EXPECT_EQ(home.exit_code, 0) << home.err;
  EXPECT_THAT(home.out, HasSubstr("as a seed"));
  EXPECT_THAT(explain("/slow").out, HasSubstr("queued: found, not fetched yet"));
  EXPECT_THAT(explain("/old/y").out, HasSubstr("exclude */old/*"));
  EXPECT_THAT(explain("/old/y").out, HasSubstr("scope.exclude[0], entry 1 of 1 (--set)"));
  auto robots = explain("/private/x");
  for (int i = 0; i < 200 && robots.out.find("state      excluded") == std::string::npos; ++i)
    robots = explain("/private/x");
  EXPECT_THAT(robots.out, HasSubstr("line 2: Disallow: /private/"));
  EXPECT_THAT(explain("/z?session=2").out, HasSubstr("parameter session stripped"));
  EXPECT_THAT(explain("/z?session=2").out, HasSubstr("link on " + server.url()));
  const auto cat = run_trawl({"cat", folder, server.url("/z?session=3")});
  EXPECT_NE(cat.exit_code, 6) << cat.err;
  job.send_signal(SIGTERM);
  EXPECT_EQ(job.wait().exit_code, 10);
}

TEST(Explain, SaysOfASeedOfAnEarlierRunWhatIsToBecomeOfIt) {
  LoopbackServer server, other;
  server.on("/", Reply{.body = page("home", {})});
  other.on("/", Reply{.body = page("other", {})});
  const TempDir dir;
  const auto folder = (dir / "out").string();
  const auto run_with = [&](const std::vector<std::string>& seeds, Arguments more = {}) {
    const auto job = dir.write("job.toml", fmt::format(R"([seeds]
urls = ["{}"]
[output]
dir = "{}"
[politeness]
delay = "0s"
adaptive = "off"
[limits]
min_free_disk = "off"
[fetch]
allow_private_networks = ["127.0.0.0/8"]
)",
                                                       fmt::join(seeds, R"(", ")"), folder));
    return run_trawl(Arguments{"run", job.string()} + more).exit_code;
  };
  ASSERT_EQ(run_with({server.url(), other.url()}), 0);
  const auto seed = run_trawl({"explain", folder, other.url()});
  EXPECT_THAT(seed.out, HasSubstr("found      as a seed\n"));
  EXPECT_THAT(seed.out, HasSubstr("scope      inside"));
  ASSERT_EQ(run_with({server.url()}), 0);
  const auto former = run_trawl({"explain", folder, other.url()});
  EXPECT_THAT(former.out, HasSubstr("state      fetched"));
  EXPECT_THAT(former.out, HasSubstr("as a seed of an earlier run: the job names it no more"));
  EXPECT_THAT(former.out, HasSubstr("outside by the rule \"mode host\""));
  EXPECT_THAT(former.out, HasSubstr("by the rules of now it is excluded when it is due"));
  ASSERT_EQ(run_with({server.url()}, {"--again"}), 0);
  const auto excluded = run_trawl({"explain", folder, other.url()});
  EXPECT_THAT(excluded.out, HasSubstr("state      excluded"));
  EXPECT_EQ(other.count("/"), 1U);
  LoopbackServer parked;
  parked.on("/", Reply{.body = "parked"});
  server.on("/", support::redirect_to(parked.url()));
  ASSERT_EQ(run_with({server.url()}, {"--again"}), 0);
  EXPECT_THAT(run_trawl({"explain", folder, parked.url()}).out, HasSubstr("scope      inside"));
  server.on("/", Reply{.body = "home"});
  ASSERT_EQ(run_with({server.url()}, {"--again"}), 0);
  const auto over = run_trawl({"explain", folder, parked.url()});
  EXPECT_THAT(over.out, HasSubstr("  no longer: it redirects here no more"));
  EXPECT_THAT(over.out, HasSubstr("outside by the rule \"mode host\""));
}

TEST(Explain, ShowsTheRecordOfJustTheSpellingThatIsAskedFor) {
  LoopbackServer server;
  server.on("/", Reply{.body = page("home", {"/z?session=1&a=1"})});
  server.on("/z", Reply{.body = page("z", {})});
  const TempDir dir;
  const auto folder = (dir / "out").string();
  const auto options = loopback(folder, {});
  ASSERT_EQ(run_trawl(Arguments{"crawl", server.url()} + options).exit_code, 0);
  const auto stripped =
      Arguments{"crawl", server.url(), "--set", "urls.strip_params=[\"session\"]"} + options;
  ASSERT_LT(run_trawl(stripped).exit_code, 2);
  const auto old = run_trawl({"explain", folder, server.url("/z?session=1&a=1")});
  EXPECT_THAT(old.out, HasSubstr("state      fetched"));
  EXPECT_THAT(old.out, HasSubstr("by [urls] it is " + server.url("/z?a=1") + " now"));
  EXPECT_THAT(old.out, HasSubstr("by the rules of now it is excluded when it is due"));
  ASSERT_LT(run_trawl(stripped + Arguments{"--again"}).exit_code, 2);
  const auto excluded = run_trawl({"explain", folder, server.url("/z?session=1&a=1")});
  EXPECT_THAT(excluded.out, HasSubstr("URL        " + server.url("/z?session=1&a=1")));
  EXPECT_THAT(excluded.out, HasSubstr("state      excluded"));
  EXPECT_THAT(excluded.out, HasSubstr("trawl explain " + folder + " '" + server.url("/z?a=1'")));
  EXPECT_THAT(excluded.out, Not(HasSubstr("inside")));
  EXPECT_THAT(excluded.out, Not(HasSubstr("Widen")));
  const auto other = run_trawl({"explain", folder, server.url("/z?session=2&a=1")});
  EXPECT_THAT(other.out, HasSubstr("URL        " + server.url("/z?a=1")));
  EXPECT_THAT(other.out, HasSubstr("state      fetched"));
}

TEST(Explain, SecretsAreNotInTheFolder) {
  LoopbackServer server;
  server.on("/", Reply{.body = "x"});
  const TempDir dir;
  const auto folder = (dir / "out").string();
  ASSERT_EQ(run_trawl(Arguments{"crawl", server.url()} +
                      loopback(folder, {"--set", "fetch.headers.Authorization=Bearer-hunter2",
                                        "--set", "fetch.headers.X-Api-Token=hunter3"}))
                .exit_code,
            0);
  EXPECT_EQ(run_trawl({"explain", folder, server.url()}).exit_code, 0);
  for (const auto& file : {"crawl.db", "crawl.db-wal"})
    if (std::filesystem::exists(dir / "out" / file)) {
      const auto found =
          support::run({.args = {"grep", "-c", "-a", "hunter[23]", folder + "/" + file}});
      EXPECT_EQ(found.out, "0\n") << file;
    }
}

TEST(Explain, AFolderWithoutACrawlIsSaidToBeNone) {
  const TempDir dir;
  const auto none = run_trawl({"explain", (dir / "none").string(), "http://h/"});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_THAT(none.err, HasSubstr("there is no"));
}

}  // namespace
}  // namespace trawl::e2e
