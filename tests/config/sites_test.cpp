// [[site]]: what it reads, what it refuses and where, what it prints.
#include "config/sites.hpp"

#include "config/check.hpp"
#include "core/crawl/job/site_settings.hpp"
#include "tests/config/support.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trawl::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

constexpr const char* two_sites = R"(
politeness.delay = "2s"
fetch.headers = { Accept-Language = "en" }

[[site]]
match = ["*.example", "b.example:8080"]
politeness.delay = "5s"
attempts = 1
fetch.headers = { Authorization = "hunter2" }

[[site]]
match = "fast.example"
[site.politeness]
delay = 0
per_host = 4
)";

}  // namespace

TEST(Sites, LieOverTheJobKeyByKeyAndTheLaterOneWins) {
  const auto job = load(two_sites);
  ASSERT_TRUE(job) << message(job);
  const crawl::SiteSettings sites{job->spec};
  EXPECT_EQ(&sites.of("b.org"), &job->spec);
  const crawl::JobSpec& slow = sites.of("a.example");
  EXPECT_EQ(slow.politeness.delay, Millis{5000});
  EXPECT_EQ(slow.politeness.per_host, 1);
  EXPECT_EQ(slow.fetch.attempts, 1);
  EXPECT_THAT(slow.fetch.headers,
              ElementsAre(Pair("Accept-Language", "en"), Pair("Authorization", "hunter2")));
  const crawl::JobSpec& fast = sites.of("fast.example");
  EXPECT_EQ(fast.politeness.delay, Millis{0});
  EXPECT_EQ(fast.politeness.per_host, 4);
  EXPECT_EQ(fast.fetch.attempts, 1);
}

// A site lies over what the environment and the command line say, too: it is the more special.
TEST(Sites, LieOverTheCommandLine) {
  const auto job = load(two_sites, {.environment = {},
                                    .options = {{.key = "fetch.attempts", .value = "9"},
                                                {.key = "fetch.max_redirects", .value = "3"}}});
  ASSERT_TRUE(job) << message(job);
  const crawl::SiteSettings sites{job->spec};
  EXPECT_EQ(sites.of("a.example").fetch.attempts, 1);
  EXPECT_EQ(sites.of("a.example").fetch.max_redirects, 3);
}

TEST(Sites, AllErrorsAreAtTheirPlacesAndInFileOrder) {
  const auto job = load(R"(
[[site]]
match = "*.example/path"
politeness.delay = 5
politeness.dellay = "5s"
[[site]]
fetch.concurrency = 3
fetch.headers = { Host = "x", A = "1", a = "2" }
robots.policy = "ignore"
fetch.proxy = "http://p:1"
colour = "red"
[[site]]
match = ["a.example", "b:c"]
scope.exclude = ["re:("]
[output]
shards = 0
)");
  EXPECT_THAT(
      messages(job),
      ElementsAre(
          "docs.toml:4:9: key site[0].match: expected a host like \"example.org\", "
          "\"*.example.org\" or \"example.org:8080\", or a list of them, found "
          "\"*.example/path\" (string)",
          "docs.toml:5:20: key site[0].politeness.delay: expected a duration like \"2s\", found 5 "
          "(integer)",
          "docs.toml:6:12: key site[0].politeness.dellay: unknown key of a site; the nearest known "
          "key is politeness.delay",
          "docs.toml:7:1: key site[1]: expected `match`, a host like \"example.org\", "
          "\"*.example.org\" or \"example.org:8080\", or a list of them",
          "docs.toml:8:7: key site[1].fetch.concurrency: holds for the whole job and can't differ "
          "by host; set it in [fetch]",
          "docs.toml:9:26: key site[1].fetch.headers.host: is set by trawl itself for each request",
          "docs.toml:9:40: key site[1].fetch.headers.a: is there twice: names differ only in case",
          "docs.toml:10:8: key site[1].robots.policy: holds for the whole job and can't differ by "
          "host; set it in [robots]",
          HasSubstr("docs.toml:11:7: key site[1].fetch.proxy: "),
          "docs.toml:12:1: key site[1].colour: unknown key of a site",
          "docs.toml:14:23: key site[2].match[1]: expected a host like \"example.org\", "
          "\"*.example.org\" or \"example.org:8080\", found \"b:c\" (string)",
          HasSubstr("docs.toml:15:18: key site[2].scope.exclude[0]: expected a regular expression"),
          HasSubstr("docs.toml:17:10: key output.shards: ")));
}

