#include "service/cli/explain.hpp"

#include "core/base/result.hpp"
#include "service/explain/error_advice.hpp"
#include "service/explain/explain_facts.hpp"
#include "storage/open.hpp"
#include "tests/service/cli/small_crawl.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

namespace trawl::service::cli {
namespace {

constexpr Wall now{Millis{1'769'904'000'000}};  // 2026-02-01T00:00:00Z

std::string explain(const test::SmallCrawl& crawl, const std::string& url, bool json = false) {
  TextOutput out;
  EXPECT_EQ(run_explain({crawl.folder(), url, json}, now, out), ExitCode::ok);
  return out.text;
}

bool says(std::string_view text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// A seed that links to /a, which redirects to /b, which links to /c; and robots.txt.
struct Chain {
  explicit Chain(const std::string& settings = "[seeds]\nurls = [\"http://h/\"]\n") {
    crawl.settings(settings);
    home = crawl.admit("http://h/", "h");
    crawl.end(home, test::SmallCrawl::fetched());
    a = crawl.apply({.admitted = {{.url = "http://h/a", .host = "h", .depth = 1, .via = home}}})[0];
    crawl.end(a, test::SmallCrawl::fetched({.status = 302, .redirect_to = "http://h/b"}));
    b = crawl.apply(
        {.admitted = {
             {.url = "http://h/b", .host = "h", .depth = 1, .via = a, .redirect_chain = {1}}}})[0];
    c = crawl.apply({.admitted = {{.url = "http://h/c", .host = "h", .depth = 2, .via = b}}})[0];
    crawl.apply({.robots = {{"http://h", now.time_since_epoch().count() - 60'000, 200,
                             "User-agent: *\nDisallow: /private\nCrawl-delay: 5\n"}}});
  }
  test::SmallCrawl crawl;
  crawl::UrlId home, a, b, c;
};

TEST(Explain, APageThatIsExcludedNowIsNotCalledUnfetched) {
  test::SmallCrawl crawl;
  crawl.settings("[seeds]\nurls = [\"http://h/\"]\n");
  crawl.fetch("http://h/page", "h", "", "a page");
  crawl::Outcome kept = test::SmallCrawl::fetched({.revisit = crawl::Revisit::kept});
  kept.state = crawl::UrlState::excluded;
  kept.error = Errc::scope;
  kept.error_detail = "exclude */page";
  auto with_body = kept;
  with_body.archive = crawl.capture("http://h/page", "", "a page");
  crawl.end(crawl.id("http://h/page"), with_body);
  const std::string text = explain(crawl, "http://h/page");
  EXPECT_TRUE(says(text, "excluded now; the page of 2026-01-31T23:59:58.123Z is kept\n")) << text;
  EXPECT_TRUE(says(text, "not asked for again: it is excluded now\n")) << text;
  EXPECT_TRUE(says(text, "status 200")) << text;
  EXPECT_TRUE(says(text, "http://h/page\n") && says(text, "body       warc/")) << text;
  for (const char* wrong : {"not fetched", "attempt", "received", "brought none"})
    EXPECT_FALSE(says(text, wrong)) << wrong << "\n" << text;
  crawl.end(crawl.admit("http://h/bodiless", "h"), kept);
  EXPECT_TRUE(
      says(explain(crawl, "http://h/bodiless"), "excluded now; what is known of the answer"));
}

TEST(Explain, OfSeveralMethodsThePlainGetIsMeant) {
  test::SmallCrawl crawl;
  crawl.settings("[seeds]\nurls = [\"http://h/\"]\n");
  crawl::NewUrl head{.url = "http://h/", .host = "h"};
  head.request = std::make_shared<const crawl::RequestSpec>(crawl::RequestSpec{.method = "HEAD"});
  const auto ids = crawl.apply({.admitted = {head, {.url = "http://h/", .host = "h"}}});
  crawl.end(ids[0], test::SmallCrawl::fetched({.status = 404}));
  crawl.end(ids[1], test::SmallCrawl::fetched({.status = 203}));
  EXPECT_TRUE(says(explain(crawl, "http://h/"), "203"));
  TextOutput out;
  run_explain({.folder = crawl.folder(), .url = "http://h/", .method = "HEAD"}, now, out);
  EXPECT_TRUE(says(out.text, "404")) << out.text;
  EXPECT_FALSE(says(out.text, "203")) << out.text;
  EXPECT_THROW(
      run_explain({.folder = crawl.folder(), .url = "http://h/", .method = "PUT"}, now, out),
      Failure);
}

TEST(Explain, ALineThatIsNoUrlIsExplainedByItsRecord) {
  test::SmallCrawl crawl;
  crawl.settings("[seeds]\nurls = [\"http://h/\"]\n");
  crawl.apply({.admitted = {{.url = "out=foo.txt",
                             .excluded = Errc::bad_url,
                             .excluded_detail = "list:3: relative and has no base"}}});
  const std::string text = explain(crawl, "out=foo.txt");
  EXPECT_TRUE(says(text, "excluded: known, and not fetched")) << text;
  EXPECT_TRUE(says(text, "list:3: relative and has no base")) << text;
  EXPECT_FALSE(says(text, "robots.txt")) << text;
  const auto json = boost::json::parse(explain(crawl, "out=foo.txt", true)).as_object();
  EXPECT_EQ(json.at("state"), "excluded");
  EXPECT_EQ(json.at("error"), "bad_url");
}

TEST(Explain, TellsTheWayBackToTheSeed) {
  Chain chain;
  const std::string text = explain(chain.crawl, "http://h/c");
  EXPECT_TRUE(says(text, "2 links from a seed, scope.max_depth is 20\n"));
  EXPECT_TRUE(says(text,
                   "link on http://h/b\n"
                   "             redirect of http://h/a\n"
                   "             link on http://h/, a seed\n"))
      << text;
  EXPECT_TRUE(says(explain(chain.crawl, "http://h/a"), "redirects to http://h/b\n"));
  EXPECT_TRUE(says(explain(chain.crawl, "http://h/"), "found      as a seed\n"));
}

TEST(Explain, SaysWhetherWhatIsExcludedMayBeFetchedYet) {
  Chain chain;
  chain.crawl.apply({.admitted = {{.url = "http://x/",
                                   .host = "x",
                                   .depth = 1,
                                   .via = chain.home,
                                   .excluded = Errc::scope}}});
  chain.crawl.admit("http://h/deep", "h", Errc::depth);
  chain.crawl.admit("http://h/private", "h", Errc::robots);
  for (const char* url : {"http://x/", "http://h/deep"}) {
    EXPECT_TRUE(says(explain(chain.crawl, url), "ame it as a seed")) << url;
    EXPECT_TRUE(says(explain(chain.crawl, url), "next       not by itself; as a seed")) << url;
  }
  chain.crawl.admit("http://h/moved", "h", Errc::hsts);
  EXPECT_TRUE(says(explain(chain.crawl, "http://h/moved"), "crawl into another folder"));
  EXPECT_TRUE(says(explain(chain.crawl, "http://h/moved"), "next       not again in this folder"));
  EXPECT_TRUE(says(explain(chain.crawl, "http://h/private"), "or with --again, asks whether"));
}

TEST(Explain, UsesTheRulesOfTheJobThatMadeTheCrawl) {
  Chain chain{"[seeds]\nurls = [\"http://h/\"]\n[urls]\nstrip_params = [\"session\"]\n"};
  const std::string text = explain(chain.crawl, "HTTP://u@H:80/c?session=1#x");
  EXPECT_TRUE(says(text, "URL        http://h/c\n")) << text;
  for (const std::string_view change :
       {"default port left out", "user name and password left out", "host name in its normal form",
        "fragment left out", "parameter session stripped (urls.strip_params)"})
    EXPECT_TRUE(says(text, change)) << change;
}

// http://h/p?sid=1&a=1 in a state, with its form by the settings that are the job's now.
struct OtherForm {
  explicit OtherForm(crawl::Outcome outcome, const std::string& urls = "strip_params = [\"sid\"]\n")
      : chain{"[seeds]\nurls = [\"http://h/\"]\n[urls]\n" + urls} {
    const auto old = chain.crawl.apply(
        {.admitted = {
             {.url = "http://h/p?sid=1&a=1", .host = "h", .depth = 1, .via = chain.home}}})[0];
    chain.crawl.end(old, std::move(outcome));
  }
  std::string text() const { return explain(chain.crawl, "http://h/p?sid=1&a=1"); }
  boost::json::object json() const {
    return boost::json::parse(explain(chain.crawl, "http://h/p?sid=1&a=1", true)).as_object();
  }
  std::string command() const {
    return "trawl explain " + chain.crawl.folder() + " 'http://h/p?a=1'";
  }
  Chain chain;
};

crawl::Outcome left_for_other_form() {
  return {.state = crawl::UrlState::excluded,
          .error = Errc::scope,
          .error_detail = "by [urls] it is http://h/p?a=1"};
}

TEST(Explain, OfASpellingThatUrlsChangesTheOtherFormIsNamed) {
  const OtherForm excluded{left_for_other_form()};
  const std::string text = excluded.text();
  EXPECT_TRUE(says(text, "scope      not asked of this spelling: [urls] gives it another form"));
  EXPECT_TRUE(says(text, "judged in its place: " + excluded.command() + "\n")) << text;
  EXPECT_TRUE(says(text, "next       not as long as [urls] is as it is\n")) << text;
  for (const char* wrong : {"inside", "outside by", "Widen", "have changed", "as a seed, when"})
    EXPECT_FALSE(says(text, wrong)) << wrong << "\n" << text;
  const auto json = excluded.json();
  EXPECT_EQ(json.at("other_form"), "http://h/p?a=1");
  EXPECT_EQ(json.at("scope").at("inside"), false);
  EXPECT_EQ(json.at("scope").at("rule"), "urls");
  EXPECT_TRUE(says(json.at("advice").as_string(), excluded.command())) << json;
}

TEST(Explain, OfAFetchedSpellingThatUrlsChangesTheOtherFormIsNamedToo) {
  const OtherForm fetched{test::SmallCrawl::fetched()};
  EXPECT_TRUE(says(fetched.text(), "           " + fetched.command() + "\n")) << fetched.text();
  EXPECT_FALSE(says(fetched.text(), "inside")) << fetched.text();
  EXPECT_EQ(fetched.json().at("other_form"), "http://h/p?a=1");
}

TEST(Explain, WhatUrlsLeftOutAndHasAgainAsItWasNeedsNoWiderScope) {
  const OtherForm back{left_for_other_form(), "strip_params = []\n"};
  EXPECT_TRUE(says(back.text(), "scope      inside")) << back.text();
  EXPECT_TRUE(says(back.text(), "have changed since it was refused")) << back.text();
  EXPECT_FALSE(says(back.text(), "Widen")) << back.text();
  EXPECT_TRUE(back.json().at("other_form").is_null());
  EXPECT_TRUE(back.json().at("advice").is_null());
}

TEST(Explain, OfASpellingThatIsTooLongByNowUrlsIsNamed) {
  const OtherForm excluded{left_for_other_form(), "max_length = 19\n"};
  EXPECT_TRUE(says(excluded.text(), "By [urls] it can be no URL of the crawl now: the URL has"))
      << excluded.text();
  EXPECT_TRUE(says(excluded.text(), "next       not as long as [urls] is as it is\n"));
  EXPECT_FALSE(says(excluded.text(), "Widen")) << excluded.text();
}

// The form of a spelling that was typed is not that of the record that is found by it.
TEST(Explain, ARecordInItsFormHasNoOther) {
  const Chain chain{"[seeds]\nurls = [\"http://h/\"]\n[urls]\nstrip_params = [\"sid\"]\n"};
  const std::string text = explain(chain.crawl, "http://h/c?sid=1");
  EXPECT_TRUE(says(text, "scope      inside")) << text;
  EXPECT_FALSE(says(text, "by [urls]")) << text;
  const auto json = boost::json::parse(explain(chain.crawl, "http://h/c?sid=1", true));
  EXPECT_TRUE(json.at("other_form").is_null());
}

TEST(Explain, KnowsLinksThatAreNoPages) {
  Chain chain;
  TextOutput out;
  for (const char* link : {"mailto:x@h", "TEL:123", "javascript:void(0)"})
    EXPECT_THROW(run_explain({chain.crawl.folder(), link}, now, out), Failure) << link;
  EXPECT_TRUE(says(explain(chain.crawl, "h:80/c"), "URL        http://h/c\n"));
}

TEST(Explain, GivesACommandThatAShellTakes) {
  Chain chain;
  chain.crawl.fetch("http://h/list?a=1&b=2", "h", "", "x");
  const std::string text = explain(chain.crawl, "http://h/list?a=1&b=2");
  EXPECT_TRUE(says(text, "trawl cat " + chain.crawl.folder() + " 'http://h/list?a=1&b=2'\n"))
      << text;
}

TEST(Explain, NamesTheEntryThatKeepsAUrlOut) {
  Chain chain{
      "[seeds]\nurls = [\"http://h/\"]\n[scope]\n"
      "exclude = [\"*.zip\", \"*/old/*\"]  # docs.toml:7:1\n"};
  EXPECT_TRUE(says(explain(chain.crawl, "http://h/old/1"),
                   "outside by the rule \"exclude */old/*\": scope.exclude[1], entry 2 of 2 "
                   "(docs.toml:7:1)"));
  EXPECT_TRUE(says(explain(chain.crawl, "http://other/"),
                   "outside by the rule \"mode host\": scope.mode = \"host\""));
  EXPECT_TRUE(says(explain(chain.crawl, "http://h/en/en/en/en/"), "rule segment_repeats"));
}

TEST(Explain, QuotesTheLineOfRobotsTxt) {
  Chain chain;
  const std::string text = explain(chain.crawl, "http://h/private/x");
  EXPECT_TRUE(says(text,
                   "robots     disallowed\n"
                   "           line 2: Disallow: /private\n"
                   "           http://h/robots.txt, status 200, fetched 1 m 00 s ago\n"
                   "           Crawl-delay 5s\n"))
      << text;
  EXPECT_TRUE(says(text, "next       found on a page, it would be excluded\n"));
  const auto json = boost::json::parse(explain(chain.crawl, "http://h/private/x", true));
  EXPECT_EQ(json.at("known"), false);
  EXPECT_EQ(json.at("state"), "would_be_excluded");
  EXPECT_EQ(json.at("robots").at("line"), 2);
  EXPECT_EQ(json.at("robots").at("crawl_delay_ms"), 5000);
}

TEST(Explain, SaysWhenARetryIsDueAndWhatComesBefore) {
  Chain chain;
  const std::int64_t at = now.time_since_epoch().count();
  const crawl::Outcome reset{.error = Errc::reset, .error_detail = "early", .attempts = 2};
  chain.crawl.apply({.updates = {{.id = chain.c, .outcome = reset, .due_ms = at + 90'000}},
                     .hosts = {{.id = chain.c.host, .next_fetch_ms = at + 3'000}}});
  const std::string text = explain(chain.crawl, "http://h/c");
  EXPECT_TRUE(says(text,
                   "queued: will be tried again after 2 attempts\n"
                   "           reset: the server closed the connection before a complete answer "
                   "(early)\n"))
      << text;
  EXPECT_TRUE(says(text,
                   "next       not before 2026-02-01T00:01:30.000Z (in 1 m 30 s): the wait after "
                   "attempt 2\n"
                   "           1 URL of its host before it, 5.0 s at least\n"))
      << text;
  EXPECT_TRUE(says(explain(chain.crawl, "http://h/b"),
                   "next       not before 2026-02-01T00:00:03.000Z (in 3.0 s): its host is left"));
}

TEST(Explain, AnUnknownUrlHasNeighboursThatAreKnown) {
  test::SmallCrawl crawl;
  for (const auto* url : {"http://www.h/Docs/", "http://www.h/docs/guide"})
    crawl.admit(url, "www.h");
  const auto json = boost::json::parse(explain(crawl, "https://h/docs", true));
  EXPECT_EQ(json.at("known"), false);
  EXPECT_EQ(json.at("near").at(0), "http://www.h/Docs/");
  EXPECT_FALSE(json.at("note").is_null());  // a folder without settings
  EXPECT_TRUE(says(explain(crawl, "http://nobody/"), "nor any other URL of its host\n"));
}

TEST(Explain, WhatCanBeNoUrlOfACrawlIsSaidToBeNone) {
  test::SmallCrawl crawl;
  crawl.settings("[seeds]\nurls = [\"http://h/\"]\n[urls]\nmax_length = 20\n");
  EXPECT_TRUE(says(explain(crawl, "http://h/012345678901234567890"), "could not be one either"));
  for (const auto* text : {"mailto:x", "ftp://h/", "http://"})
    EXPECT_THROW(explain(crawl, text), Failure) << text;
}

TEST(Explain, ABrokenSettingsTextIsNoHindrance) {
  test::SmallCrawl crawl;
  crawl.settings("[job]\nname = 7\n");
  crawl.admit("http://h/", "h");
  EXPECT_TRUE(says(explain(crawl, "http://h/"), "the job's settings can't be read"));
}

TEST(Explain, TextFromOutsideIsMadePrintable) {
  test::SmallCrawl crawl;
  crawl.end(crawl.admit("http://h/", "h"), {.state = crawl::UrlState::failed,
                                            .error = Errc::protocol,
                                            .error_detail = "\x1b[31m",
                                            .attempts = 1});
  EXPECT_TRUE(says(explain(crawl, "http://h/"), "\\x1b[31m"));
}

TEST(Explain, EachErrorOfARecordHasItsWords) {
  for (auto code = Errc::dns; code <= Errc::cancelled;
       code = static_cast<Errc>(static_cast<int>(code) + 1)) {
    EXPECT_NE(advice_for(code).meaning, advice_for(Errc::internal).meaning) << to_string(code);
  }
}

}  // namespace
}  // namespace trawl::service::cli
