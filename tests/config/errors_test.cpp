// What is wrong, where, and what was expected instead.
#include "config/document.hpp"
#include "config/nearest.hpp"
#include "tests/config/support.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace trawl::config {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

// What is wrong with a request is said without what may be secret in it.
TEST(Errors, ARequestIsNotQuoted) {
  const auto job = load_job_text(
      "[job]\nmode = \"fetch\"\n[seeds]\nrequests = [\n"
      "'{\"headers\":{\"Authorization\":\"Bearer hidden\"},\"urll\":\"x\"}']\n",
      "docs.toml", {});
  ASSERT_FALSE(job);
  EXPECT_THAT(format_error(job.error().front()), testing::HasSubstr("unknown key \"urll\""));
  EXPECT_THAT(format_error(job.error().front()), testing::Not(testing::HasSubstr("hidden")));
}

TEST(Errors, ASeedThatIsNoUrlSaysWhy) {
  const auto job = load_job_text(R"([seeds]
urls = ["http://[::1/", "http://h:99999/", "http://", "http://a b/"]
)",
                                 "docs.toml", {});
  EXPECT_THAT(
      messages(job),
      ElementsAre(HasSubstr("seeds.urls[0]: expected a URL that can be fetched (the host in "
                            "brackets is no IPv6 address), found \"http://[::1/\""),
                  HasSubstr("the port is larger than 65535"), HasSubstr("no host"),
                  HasSubstr("a character that no domain can have")));
}

TEST(JobErrors, AllErrorsOfAFileAreShownInItsOrder) {
  const auto job = load_job_text(R"([seeds]
urls = ["https://a.example/", "ftp://b.example/", 5]
[scope]
mode = "site"
[fetch]
timeout_total = 5
concurency = 3
[politenes]
delay = "1s"
)",
                                 "docs.toml",
                                 {.environment = {{"TRAWL_ROBOTS__META", "maybe"}},
                                  .options = {{.key = "limits.page", .value = "3"}}});
  EXPECT_THAT(
      messages(job),
      ElementsAre(
          "docs.toml:2:31: key seeds.urls[1]: expected a URL that begins with http:// or https://, "
          "found \"ftp://b.example/\" (string)",
          "docs.toml:2:51: key seeds.urls[2]: expected a string, found 5 (integer)",
          "docs.toml:4:8: key scope.mode: expected \"page\", \"prefix\", \"host\", \"domain\" or "
          "\"any\", found \"site\" (string)",
          "docs.toml:6:17: key fetch.timeout_total: expected a duration like \"2s\" above zero, "
          "found 5 (integer)",
          "docs.toml:7:1: key fetch.concurency: unknown key; the nearest known key is "
          "fetch.concurrency",
          "docs.toml:8:2: key politenes: unknown section; the nearest known section is "
          "[politeness]",
          "TRAWL_ROBOTS__META: key robots.meta: expected true or false, found \"maybe\" (string)",
          "--set: key limits.page: unknown key; the nearest known key is limits.pages"));
}

TEST(JobErrors, ASyntaxErrorHasItsPositionAndStandsAlone) {
  const auto job = load("[fetch]\nconcurrency = \n");
  EXPECT_THAT(message(job), StartsWith("docs.toml:3:15: "));
  EXPECT_THAT(message(load("a = \"\xff\"")), StartsWith("docs.toml:2:"));
  EXPECT_THAT(message(load("[fetch]\nhttp='2'\nhttp='2'")), StartsWith("docs.toml:4:"));
}

// docs/faults.md row 56.
TEST(JobErrors, AFileThatIsNoJobFileIsRefusedBeforeItIsRead) {
  const auto path = std::filesystem::temp_directory_path() / "trawl-large-job.toml";
  std::ofstream{path} << "[job]\n";
  std::filesystem::resize_file(path, 100 << 20);
  const auto message_for = [](const std::filesystem::path& file) {
    const auto text = read_document(file);
    return text ? std::string{"it was read"} : text.error().message;
  };
  EXPECT_THAT(message_for(path), HasSubstr("is over 1 MiB"));
  std::filesystem::remove(path);
  EXPECT_THAT(message_for(path), HasSubstr("No such file"));
  EXPECT_THAT(message_for(path.parent_path()), HasSubstr("is a directory"));
}

