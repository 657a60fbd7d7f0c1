// seeds.sitemaps from outside: what the sitemaps of a site list is fetched, over a kill too, and
// hostile ones end as records.
#include "tests/e2e/compressed.hpp"
#include "tests/e2e/program.hpp"

#include <fmt/format.h>

#include <csignal>

namespace trawl::e2e {
namespace {

using crawl::UrlState;
using testing::HasSubstr;

constexpr int pages_per_sitemap = 60;

std::string urlset(const std::vector<std::string>& locs, std::string_view lastmod = {}) {
  std::string text = "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n";
  for (const std::string& loc : locs) {
    text += fmt::format("<url><loc>{}</loc>", loc);
    if (!lastmod.empty()) text += fmt::format("<lastmod>{}</lastmod>", lastmod);
    text += "</url>\n";
  }
  return text + "</urlset>\n";
}

std::string index_of(const std::vector<std::string>& locs) {
  std::string text = "<sitemapindex>";
  for (const std::string& loc : locs) text += fmt::format("<sitemap><loc>{}</loc></sitemap>", loc);
  return text + "</sitemapindex>";
}

Reply xml(std::string body) {
  return {.body = std::move(body), .content_type = "application/xml"};
}

std::vector<std::string> pages(const LoopbackServer& server, std::string_view folder) {
  std::vector<std::string> urls;
  for (int i = 0; i < pages_per_sitemap; ++i)
    urls.push_back(server.url(fmt::format("/{}/{}", folder, i)));
  return urls;
}

// robots.txt names a gzipped index, which names two sitemaps; no page links to what they list.
void serve_site(LoopbackServer& server, Millis delay = Millis{0}) {
  server.on("/robots.txt", Reply{.body = "User-agent: *\nDisallow: /secret\n"
                                         "Sitemap: /maps/index.xml.gz\n",
                                 .content_type = "text/plain"});
  server.on("/", Reply{.body = page("home", {"/linked"})});
  server.on("/linked", Reply{.body = page("linked", {})});
  server.on("/maps/index.xml.gz",
            Reply{.body = gzip(index_of({server.url("/maps/a.xml"), "b.txt"})),
                  .content_type = "application/gzip"});
  auto in_a = pages(server, "a");
  in_a.push_back("http://elsewhere.example/");
  in_a.push_back(server.url("/secret"));
  auto a = xml(urlset(in_a, "2024-02-29"));
  a.delay = delay;
  server.on("/maps/a.xml", a);
  std::string b;
  for (const std::string& url : pages(server, "b")) b += url + "\n";
  server.on("/maps/b.txt", Reply{.body = b, .content_type = "text/plain", .delay = delay});
  server.otherwise([delay](const SeenRequest& request) {
    const bool listed = request.path.starts_with("/a/") || request.path.starts_with("/b/");
    return Reply{.status = listed ? 200 : 404, .body = page(request.path, {}), .delay = delay};
  });
}

void expect_whole_site(const LoopbackServer& server, const Records& records) {
  EXPECT_EQ(count(records, UrlState::queued), 0U);
  for (const std::string_view folder : {"a", "b"})
    for (const std::string& url : pages(server, folder))
      EXPECT_EQ(state_of(records, url), "fetched") << url;
  EXPECT_EQ(state_of(records, server.url("/linked")), "fetched");
  EXPECT_EQ(records.at(server.url("/sitemap.xml")).outcome.status, 404);
  EXPECT_EQ(records.at(server.url("/maps/index.xml.gz")).outcome.status, 200);
  EXPECT_EQ(error_of(records, "http://elsewhere.example/"), "scope");
  EXPECT_EQ(error_of(records, server.url("/secret")), "robots");
}

TEST(Sitemaps, AutoFindsThemThroughRobotsTxtAndFetchesWhatTheyList) {
  LoopbackServer server;
  serve_site(server);
  const TempDir dir;
  const auto run =
      run_trawl(Arguments{"crawl", server.url(), "--sitemaps"} + loopback(dir / "out"));
  EXPECT_EQ(run.exit_code, 0) << run.err;
  const auto records = read_records(dir / "out");
  expect_whole_site(server, records);
  const auto& listed = records.at(server.url("/a/7"));
  EXPECT_EQ(listed.depth, 0);
  EXPECT_EQ(listed.via, server.url("/maps/a.xml"));
  EXPECT_EQ(listed.sitemap_lastmod, "2024-02-29");
  EXPECT_EQ(records.at(server.url("/b/7")).sitemap_lastmod, "");
  EXPECT_EQ(server.count("/maps/a.xml"), 1U);
  expect_sound(dir / "out");
  const auto done =
      run_trawl(Arguments{"crawl", server.url(), "--sitemaps"} + loopback(dir / "out"));
  EXPECT_THAT(done.err, HasSubstr("all is done"));
}

TEST(Sitemaps, AreLeftAloneUnlessAskedFor) {
  LoopbackServer server;
  serve_site(server);
  server.on("/", Reply{.body = page("home", {"/maps/a.xml"})});
  const TempDir dir;
  const auto run = run_trawl(Arguments{"crawl", server.url()} + loopback(dir / "out"));
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(server.count("/sitemap.xml"), 0U);
  EXPECT_EQ(server.count("/maps/index.xml.gz"), 0U);
  EXPECT_EQ(server.count("/maps/a.xml"), 1U);
  EXPECT_EQ(server.count("/a/1"), 0U);
}

TEST(Sitemaps, OneThatAPageLinksToIsReadTooWhenTheyAreAskedFor) {
  LoopbackServer server;
  server.on("/", Reply{.body = page("home", {"/linked.xml", "/feed.xml"})});
  server.on("/linked.xml", xml(urlset({"/listed"})));
  server.on("/feed.xml", xml("<rss><channel><item><link>/in-feed</link></item></channel></rss>"));
  const TempDir dir;
  const auto run =
      run_trawl(Arguments{"crawl", server.url(), "--sitemaps"} + loopback(dir / "out"));
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(server.count("/listed"), 1U);
}

TEST(Sitemaps, AListOfThemIsSeedEnoughAndFetchModeFetchesExactlyThat) {
  LoopbackServer server;
  serve_site(server);
  const TempDir dir;
  const auto run =
      run_trawl(Arguments{"fetch", "--set", "seeds.sitemaps=" + server.url("/maps/b.txt")} +
                loopback(dir / "out"));
  EXPECT_EQ(run.exit_code, 0) << run.err;
  auto records = read_records(dir / "out");
  EXPECT_EQ(records.size(), std::size_t{pages_per_sitemap} + 1);
  EXPECT_EQ(server.count("/linked"), 0U);

  dir.write("job.toml", fmt::format("[seeds]\nsitemaps = [\"{}\"]\n[output]\ndir = \"{}\"\n",
                                    server.url("/maps/a.xml"), (dir / "list").string()));
  const auto job =
      run_trawl(Arguments{"run", (dir / "job.toml").string()} +
                Arguments{"--set", "fetch.allow_private_networks=[\"127.0.0.0/8\"]", "--set",
                          "politeness.delay=0", "--set", "politeness.adaptive=off", "--set",
                          "limits.min_free_disk=off"});
  EXPECT_EQ(job.exit_code, 0) << job.err;
  records = read_records(dir / "list");
  EXPECT_EQ(state_of(records, server.url("/a/3")), "fetched");
  EXPECT_EQ(error_of(records, "http://elsewhere.example/"), "scope");
}

TEST(Sitemaps, IncludeHoldsForTheirEntriesAndDepthZeroFollowsNoLinks) {
  LoopbackServer server;
  serve_site(server);
  const TempDir dir;
  const auto run = run_trawl(Arguments{"crawl", server.url(), "--sitemaps", "--depth", "0"} +
                             loopback(dir / "out", {"--set", "scope.include=[\"*/a/*\"]"}));
  EXPECT_EQ(run.exit_code, 0) << run.err;
  const auto records = read_records(dir / "out");
  EXPECT_EQ(state_of(records, server.url("/a/3")), "fetched");
  EXPECT_EQ(error_of(records, server.url("/b/3")), "scope");
  EXPECT_EQ(server.count("/linked"), 0U);
}

TEST(Sitemaps, AreStillSitemapsAfterAKill) {
  for (const char* at : {"/sitemap.xml", "/maps/index.xml.gz", "/maps/a.xml", "/a/10", "/b/10"}) {
    SCOPED_TRACE(at);
    LoopbackServer server;
    serve_site(server, Millis{10});
    const TempDir dir;
    const auto crawl = Arguments{"crawl", server.url(), "--sitemaps"} + loopback(dir / "out");
    Subprocess run{trawl(crawl)};
    ASSERT_TRUE(server.wait_for(at, 1));
    run.send_signal(SIGKILL);
    run.wait();
    const auto rest = run_trawl(crawl);
    EXPECT_EQ(rest.exit_code, 0) << rest.err;
    expect_whole_site(server, read_records(dir / "out"));
    expect_sound(dir / "out");
  }
}

// One is read at a time; those that wait for it are the next run's.
TEST(Sitemaps, ThatWaitToBeReadAtAStopAreReadByTheNextRun) {
  constexpr int sitemaps = 12, entries = 3'000;
  LoopbackServer server;
  std::vector<std::string> maps, names;
  for (int i = 0; i < sitemaps; ++i) names.push_back(fmt::format("/map/{}.xml", i));
  for (const std::string& name : names) {
    std::vector<std::string> locs;
    for (int i = 0; i < entries; ++i) locs.push_back(server.url(fmt::format("{}/{}", name, i)));
    server.on(name, xml(urlset(locs)));
    maps.push_back(server.url(name));
  }
  server.on("/sitemap.xml", xml(index_of(maps)));
  server.on("/", Reply{.body = page("home", {})});
  const TempDir dir;
  const auto crawl = Arguments{"crawl", server.url(), "--sitemaps", "--per-host", "8"} +
                     loopback(dir / "out", {"--set", R"(scope.exclude=["*.xml/*"])"});
  Subprocess run{trawl(crawl)};
  ASSERT_TRUE(server.wait_for(names[4], 1));
  run.send_signal(SIGINT);
  run.wait();
  const auto rest = run_trawl(crawl);
  EXPECT_EQ(rest.exit_code, 0) << rest.err;
  const auto records = read_records(dir / "out");
  for (const std::string& map : maps) EXPECT_EQ(state_of(records, map), "fetched") << map;
  EXPECT_EQ(count(records, UrlState::excluded), std::size_t{sitemaps} * entries);
  expect_sound(dir / "out");
}

// Each named by robots.txt of a well-behaved site.
void serve_hostile_sitemaps(LoopbackServer& server) {
  std::string laughs = "<!DOCTYPE urlset [<!ENTITY l0 \"/lol\">";
  for (int i = 1; i < 40; ++i)
    laughs += fmt::format("<!ENTITY l{0} \"&l{1};&l{1};&l{1};&l{1};\">", i, i - 1);
  server.on("/laughs.xml", xml(laughs + "]><urlset><url><loc>/a?&l39;</loc></url></urlset>"));
  server.on("/xxe.xml", xml("<!DOCTYPE urlset [<!ENTITY x SYSTEM 'file:///etc/hostname'>]>"
                            "<urlset><url><loc>/x?&x;</loc></url></urlset>"));
  std::string deep = "<urlset>";
  for (int i = 0; i < 300'000; ++i) deep += "<url>";
  server.on("/deep.xml", xml(deep));
  server.on("/bomb.xml.gz", Reply{.body = gzip(std::string(1 << 20, ' '), 1024),
                                  .content_type = "application/gzip"});
  server.on("/self.xml", xml(index_of({"/self.xml", "/self.xml?b", "/self.xml"})));
  server.on("/never.xml", xml("<urlset><url><loc>/cut"));
  server.on("/html.xml", Reply{.body = page("no sitemap", {"/not-followed"})});
  std::string robots;
  for (const char* name : {"laughs.xml", "xxe.xml", "deep.xml", "bomb.xml.gz", "self.xml",
                           "never.xml", "html.xml", "endless/0"})
    robots += fmt::format("Sitemap: {}\n", server.url(fmt::format("/{}", name)));
  server.on("/robots.txt", Reply{.body = robots, .content_type = "text/plain"});
  server.on("/", Reply{.body = page("home", {})});
  server.otherwise([](const SeenRequest& request) {
    if (!request.path.starts_with("/endless/")) return Reply{.status = 404};
    return xml(index_of({request.path + "0", request.path + "1"}));
  });
}

TEST(Sitemaps, HostileOnesEndAsRecords) {
  LoopbackServer server;
  serve_hostile_sitemaps(server);
  const TempDir dir;
  const auto run = run_trawl(Arguments{"crawl", server.url(), "--sitemaps", "--bodies", "none"} +
                             loopback(dir / "out"));
  EXPECT_EQ(run.exit_code, 0) << run.err;
  const auto records = read_records(dir / "out");
  EXPECT_EQ(count(records, UrlState::queued), 0U);
  const auto detail = [&](const char* path) {
    const auto& outcome = records.at(server.url(path)).outcome;
    EXPECT_EQ(outcome.error, Errc::sitemap) << path;
    EXPECT_EQ(outcome.state, UrlState::fetched) << path;
    return outcome.error_detail;
  };
  EXPECT_THAT(detail("/laughs.xml"), HasSubstr("'&' that begins no predefined entity"));
  EXPECT_THAT(detail("/xxe.xml"), HasSubstr("one entry was read"));
  EXPECT_THAT(detail("/deep.xml"), HasSubstr("nested deeper than"));
  EXPECT_THAT(detail("/bomb.xml.gz"), HasSubstr("more than 50 MiB uncompressed"));
  EXPECT_THAT(detail("/never.xml"), HasSubstr("ends before its elements do"));
  EXPECT_THAT(detail("/html.xml"), HasSubstr("not a sitemap: its root element is"));
  EXPECT_EQ(server.count("/self.xml"), 2U);
  EXPECT_EQ(server.count("/not-followed"), 0U);
  EXPECT_EQ(state_of(records, server.url("/x?&x;")), "fetched");
  // Five indexes deep, the one that robots.txt names included.
  EXPECT_EQ(server.count("/endless/00000"), 1U);
  EXPECT_EQ(server.count("/endless/000000"), 0U);
  EXPECT_THAT(detail("/endless/00000"), HasSubstr("an index inside of 5 others is not read"));
}

}  // namespace
}  // namespace trawl::e2e
