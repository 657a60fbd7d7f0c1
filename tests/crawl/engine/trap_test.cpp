// Endless sites: the crawl ends by itself, the good pages are all there, and what was left out says
// why.
#include "tests/crawl/engine/crawl_run.hpp"
#include "tests/support/trap_site.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trawl::crawl {
namespace {

using support::LoopbackServer;
using support::Reply;
using support::SeenRequest;
using support::Trap;
using support::TrapSite;
using test::MemoryStore;

// No other bound than what pages bring; a small budget, so that it is quick.
JobSpec watchful_job(std::string seed) {
  JobSpec job = impatient_job({std::move(seed)});
  job.scope.max_depth.reset();
  job.urls.max_segment_repeats.reset();
  job.urls.calendar_years.reset();
  job.urls.pattern_budget = 40;
  return job;
}

class EndlessSite : public testing::TestWithParam<Trap> {};

}  // namespace

TEST_P(EndlessSite, EndsByItselfWithAllGoodPages) {
  TrapSite site{GetParam()};
  const JobSpec job = watchful_job(site.server().url());
  MemoryStore store;
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);

  const auto good = site.good_urls();
  EXPECT_EQ(count(store, good, UrlState::fetched), good.size());
  EXPECT_EQ(store.totals().queued, 0U);
  EXPECT_LT(site.trapped(), 1500U);
  EXPECT_LT(store.totals().excluded, 4000U);
  const auto patterns = store.patterns();
  EXPECT_TRUE(std::ranges::any_of(patterns, [](const PatternState& p) { return p.rank > 0; }));
  for (const PatternState& pattern : patterns)
    if (pattern.rank > 0) EXPECT_THAT(pattern.shape, testing::StartsWith("/trap/"));
}

INSTANTIATE_TEST_SUITE_P(Trap, EndlessSite,
                         testing::Values(Trap::calendar, Trap::session_ids, Trap::facets,
                                         Trap::growing_path, Trap::text_maze, Trap::soft_404,
                                         Trap::echo_404),
                         [](const auto& info) {
                           std::string name{to_string(info.param)};
                           std::erase(name, '_');
                           return name;
                         });

TEST(EndlessSite, WhatIsLeftOutNamesTheRuleAndTheFigures) {
  TrapSite site{Trap::growing_path};
  const JobSpec job = watchful_job(site.server().url());
  MemoryStore store;
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  std::size_t left_out = 0;
  store.each_url([&](const KnownUrl& known) {
    const auto record = store.record(known.url);
    if (record->outcome.error != Errc::trap) return;
    ++left_out;
    EXPECT_THAT(record->outcome.error_detail,
                testing::MatchesRegex("nothing_new: of [0-9]+ pages like /trap/.* [0-9]+ brought "
                                      "something new, [0-9]+ of the last [0-9]+; .*"));
  });
  EXPECT_EQ(left_out, store.totals().excluded);
  EXPECT_GT(left_out, 0U);
}

// Also with the same trap known from an earlier run, and with more seeds of it.
TEST(EndlessSite, ARestartRemembersWhatBringsNothing) {
  TrapSite site{Trap::calendar};
  JobSpec job = watchful_job(site.server().url());
  MemoryStore store;
  {
    CrawlRun run{job, store};
    EXPECT_EQ(run.wait().reason, StopReason::done);
  }
  const auto before = site.trapped();
  // The seed is asked for by name; what it links to is not.
  job.seeds.urls.push_back(site.server().url("/trap/calendar?day=100000"));
  CrawlRun again{job, store};
  EXPECT_EQ(again.wait().reason, StopReason::done);
  EXPECT_LE(site.trapped(), before + 20);
  EXPECT_EQ(store.record(site.server().url("/trap/calendar?day=100000"))->outcome.state,
            UrlState::fetched);
}

TEST(EndlessSite, ATrapDoesNotHoldUpAnotherHost) {
  TrapSite site{Trap::text_maze};
  LoopbackServer other;
  std::vector<std::string> pages{other.url("/")};
  for (int i = 1; i <= 60; ++i) pages.push_back(other.url(fmt::format("/p{}", i)));
  std::string links;
  for (const auto& page : pages) links += fmt::format("<a href=\"{}\">x</a>", page);
  other.otherwise([&](const SeenRequest&) { return Reply{.body = links}; });
  JobSpec job = watchful_job(site.server().url());
  job.seeds.urls.push_back(other.url());
  job.urls.pattern_budget.reset();  // nothing stops the maze but the limit
  job.limits.pages = 800;
  job.output.shards = 1;
  MemoryStore store;
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::limit);
  EXPECT_EQ(count(store, pages, UrlState::fetched), pages.size());
}