TEST(Sites, AreTablesOfAJobFileAndNothingElse) {
  EXPECT_EQ(message(load("[site]\nmatch = 'a'")),
            "docs.toml:2:1: key site: expected tables, each one [[site]], found a table");
  EXPECT_EQ(message(load("site = [1]")),
            "docs.toml:2:9: key site[0]: expected a table, found 1 (integer)");
  EXPECT_EQ(message(load("[[sites]]\nmatch = 'a'")),
            "docs.toml:2:3: key sites: unknown; the only tables of this form are [[site]] and "
            "[[priority]]");
  EXPECT_EQ(message(load_with({{.key = "site.politeness.delay", .value = "1s"}})),
            "--set: key site.politeness.delay: sites are set in a job file alone, in [[site]] "
            "tables");
  EXPECT_THAT(message(load("[[site]]\nmatch = 'a'\npoliteness = 3")),
              HasSubstr("docs.toml:4:14: key site[0].politeness: expected a table"));
  EXPECT_THAT(message(load("[[site]]\nmatch = 'a'\ndelay = '1s'\npoliteness.delay = '2s'")),
              HasSubstr("docs.toml:5:12: key site[0].politeness.delay: is there twice"));
}

TEST(Sites, ADelayAboveItsLimitIsAnErrorOfTheSiteThatHasIt) {
  EXPECT_EQ(message(load("[[site]]\nmatch = 'a'\npoliteness.delay = '2m'")),
            "docs.toml:4:20: key site[0].politeness.delay: expected politeness.delay (2m) to be at "
            "most politeness.delay_max (1m) at this site");
  EXPECT_TRUE(load("[[site]]\nmatch = 'a'\npoliteness.delay = '2m'\ndelay_max = '3m'"));
}

TEST(Sites, ArePrintedWithTheirOriginsAndLoadBack) {
  const auto job = load(two_sites);
  ASSERT_TRUE(job) << message(job);
  const std::string text = print_job(*job);
  EXPECT_THAT(text, testing::ContainsRegex("\n\\[\\[site\\]\\] +# docs.toml:6:1\n"
                                           "match = \\[\"\\*.example\", \"b.example:8080\"\\] +# "
                                           "docs.toml:7:9\n"
                                           "politeness.delay = \"5s\" +# docs.toml:8:20\n"
                                           "fetch.attempts = 1 +# docs.toml:9:12\n"
                                           "fetch.headers.Authorization = \"\\*\\*\\*\" +# "));
  EXPECT_THAT(text, Not(HasSubstr("hunter2")));
  const auto again = load_job_text(text, "printed.toml", {});
  ASSERT_TRUE(again) << message(again) << text;
  const crawl::SiteSettings sites{again->spec};
  EXPECT_EQ(sites.of("fast.example").politeness.per_host, 4);
  EXPECT_EQ(sites.of("b.example:8080").politeness.delay, Millis{5000});
  EXPECT_EQ(sites.of("b.example:8081").politeness.delay, Millis{5000});  // by "*.example"
}

namespace {

// What a match is read as, or why it is refused.
std::string match_of(std::string_view text) {
  const auto job = load(fmt::format("[[site]]\nmatch = '{}'\n", text));
  return job ? job->spec.sites.at(0).match.at(0) : message(job);
}

}  // namespace

// URL standard, 3.5: what a host is called in URLs, which is what a match is held against.
TEST(Sites, AMatchIsBroughtIntoTheFormOfHosts) {
  EXPECT_EQ(match_of("[0:0:0:0:0:0:0:1]"), "[::1]");
  EXPECT_EQ(match_of("[FD00::0]:08080"), "[fd00::]:8080");
  EXPECT_EQ(match_of("127.1"), "127.0.0.1");
  EXPECT_EQ(match_of("127.0.0.1:080"), "127.0.0.1:80");
  EXPECT_EQ(match_of("UPPER.example.:*"), "upper.example.:*");
  EXPECT_EQ(match_of("bücher.example"), "xn--bcher-kva.example");
  EXPECT_EQ(match_of("*.BÜCHER.example:8*"), "*.xn--bcher-kva.example:8*");
  for (const char* same : {"[::1]", "[*]", "[FD*", "*]:8080", "[::*]", "127.0.0.*", "*:8080", "*",
                           "under_score.example"})
    EXPECT_EQ(match_of(same), lower_ascii(same)) << same;
}

TEST(Sites, AMatchThatIsNoHostSaysWhatToWrite) {
  EXPECT_THAT(match_of("::1"), HasSubstr("an IPv6 address in brackets, \"[::1]\", found"));
  EXPECT_THAT(match_of("[::1"), HasSubstr("an IPv6 address in brackets, \"[::1]\", found"));
  EXPECT_THAT(match_of("::1:41234"), HasSubstr("in brackets, \"[::1]:41234\", found"));
  EXPECT_THAT(match_of("[::g]"), HasSubstr("an IPv6 address in brackets like"));
  EXPECT_THAT(match_of("[fd00:*"), HasSubstr("an IPv6 address in brackets like"));
  EXPECT_THAT(match_of("b*ücher.example"), HasSubstr("or its xn-- form"));
  for (const char* text : {"1.2.3.400", ":80", "a:b", "a:65536", "a b", "a/b", "u@a", ""})
    EXPECT_THAT(match_of(text), HasSubstr("expected a host like")) << text;
}

TEST(Sites, EveryKeyOfASiteIsAKeyOfTheJob) {
  for (const std::string_view path : site_keys()) EXPECT_NE(find_key(path).first, nullptr) << path;
}

}  // namespace trawl::config