// docs/faults.md row 56.
TEST(JobErrors, NulBytesAndKeysWithoutEndAreRefusedBeforeParsing) {
  EXPECT_EQ(message(load(std::string_view{"# \xc3\xa4 \0", 6})),
            "docs.toml:2:5: a NUL byte: this is not a text file in UTF-8");
  std::string deep = "a";
  for (int i = 0; i < 300'000; ++i) deep += ".a";
  EXPECT_THAT(message(load(deep + " = 1")), EndsWith("a key of more than 16 parts"));
  EXPECT_THAT(message(load("[" + deep + "]")), EndsWith("a key of more than 16 parts"));
  EXPECT_THAT(message(load_with({{.key = deep, .value = "1"}})), EndsWith("a.…: unknown key"));
  EXPECT_THAT(message(load_with({{.key = "fetch.attempts", .value = "{" + deep + "=1}"}})),
              HasSubstr("expected a whole number"));
}

TEST(JobErrors, DotsInStringsAndCommentsAreNoKeyParts) {
  const std::string dots = "*" + std::string(100, '.');
  const auto job = load("job.contact = \"\\\"" + dots + "\"  # " + dots + "\nscope.exclude = ['" +
                        dots + "', '''\n" + dots + "''', \"\"\"" + dots + "\"\"\", \"\", '']\n");
  EXPECT_EQ(messages(job).size(), 2u);  // the empty patterns, and nothing about dots
}

TEST(JobErrors, APatternThatIsNoUrlsInAnySpellingIsRefused) {
  EXPECT_TRUE(load("scope.exclude = ['*日本*', 'http://日本語.example/*']"));
  EXPECT_THAT(
      message(load("scope.exclude = ['http://日*.example/*']")),
      HasSubstr("key scope.exclude[0]: expected a glob that matches URLs (\"日*\" is a part "
                "of an internationalised name"));
  EXPECT_THAT(message(load("scope.include = ['re:日']")),
              HasSubstr("expected a regular expression in ASCII, as URLs are"));
  EXPECT_THAT(message(load_with({{.key = "scope.include", .value = "[\"*\xFC*\"]"}})),
              HasSubstr("expected a text in UTF-8"));
}

TEST(JobErrors, ThousandsOfErrorsAreCutToTheFirst) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += fmt::format("key{} = 1\n", i);
  const auto lines = messages(load(text));
  ASSERT_EQ(lines.size(), errors_shown_max + 1);
  EXPECT_THAT(lines.front(), StartsWith("docs.toml:2:1: key key0: unknown key"));
  EXPECT_EQ(lines.back(), "docs.toml: and 19900 more errors");
}

TEST(JobErrors, WhateverIsOptionalCanBeTurnedOff) {
  EXPECT_TRUE(
      load("limits.memory = 'off'\njob.schedule = 'off'\n"
           "politeness.per_ip = 'off'\nrecrawl.every = 'off'\n"
           "[fetch]\nhost_breaker = 'off'\nproxy = 'off'\n"));
}

TEST(JobErrors, ASchedulesMistakeIsNamed) {
  EXPECT_TRUE(load("[job]\nschedule = 'CRON_TZ=Europe/Berlin 0 3 * * mon'\nweight = 3\n"));
  EXPECT_EQ(message(load("job.schedule = '0 25 * * *'")),
            "docs.toml:2:16: key job.schedule: expected \"off\", \"every 6h\" or a cron expression "
            "like \"0 3 * * *\" (\"25\" is no hour from 0 to 23), found \"0 25 * * *\" (string)");
  EXPECT_THAT(message(load("job.schedule_timezone = 'Berlin'")),
              HasSubstr("expected a time zone like \"Europe/Berlin\""));
}

TEST(JobErrors, ACookieFileNeedsAJar) {
  EXPECT_TRUE(load("[fetch]\ncookies = 'session'\ncookies_file = 'cookies.txt'\n"));
  EXPECT_THAT(message(load("fetch.cookies_file = 'cookies.txt'")),
              StartsWith("docs.toml:2:22: key fetch.cookies_file: needs fetch.cookies, which is "
                         "\"off\""));
  EXPECT_TRUE(load("fetch.headers = {Cookie = 'a=b'}"));
  EXPECT_THAT(
      message(load("[fetch]\ncookies = 'persist'\nheaders = {cookie = 'a=b'}\n")),
      StartsWith("docs.toml:4:21: key fetch.headers.cookie: can't be set beside fetch.cookies"));
}

