// Reading, layers and printing of whole jobs.
#include "config/job.hpp"

#include "tests/config/support.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace trawl::config {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::UnorderedElementsAre;

TEST(JobFile, SitemapsAreAWordOrAList) {
  using crawl::SitemapMode;
  const auto sitemaps = [](std::string_view value) {
    const auto job = load(fmt::format("seeds.sitemaps = {}", value));
    EXPECT_TRUE(job) << message(job);
    return job ? job->spec.seeds.sitemaps : crawl::SitemapSpec{};
  };
  EXPECT_EQ(sitemaps("'off'").mode, SitemapMode::off);
  EXPECT_EQ(sitemaps("[]").mode, SitemapMode::off);
  EXPECT_EQ(sitemaps("'auto'").mode, SitemapMode::automatic);
  EXPECT_EQ(sitemaps("['https://a/1', 'https://a/2']").mode, SitemapMode::list);
  EXPECT_THAT(sitemaps("['https://a/1', 'https://a/2']").urls,
              ElementsAre("https://a/1", "https://a/2"));
  EXPECT_THAT(sitemaps("'https://a/1'").urls, ElementsAre("https://a/1"));
  EXPECT_EQ(message(load("seeds.sitemaps = 'on'")),
            "docs.toml:2:18: key seeds.sitemaps: expected \"off\", \"auto\" or a list of sitemap "
            "URLs, found \"on\" (string)");
  EXPECT_THAT(message(load("seeds.sitemaps = ['/sitemap.xml']")),
              HasSubstr("key seeds.sitemaps[0]: expected a URL that begins with http://"));
  EXPECT_THAT(message(load("seeds.sitemaps = true")), HasSubstr("found true (boolean)"));
}

TEST(TomlFloat, IsOneToAnyReaderOfToml) {
  EXPECT_EQ(toml_float(0.5), "0.5");
  EXPECT_EQ(toml_float(5.0), "5.0");
  EXPECT_EQ(toml_float(-3.0), "-3.0");
  EXPECT_EQ(toml_float(0.00001), "1e-05");
  EXPECT_EQ(toml_float(1e20), "1e+20");
}

