// A site without an end, crawled by the program as users run it, and what they are told of it.
#include "tests/e2e/program.hpp"
#include "tests/support/trap_site.hpp"

#include <fmt/format.h>

#include <fstream>

namespace trawl::e2e {
namespace {

using crawl::UrlState;
using support::Trap;
using support::TrapSite;
using testing::ContainsRegex;
using testing::HasSubstr;

TEST(Traps, ARestartGoesOnWithWhatWasCountedAndTellsOfIt) {
  TrapSite site{Trap::session_ids};
  const TempDir dir;
  const auto crawl =
      Arguments{"crawl", site.server().url()} +
      loopback(dir / "out", {"--set", "urls.pattern_budget=40", "--set", "scope.max_depth=off"});
  EXPECT_EQ(run_trawl(crawl + Arguments{"--max-pages", "90"}).exit_code, 11);
  const auto rest = run_trawl(crawl);
  EXPECT_EQ(rest.exit_code, 0) << rest.err;

  const auto records = read_records(dir / "out");
  for (const auto& url : site.good_urls()) EXPECT_EQ(state_of(records, url), "fetched") << url;
  EXPECT_LT(site.trapped(), 500U);
  std::string left_out;
  for (const auto& [url, record] : records)
    if (record.outcome.error == Errc::trap) left_out = url;
  ASSERT_FALSE(left_out.empty());

  const auto stats = run_trawl({"stats", (dir / "out").string()});
  EXPECT_THAT(stats.out, HasSubstr("traps: kinds of pages that bring nothing new"));
  EXPECT_THAT(stats.out, ContainsRegex("127.0.0.1:[0-9]+/trap/\\{w\\+\\}\\?sid=\\{hex\\}\n +[0-9]+ "
                                       "fetched, [0-9]+ with something new, [0-9,]+ left out; (no "
                                       "more are|one in [0-9]+ is) fetched"));
  const auto json = run_trawl({"stats", (dir / "out").string(), "--format", "json"});
  EXPECT_THAT(json.out, HasSubstr("\"pattern\":\"/trap/{w+}?sid={hex}\""));

  const auto why = run_trawl({"explain", (dir / "out").string(), left_out});
  EXPECT_THAT(why.out, HasSubstr("nothing_new: of "));
  EXPECT_THAT(why.out, HasSubstr("pages like /trap/{w+}?sid={hex} "));
}

// What a job file says for one host, in the program.
TEST(Traps, ASiteOfTheJobFileCanTurnTheWatchOff) {
  TrapSite site{Trap::calendar, 3};
  const TempDir dir;
  std::ofstream{dir / "job.toml"} << fmt::format(
      "seeds.urls = [\"{}\"]\nscope.max_depth = \"off\"\nlimits.pages = 150\n"
      "limits.min_free_disk = \"off\"\npoliteness = {{ delay = 0, adaptive = \"off\" }}\n"
      "fetch.allow_private_networks = [\"127.0.0.0/8\"]\noutput.dir = \"{}\"\n"
      "urls.pattern_budget = 16\nurls.calendar_years = \"off\"\n[[site]]\nmatch = "
      "\"127.0.0.1:{}\"\n"
      "urls.pattern_budget = \"off\"\n",
      site.server().url(), (dir / "out").string(), site.server().port());
  const auto run = run_trawl({"run", (dir / "job.toml").string()});
  EXPECT_EQ(run.exit_code, 11) << run.err;
  const auto check = run_trawl({"check", (dir / "job.toml").string(), "--print"});
  EXPECT_THAT(check.out, ContainsRegex("\nurls.pattern_budget = \"off\" +# .*job.toml:12:23\n"));
}

}  // namespace
}  // namespace trawl::e2e