constexpr const char* impossible[] = {
    "fetch.concurrency = 0",
    "fetch.concurrency = -1",
    "fetch.concurrency = 1e3",
    "fetch.concurrency = '5'",
    "fetch.attempts = 0",
    "fetch.max_redirects = -1",
    "fetch.timeout_total = 'off'",
    "fetch.timeout_total = '0s'",
    "fetch.timeout_dns = '5'",
    "fetch.min_speed = '1KiB/s'",
    "fetch.min_speed = '0B/s for 5s'",
    "fetch.min_speed = '1KiB/s for 0s'",
    "limits.bandwidth = '1KiB/min'",
    "limits.bandwidth = '2MiB/s for 5s'",
    "limits.bandwidth = '1023B/s'",
    "limits.bandwidth = 5000",
    "fetch.max_body = -1",
    "fetch.max_body = 0",
    "fetch.backoff = '2s..1s'",
    "fetch.backoff = '0s..1s'",
    "fetch.backoff = '1s'",
    "fetch.backoff = ['1s', '2s']",
    "fetch.host_breaker = 5",
    "fetch.host_breaker = '5 failures'",
    "fetch.host_breaker = '5, 10m'",
    "fetch.host_breaker = '0 failures, 10m'",
    "fetch.host_breaker = '5failures, 10m'",
    "fetch.host_breaker = '5 failures, 1ms'",
    "politeness.per_ip = 0",
    "politeness.per_domain = 'all'",
    "fetch.tls_verify = 'true'",
    "fetch.headers = { 'A B' = 'x' }",
    "fetch.headers = { '' = 'x' }",
    "fetch.headers = { A = \"x\\r\\nB: y\" }",
    "fetch.headers = { A = 5 }",
    "fetch.headers = { Host = 'x' }",
    "fetch.headers = { user-agent = 'x' }",
    "fetch.headers = { A = 'x', a = 'y' }",
    "fetch.headers = []",
    "fetch.allow_private_networks = ['10.0.0.0/33']",
    "fetch.allow_private_networks = ['10.0.0/8']",
    "fetch.allow_private_networks = ['10.0.0.0/']",
    "fetch.allow_private_networks = ['10.0.0.0/-1']",
    "fetch.allow_private_networks = ['::/129']",
    "fetch.allow_private_networks = ['lan']",
    "fetch.allow_private_networks = '10.0.0.0/8'",
    "politeness.adaptive = -1",
    "politeness.adaptive = nan",
    "politeness.adaptive = inf",
    "politeness.delay = '-1s'",
    "politeness.delay = 'off'",
    "politeness.per_host = 0",
    "limits.pages = 0",
    "limits.pages = -1",
    "limits.bytes = '0B'",
    "limits.duration = '0s'",
    "scope.max_depth = -1",
    "scope.include = ['']",
    "scope.include = ['re:(']",
    "scope.include = ['re:']",
    "scope.include = ['example.org/*']",
    "urls.max_length = 0",
    "urls.strip_params = ['a=b']",
    "urls.max_segment_repeats = 0",
    "output.shards = 0",
    "output.shards = 'off'",
    "output.warc_size = 'off'",
    "output.dir = \"a\\u0000b\"",
    "job.name = ''",
    "job.name = 'a/b'",
    "job.name = '..'",
    "job.user_agent = \"a\\r\\nb\"",
    "job.user_agent = ''",
    "job.user_agent = 'a {verson}'",
    "job.contact = \"a\\nb\"",
    "job.grace = '2h'",
    "seeds.files = ['']",
    "robots.ttl = 0",
    "job.mode = 'Crawl'",
    "job.name = 1979-05-27",
    "job.name = { a = 1 }",
    "job = 5",
    "fetch.concurrency.max = 5",
    "'fetch.attempts' = 5",
    "fetch.'headers.A' = 'b'",
};

TEST(JobErrors, ImpossibleValuesAreRefusedOneByOne) {
  for (const char* line : impossible)
    EXPECT_THAT(message(load(line)), StartsWith("docs.toml:2:")) << line;
}