// Indexes repeat what their pages say; a site that goes on to bring pages is no trap.
TEST(EndlessSite, ASiteThatBringsNewPagesLosesNone) {
  LoopbackServer server;
  constexpr int pages = 400;
  server.otherwise([](const SeenRequest& request) {
    if (request.path == "/robots.txt") return Reply{.status = 404};
    const auto number = std::hash<std::string>{}(request.path);
    std::string text = "<p>The menu of a large site, the same on each of its pages</p>";
    for (int i = 0; i < 40; ++i) text += "word ";
    // One word of its own on each page, in letters.
    std::string own;
    for (auto rest = number; rest > 0; rest /= 26) own += static_cast<char>('a' + rest % 26);
    return Reply{.body = fmt::format("<title>x</title>{}<b>{}</b>", text, own)};
  });
  std::string links;
  std::vector<std::string> urls{server.url("/")};
  for (int i = 0; i < pages; ++i) {
    links += fmt::format("<a href=/page/{}>x</a>", i);
    urls.push_back(server.url(fmt::format("/page/{}", i)));
  }
  server.on("/", Reply{.body = links});
  const JobSpec job = watchful_job(server.url());
  MemoryStore store;
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(count(store, urls, UrlState::fetched), urls.size());
}

// Row 34: refreshes are links, each one further from the seed, and other hosts are out of scope.
TEST(EndlessSite, RefreshesAreHopsAndStayInScope) {
  LoopbackServer server, other;
  const auto refresh = [](std::string_view to) {
    return Reply{.body = fmt::format("<meta http-equiv=refresh content=\"0; url={}\">", to)};
  };
  server.on("/", Reply{.body = "<a href=/loop>x</a><a href=/away>x</a><a href=/chain0>x</a>"
                               "<a href=/canonical>x</a><a href=/base>x</a>"});
  server.on("/loop", refresh("/loop2"));
  server.on("/loop2", refresh("/loop"));
  server.on("/away", refresh(other.url("/landing")));
  server.on("/canonical",
            Reply{.body = fmt::format("<link rel=canonical href={}>", other.url("/canonical"))});
  server.on("/base", Reply{.body = fmt::format("<base href={}><a href=below>x</a>", other.url())});
  server.otherwise([&](const SeenRequest& request) {
    if (!request.path.starts_with("/chain")) return Reply{.status = 404};
    return refresh(fmt::format("/chain{}", std::stoi(request.path.substr(6)) + 1));
  });
  JobSpec job = impatient_job({server.url()});
  job.scope.max_depth = 10;
  MemoryStore store;
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  EXPECT_EQ(server.count("/loop"), 1U);
  EXPECT_EQ(server.count("/loop2"), 1U);
  EXPECT_EQ(store.record(server.url("/chain9"))->outcome.state, UrlState::fetched);
  EXPECT_EQ(store.record(server.url("/chain10"))->outcome.error, Errc::depth);
  for (const auto* path : {"/landing", "/canonical", "/below"})
    EXPECT_EQ(store.record(other.url(path))->outcome.error, Errc::scope) << path;
  EXPECT_EQ(other.count(), 0U);
}

// Row 82.
TEST(EndlessSite, AUrlThatAThousandPagesLinkToIsFetchedOnce) {
  LoopbackServer server;
  const auto port = server.port();
  std::string links;
  for (int i = 0; i < 1000; ++i) links += fmt::format("<a href=/p/{}>x</a>", i);
  const std::string spellings = fmt::format(
      "<a href=/same>x</a><a href=/same#a>x</a><a href=/./same>x</a><a href=/x/../same>x</a>"
      "<a href=/%73ame>x</a><a href=http://127.1:{0}/same>x</a><a href=HTTP://127.0.0.1:{0}/same>x"
      "</a><a href=/same?utm_source=x>x</a><a href=\" /sa\nme \">x</a><a href=/same/>x</a>",
      port);
  server.otherwise([&](const SeenRequest& request) {
    if (request.path.starts_with("/p/")) return Reply{.body = spellings};
    return Reply{.status = 404};
  });
  server.on("/", Reply{.body = links});
  server.on("/same", Reply{.body = "same"});
  server.on("/same/", Reply{.body = "another"});
  JobSpec job = impatient_job({server.url()});
  job.limits.pages = 500;
  MemoryStore store;
  {
    CrawlRun run{job, store};
    EXPECT_EQ(run.wait().reason, StopReason::limit);
  }
  job.limits.pages.reset();
  CrawlRun rest{job, store};
  EXPECT_EQ(rest.wait().reason, StopReason::done);
  EXPECT_EQ(server.count("/same"), 1U);
  EXPECT_EQ(server.count("/same/"), 1U);  // another URL, by the standard
  EXPECT_EQ(store.totals().fetched, 1003U);
  EXPECT_EQ(server.count(), 1003U + server.count("/robots.txt"));
}

}  // namespace trawl::crawl