TEST(JobFile, EveryKindOfValueReachesTheSpec) {
  const auto job = load(R"(
[job]
name = "docs"
grace = "3s"
[scope]
mode = "domain"
exclude = ["*.zip", 're:/\d+/$']
max_depth = "off"
[limits]
pages = 5_000
bytes = "2GiB"
duration = "90m"
[politeness]
delay = 0
adaptive = 1.5
[robots]
policy = "ignore"
meta = false
[fetch]
http = "1.1"
timeout_dns = "1.5s"
min_speed = "2KiB/s for 10s"
max_body = "off"
backoff = "250ms..1m"
host_breaker = "1 failure, 90s"
headers = { Accept-Language = "en", "X.Y" = "z" }
allow_private_networks = ["127.0.0.0/8", "::1"]
[output]
bodies = "files"
warc_compress = "zstd"
warc_level = "small"
warc_dictionary = false
warc_dedup = false
warc_links = true
shards = 3
)");
  ASSERT_TRUE(job) << message(job);
  const crawl::JobSpec& spec = job->spec;
  EXPECT_EQ(spec.name, "docs");
  EXPECT_EQ(spec.grace, Millis{3000});
  EXPECT_EQ(spec.scope.mode, crawl::ScopeMode::domain);
  EXPECT_THAT(spec.scope.exclude, ElementsAre("*.zip", R"(re:/\d+/$)"));
  EXPECT_EQ(spec.scope.max_depth, std::nullopt);
  EXPECT_EQ(spec.limits.pages, 5000u);
  EXPECT_EQ(spec.limits.bytes, 2ULL << 30);
  EXPECT_EQ(spec.limits.duration, Millis{5'400'000});
  EXPECT_EQ(spec.politeness.delay, Millis{0});
  EXPECT_EQ(spec.politeness.adaptive, 1.5);
  EXPECT_EQ(spec.robots.policy, crawl::RobotsPolicy::ignore);
  EXPECT_FALSE(spec.robots.meta);
  EXPECT_EQ(spec.fetch.http, http::HttpVersion::http1_1);
  EXPECT_EQ(spec.fetch.timeouts.dns, Millis{1500});
  EXPECT_EQ(spec.fetch.timeouts.min_speed_bytes_per_s, 2048u);
  EXPECT_EQ(spec.fetch.timeouts.min_speed_time, Millis{10'000});
  EXPECT_EQ(spec.fetch.max_body_bytes, std::nullopt);
  EXPECT_EQ(spec.fetch.backoff_min, Millis{250});
  EXPECT_EQ(spec.fetch.backoff_max, Millis{60'000});
  EXPECT_EQ(spec.fetch.host_breaker->failures, 1);
  EXPECT_EQ(spec.fetch.host_breaker->pause, Millis{90'000});
  EXPECT_THAT(spec.fetch.headers, ElementsAre(Pair("Accept-Language", "en"), Pair("X.Y", "z")));
  EXPECT_THAT(spec.fetch.allow_private_networks, ElementsAre("127.0.0.0/8", "::1/128"));
  EXPECT_EQ(spec.output.bodies, crawl::BodyMode::files);
  EXPECT_EQ(spec.output.warc_compress, crawl::WarcCompression::zstd);
  EXPECT_EQ(spec.output.warc_level, crawl::WarcLevel::small);
  EXPECT_FALSE(spec.output.warc_dictionary);
  EXPECT_FALSE(spec.output.warc_dedup);
  EXPECT_TRUE(spec.output.warc_links);
  EXPECT_EQ(spec.output.shards, 3);
}

TEST(JobFile, FieldsOfArchivesAreWrittenAsTheStandardsDo) {
  const auto job = load(R"(
[output.warcinfo]
operator = "A Library"
ispartof = "Elections 2026"
"x-local" = "7"
)");
  ASSERT_TRUE(job) << message(job);
  EXPECT_THAT(job->spec.output.warcinfo,
              UnorderedElementsAre(Pair("operator", "A Library"),
                                   Pair("isPartOf", "Elections 2026"), Pair("x-local", "7")));
  Overrides overrides{.environment = {{"TRAWL_OUTPUT__WARCINFO__ISPARTOF", "Other"}}};
  EXPECT_THAT(load("[output.warcinfo]\nisPartOf = 'x'", overrides)->spec.output.warcinfo,
              ElementsAre(Pair("isPartOf", "Other")));
  EXPECT_THAT(message(load("output.warcinfo = { software = 'mine' }")),
              HasSubstr("is written by trawl itself"));
  EXPECT_THAT(message(load("output.warcinfo = { operator = \"a\\nb\" }")),
              HasSubstr("without control characters"));
  EXPECT_THAT(message(load("output.warcinfo = { operator = 7 }")), HasSubstr("as a string"));
}

TEST(JobFile, AbsentKeysKeepTheSpecsDefaults) {
  const auto job = load("");
  ASSERT_TRUE(job) << message(job);
  EXPECT_EQ(job->spec.fetch.concurrency, crawl::FetchSpec{}.concurrency);
  EXPECT_EQ(job->spec.output.dir, "");
  EXPECT_EQ(job->origin("fetch.concurrency").text(), "default");
}

TEST(JobFile, TheFilesNameIsTheDefaultName) {
  EXPECT_EQ(load("")->spec.name, "docs");
  EXPECT_EQ(load_job_text("seeds.files = [\"-\"]", "a/my site.v2.toml", {})->spec.name,
            "my-site-v2");
  EXPECT_EQ(load_job_without_file("example.org:8080", {})->spec.name, "example-org-8080");
  EXPECT_EQ(load_job_without_file("", {})->spec.name, "job");
}

TEST(JobFile, FetchModeKeepsWholeBodiesUnlessToldOtherwise) {
  EXPECT_EQ(load("job.mode = 'fetch'")->spec.fetch.max_body_bytes, std::nullopt);
  EXPECT_EQ(load("job.mode = 'fetch'\nfetch.max_body = '1MiB'")->spec.fetch.max_body_bytes,
            1ULL << 20);
  EXPECT_EQ(load("")->spec.fetch.max_body_bytes, 32ULL << 20);
}

TEST(JobFile, FetchModeTakesUrlsAsTheyAreUnlessToldOtherwise) {
  EXPECT_THAT(load("job.mode = 'fetch'")->spec.urls.strip_params, IsEmpty());
  EXPECT_THAT(load("job.mode = 'fetch'")->spec.urls.strip_path_params, IsEmpty());
  EXPECT_THAT(load("job.mode = 'fetch'\nurls.strip_params = ['x']")->spec.urls.strip_params,
              ElementsAre("x"));
  EXPECT_THAT(load("")->spec.urls.strip_params, Contains("utm_*"));
}

TEST(JobFile, LaterLayersWin) {
  Overrides overrides{
      .environment = {{"TRAWL_FETCH__CONCURRENCY", "3"}, {"TRAWL_FETCH__ATTEMPTS", "3"}},
      .options = {{.key = "fetch.attempts", .value = "5"},
                  {.key = "fetch.attempts", .value = "6", .source = "--attempts"}}};
  const auto job = load("[fetch]\nconcurrency = 2\nattempts = 2\nmax_redirects = 2\n", overrides);
  ASSERT_TRUE(job) << message(job);
  EXPECT_EQ(job->spec.fetch.max_redirects, 2);
  EXPECT_EQ(job->spec.fetch.concurrency, 3);
  EXPECT_EQ(job->spec.fetch.attempts, 6);
  EXPECT_EQ(job->origin("fetch.max_redirects").text(), "docs.toml:5:17");
  EXPECT_EQ(job->origin("fetch.concurrency").text(), "TRAWL_FETCH__CONCURRENCY");
  EXPECT_EQ(job->origin("fetch.attempts").text(), "--attempts");
}

TEST(JobFile, SettingsAreTomlOrPlainTextAsTheKeyWantsIt) {
  const auto job = load_with({{.key = "fetch.concurrency", .value = "16"},
                              {.key = "politeness.delay", .value = "0"},
                              {.key = "limits.pages", .value = "off"},
                              {.key = "job.name", .value = "2024"},
                              {.key = "fetch.http", .value = "2"},
                              {.key = "job.contact", .value = "\"me@a.example\""},
                              {.key = "scope.exclude", .value = "['*a=b', \"*c\"]"},
                              {.key = "output.dir", .value = "\"a\"", .literal = true}});
  ASSERT_TRUE(job) << message(job);
  EXPECT_EQ(job->spec.fetch.concurrency, 16);
  EXPECT_EQ(job->spec.politeness.delay, Millis{0});
  EXPECT_EQ(job->spec.limits.pages, std::nullopt);
  EXPECT_EQ(job->spec.name, "2024");
  EXPECT_EQ(job->spec.fetch.http, http::HttpVersion::http2);
  EXPECT_EQ(job->spec.contact, "me@a.example");
  EXPECT_THAT(job->spec.scope.exclude, ElementsAre("*a=b", "*c"));
  EXPECT_EQ(job->spec.output.dir, "\"a\"");
}

TEST(JobFile, ASettingCantSmuggleInAnotherKey) {
  EXPECT_THAT(message(load_with({{.key = "fetch.attempts", .value = "3\nvalue2 = 4"}})),
              HasSubstr("--set: key fetch.attempts: expected a whole number from 1 to 1000"));
}

TEST(JobFile, HeadersAreSetOneByOneOrTogether) {
  const auto one = load("fetch.headers = { A = '1', B = '2' }",
                        {.environment = {{"TRAWL_FETCH__HEADERS__X_API_KEY", "k"}},
                         .options = {{.key = "fetch.headers.a", .value = "3"}}});
  ASSERT_TRUE(one) << message(one);
  EXPECT_THAT(one->spec.fetch.headers,
              ElementsAre(Pair("B", "2"), Pair("X-Api-Key", "k"), Pair("a", "3")));
  const auto all =
      load("fetch.headers = { A = '1', B = '2' }",
           {.environment = {}, .options = {{.key = "fetch.headers", .value = "{ C = '3' }"}}});
  ASSERT_TRUE(all) << message(all);
  EXPECT_THAT(all->spec.fetch.headers, ElementsAre(Pair("C", "3")));
}

TEST(JobFile, TheEnvironmentIsTrawlsVariablesWithADoubleUnderscore) {
  const char* block[] = {"TRAWL_TOKEN=x",           "TRAWL_SERVER=y", "HOME=/",
                         "TRAWL_FETCH__ATTEMPTS=7", "BROKEN",         nullptr};
  const auto job = load_with_environment(trawl_environment(block));
  ASSERT_TRUE(job) << message(job);
  EXPECT_EQ(job->spec.fetch.attempts, 7);
  EXPECT_EQ(message(load_with_environment({{"TRAWL_FETCH__ATEMPTS", "7"}})),
            "TRAWL_FETCH__ATEMPTS: key fetch.atempts: unknown key; the nearest known key is "
            "fetch.attempts");
}

TEST(JobFile, SetArgumentsAreSplitAtTheFirstEqualsSign) {
  const auto option = parse_set("scope.include = [\"*?a=b\"]");
  ASSERT_TRUE(option);
  EXPECT_EQ(option->key, "scope.include");
  EXPECT_EQ(option->value, "[\"*?a=b\"]");
  EXPECT_EQ(format_error(parse_set("delay").error()),
            "--set: expected key=value like fetch.concurrency=16, found delay");
  EXPECT_FALSE(parse_set("=5"));
}

TEST(JobFile, ASpeedHasItsUnitOrNone) {
  for (const auto* text : {"1.5MiB/s", "1.5MiB"})
    EXPECT_EQ(load(fmt::format("limits.bandwidth = \"{}\"", text))->spec.limits.bandwidth,
              1'572'864U);
  EXPECT_EQ(load("limits.bandwidth = \"off\"")->spec.limits.bandwidth, std::nullopt);
}

TEST(JobFile, PrintedJobsLoadBackToThemselves) {
  const auto job = load(R"(
job = { name = "n", contact = "https://a.example/\"bot\"", mode = "fetch" }
scope.include = ["re:\\.html$", "*ü*"]
fetch.headers = { "X.Y" = "a\tb", Accept = "*/*" }
fetch.min_speed = "off"
limits.bandwidth = "64KB"
politeness = { adaptive = "off", delay = "1500ms" }
output.shards = 4
)");
  ASSERT_TRUE(job) << message(job);
  const std::string printed = print_job(*job);
  const auto again = load_job_text(printed, "printed.toml", {});
  ASSERT_TRUE(again) << message(again) << printed;
  const auto without_comments = [](const std::string& text) {
    std::string out;
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);)
      out += line.substr(0, line.find("  #")) + '\n';
    return out;
  };
  EXPECT_EQ(without_comments(print_job(*again)), without_comments(printed));
  EXPECT_EQ(again->spec.fetch.headers, job->spec.fetch.headers);
}

TEST(JobFile, EveryPrintedLineNamesTheOriginOfItsValue) {
  const auto job = load("[fetch]\nattempts = 2\n[fetch.headers]\nAccept = 'text/html'\n",
                        {.environment = {{"TRAWL_JOB__GRACE", "1s"}}, .options = {}});
  ASSERT_TRUE(job) << message(job);
  const std::string text = print_job(*job);
  EXPECT_THAT(text, testing::ContainsRegex("\ngrace = \"1s\" +# TRAWL_JOB__GRACE\n"));
  EXPECT_THAT(text, testing::ContainsRegex("\nattempts = 2 +# docs.toml:3:12\n"));
  EXPECT_THAT(text, testing::ContainsRegex("\nheaders.Accept = \"text/html\" +# docs.toml:5:10\n"));
  EXPECT_THAT(text, testing::ContainsRegex("\nconcurrency = 256 +# default\n"));
}

TEST(JobFile, SecretsAreNeitherPrintedNorInMessages) {
  const auto job = load_job_text(R"(
seeds.urls = ["https://user:hunter2@a.example/", "https:\\u:hunter2@b.example/@x", "https://c.example/?a:b@c"]
fetch.headers = { Authorization = "Bearer hunter2", cookie = "hunter2", Proxy-Authorization = "hunter2", X-Api-Key = "hunter2" }
)",
                                 "docs.toml", {});
  ASSERT_TRUE(job) << message(job);
  const std::string text = print_job(*job);
  EXPECT_THAT(text, Not(HasSubstr("hunter2")));
  EXPECT_THAT(text, HasSubstr("https://user:***@a.example/"));
  EXPECT_THAT(text, HasSubstr("https://c.example/?a:b@c"));
  EXPECT_THAT(text, HasSubstr("headers.Authorization = \"***\""));
  for (const char* wrong :
       {"fetch.headers = { Authorization = 'hunter2\\r\\n' }", "fetch.headers = 'hunter2'",
        "fetch.headers = { Authorization = ['hunter2'] }", "fetch.proxy = 'ftp://u:hunter2@p:1'",
        "seeds.files = []\nscope.mode = 'ftp://u:hunter2@h/'"})
    for (const std::string& line : messages(load(wrong)))
      EXPECT_THAT(line, Not(HasSubstr("hunter2")));
}

TEST(JobFile, FilesThatCantBeReadSaySo) {
  const auto folder = std::filesystem::path{testing::TempDir()} / "trawl_config_test";
  std::filesystem::create_directories(folder);
  const auto file = folder / "job.toml";
  EXPECT_EQ(message(load_job(folder / "none.toml", {})),
            (folder / "none.toml").string() + ": can't be opened: No such file or directory");
  EXPECT_EQ(message(load_job(folder, {})), folder.string() + ": is a directory, not a job file");
  std::ofstream{file} << std::string(job_file_bytes_max + 1, '#');
  EXPECT_THAT(message(load_job(file, {})), HasSubstr("is over 1 MiB"));
  std::ofstream{file} << std::string(job_file_bytes_max - 30, '#') << "\nseeds.files = ['-']\n";
  EXPECT_TRUE(load_job(file, {}));
  std::filesystem::remove_all(folder);
}

}  // namespace trawl::config