TEST(JobErrors, MessagesSayWhatWouldBeRight) {
  EXPECT_THAT(message(load("fetch.allow_private_networks = ['127.0.0.1/8']")),
              EndsWith("expected a network without host bits, \"127.0.0.0/8\", found "
                       "\"127.0.0.1/8\" (string)"));
  EXPECT_THAT(message(load("scope.include = ['re:(']")), HasSubstr("missing ): ("));
  EXPECT_THAT(message(load("fetch.headers = { User-Agent = 'x' }")),
              EndsWith("key fetch.headers.User-Agent: is set by job.user_agent"));
  EXPECT_THAT(message(load_with({{.key = "fetch", .value = "{}"}})),
              EndsWith("key fetch: is a section; set its keys one by one"));
}

TEST(JobErrors, ValuesAreCheckedAgainstEachOther) {
  EXPECT_EQ(message(load("politeness.delay = '2m'")),
            "docs.toml:2:20: key politeness.delay: expected politeness.delay (2m) to be at most "
            "politeness.delay_max (1m, the default)");
  EXPECT_THAT(message(load("politeness.delay_max = '500ms'")),
              StartsWith("docs.toml:2:24: key politeness.delay_max: expected politeness.delay (1s, "
                         "the default)"));
  EXPECT_THAT(message(load("politeness.delay_max = 'x'")), HasSubstr("expected a duration"));
  EXPECT_THAT(message(load("job.user_agent = 'bot {contact}'")), HasSubstr("job.contact"));
  EXPECT_TRUE(load("job.user_agent = 'bot {contact}'\njob.contact = 'me@a.example'"));
  EXPECT_THAT(message(load("seeds.files = ['-', 'a', '-']")), HasSubstr("only once"));
  EXPECT_EQ(
      message(load("output.bodies = 'none'\noutput.convert_links = true")),
      "docs.toml:3:24: key output.convert_links: needs bodies: output.bodies is \"none\", set it "
      "to \"files\" or \"warc\"");
  EXPECT_TRUE(load("output.convert_links = true"));
}

TEST(JobErrors, AJobFileNeedsSeedsAndACommandLineDoesNot) {
  EXPECT_EQ(message(load_job_text("", "docs.toml", {})),
            "docs.toml: key seeds.urls: no seeds: expected URLs here, files in seeds.files or "
            "sitemaps in seeds.sitemaps");
  EXPECT_THAT(message(load_job_text("seeds.sitemaps = 'auto'", "docs.toml", {})),
              HasSubstr("no seeds"));  // whose would they be?
  EXPECT_TRUE(load_job_text("seeds.sitemaps = ['https://a.example/s.xml']", "docs.toml", {}));
  EXPECT_TRUE(load_job_text(
      "", "docs.toml", {.environment = {}, .options = {{.key = "seeds.files", .value = "['-']"}}}));
  EXPECT_TRUE(load_job_without_file("a", {}));
}

TEST(NearestKey, ALetterASwapOrASectionIsForgiven) {
  EXPECT_EQ(edit_distance("concurrency", "concurrency"), 0);
  EXPECT_EQ(edit_distance("dealy", "delay"), 1);
  EXPECT_EQ(edit_distance("", "abc"), 3);
  const auto nearest = [](std::string_view key) {
    return message(load_with({{.key = std::string{key}, .value = "1"}}));
  };
  EXPECT_THAT(nearest("politeness.dealy"), EndsWith("is politeness.delay"));
  EXPECT_THAT(nearest("politeness.concurrency"), EndsWith("is fetch.concurrency"));
  EXPECT_THAT(nearest("concurrency"), EndsWith("is fetch.concurrency"));
  EXPECT_THAT(nearest("limits.max_pages"), EndsWith("is limits.pages"));
  // Of the section that was named, where no other has the very name.
  EXPECT_THAT(nearest("seeds.foo"), HasSubstr("is seeds."));
  EXPECT_THAT(nearest("politeness.limits"), HasSubstr("is politeness."));
  EXPECT_THAT(nearest("fetch.atempts"), EndsWith("is fetch.attempts"));
  EXPECT_THAT(nearest(std::string(200, 'a')), EndsWith("unknown key"));
}

}  // namespace trawl::config
