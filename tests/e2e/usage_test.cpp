// What is wrong before anything is fetched: exit codes and messages.
#include "tests/e2e/program.hpp"

#include <fstream>

namespace trawl::e2e {
namespace {

using crawl::UrlState;
using testing::HasSubstr;

TEST(Usage, NamesThePlaceOfEachMistakeInAJobFile) {
  const TempDir dir;
  const auto job = dir.write("job.toml", R"([job]
name = "docs"
[seeds]
urls = ["http://127.0.0.1/"]
[politeness]
delay = 5
dealy = "1s"
[fetch]
concurrency = "many"
)");
  for (const char* command : {"run", "check"}) {
    const auto run = run_trawl({command, job.string()});
    EXPECT_EQ(run.exit_code, 3) << command;
    EXPECT_THAT(run.err, HasSubstr("job.toml:6")) << command;
    EXPECT_THAT(run.err, HasSubstr("job.toml:7")) << command;
    EXPECT_THAT(run.err, HasSubstr("politeness.delay")) << command;
    EXPECT_THAT(run.err, HasSubstr("job.toml:9")) << command;
  }
}

TEST(Usage, RunsAJobFileAndContinuesIt) {
  LoopbackServer server;
  server.on("/", Reply{.body = page("home", {"/a"})});
  server.on("/a", Reply{.body = page("a", {})});
  const TempDir dir;
  const auto job = dir.write("job.toml", "[seeds]\nurls = [\"" + server.url() +
                                             "\"]\n[politeness]\ndelay = \"0s\"\n"
                                             "[fetch]\nallow_private_networks = [\"127.0.0.0/8\"]\n"
                                             "[limits]\nmin_free_disk = \"off\"\n");
  auto command = trawl({"run", job.string()});
  command.cwd = dir.string();
  const auto first = support::run(command);
  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_EQ(read_records(dir / "out/job").size(), 2U);
  const auto second = support::run(command);
  EXPECT_EQ(second.exit_code, 0) << second.err;
  EXPECT_THAT(second.err, HasSubstr("all is done"));
  EXPECT_EQ(server.count(), 3U);
}

TEST(Usage, ARunBeginsWithAWarningOfWhatCanHaveNoEffect) {
  LoopbackServer server;
  server.on("/", Reply{.body = page("home", {"/a"})});
  server.on("/a", Reply{.body = page("a", {})});
  const TempDir dir;
  const auto run =
      run_trawl({"crawl", server.url(), "-o", (dir / "out").string(), "--exclude", "*/a#top",
                 "--delay", "0s", "--set", "fetch.allow_private_networks=[\"127.0.0.0/8\"]",
                 "--set", "limits.min_free_disk=off"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("key scope.exclude: \"*/a#top\" matches no URL"));
  EXPECT_THAT(run.err, HasSubstr("leave out \"#top\""));
}

TEST(Usage, AListThatIsNotThereLeavesNoFolder) {
  const TempDir dir;
  const std::string out = (dir / "out").string();
  for (const std::string& list : {(dir / "none").string(), dir.string()}) {
    const auto run = run_trawl({"fetch", "-i", list, "-o", out});
    EXPECT_EQ(run.exit_code, 2) << run.err;
    EXPECT_THAT(run.err, HasSubstr(list));
    EXPECT_FALSE(std::filesystem::exists(out));
  }
}

// The next file that is opened would get the number.
TEST(Usage, AClosedStandardStreamIsNoFileOfOurs) {
  const TempDir dir;
  LoopbackServer server;
  server.on("/", Reply{.body = page("home", {})});
  const auto program = trawl({}).args.front();
  const std::string out = (dir / "out").string(), list = (dir / "list").string();
  const auto shell = [&](const std::string& command) {
    return support::run({.args = {"sh", "-c", command}, .cwd = dir.string()});
  };
  const auto empty = shell(program + " fetch -i - -o " + list + " -q <&-");
  EXPECT_EQ(empty.exit_code, 0) << empty.err;
  EXPECT_EQ(read_records(list).size(), 0U);

  std::string arguments;
  for (const auto& argument : loopback(out)) arguments += " '" + argument + "'";
  const auto mute = shell(program + " -vv fetch " + server.url("/") + arguments + " 2>&-");
  EXPECT_EQ(mute.exit_code, 0);
  std::ifstream lock{dir / "out/.lock"};
  std::string line;
  std::getline(lock, line);
  EXPECT_THAT(line, testing::MatchesRegex("[0-9]*"));
}

TEST(Usage, ExitsWithTwoForWrongArguments) {
  for (const Arguments& wrong : {Arguments{},
                                 {"crawl"},
                                 {"crawl", "--no-such-flag", "http://127.0.0.1/"},
                                 {"sing"},
                                 {"fetch"},
                                 {"crawl", "http://127.0.0.1/", "--depth", "deep"}}) {
    const auto run = run_trawl(wrong);
    EXPECT_EQ(run.exit_code, 2) << testing::PrintToString(wrong) << run.err;
    EXPECT_FALSE(run.err.empty());
    EXPECT_EQ(run.out, "");
  }
}

TEST(Usage, WhatPeopleTypeForHelpIsHelp) {
  const auto help = run_trawl({"crawl", "--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.out, HasSubstr("default: 1s"));
  EXPECT_EQ(run_trawl({"help", "crawl"}).out, help.out);
  EXPECT_EQ(run_trawl({"help"}).out, run_trawl({"--help"}).out);
  EXPECT_EQ(run_trawl({"-V"}).out, run_trawl({"--version"}).out);
}

TEST(Usage, ACrawlBeginsFromTheLinesOfAList) {
  LoopbackServer server;
  server.on("/a", Reply{.body = page("a", {"/below"})});
  server.on("/b", Reply{.body = page("b", {})});
  server.on("/below", Reply{.body = page("below", {})});
  const TempDir dir;
  const auto list =
      dir.write("seeds.txt", "# two\n" + server.url("/a") + "\n\n" + server.url("/b"));
  const auto run = run_trawl(Arguments{"crawl", "-i", list.string()} + loopback(dir / "out"));
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(count(read_records(dir / "out"), UrlState::fetched), 3U);
  auto piped = trawl(Arguments{"crawl", "-i", "-", "--depth", "0"} + loopback(dir / "piped"));
  piped.input = server.url("/a") + "\n";
  EXPECT_EQ(support::run(piped).exit_code, 0);
  EXPECT_EQ(count(read_records(dir / "piped"), UrlState::fetched), 1U);
  const auto missing = run_trawl({"crawl", "-i", (dir / "no.txt").string()});
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_THAT(missing.err, HasSubstr("there is no list"));
  const auto as_url = run_trawl({"crawl", list.string()});
  EXPECT_EQ(as_url.exit_code, 2);
  EXPECT_THAT(as_url.err, HasSubstr("-i " + list.string() + " reads a list of URLs"));
}

TEST(Usage, OfAnOptionThatIsGivenTwiceTheLastOneCounts) {
  LoopbackServer server;
  server.on("/", Reply{.body = page("home", {"/a"})});
  server.on("/a", Reply{.body = page("a", {"/b"})});
  server.on("/b", Reply{.body = page("b", {})});
  const TempDir dir;
  const auto run = run_trawl(Arguments{"crawl", server.url("/"), "--depth", "0", "--depth", "1"} +
                             loopback(dir / "out"));
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(count(read_records(dir / "out"), UrlState::fetched), 2U);
}

TEST(Usage, StandardOutputIsNoFolder) {
  const TempDir dir;
  auto command = trawl({"fetch", "http://127.0.0.1:9/", "-o", "-"});
  command.cwd = dir.string();
  const auto run = support::run(command);
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("trawl cat DIR URL"));
  EXPECT_FALSE(std::filesystem::exists(dir / "-"));
}

TEST(Usage, ANameOfFilesIsNoContentType) {
  const auto run = run_trawl({"crawl", "http://127.0.0.1:9/", "--types", "*.pdf"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_THAT(run.err, HasSubstr("--include"));
}

TEST(Usage, NamesAWordThatIsNoCommandAndWhatItMayHaveBeen) {
  EXPECT_EQ(
      run_trawl({"crwal", "http://127.0.0.1/"}).err,
      "trawl: there is no command \"crwal\" (did you mean crawl?); trawl --help has them all\n");
  EXPECT_EQ(run_trawl({"--quiet", "validate"}).err,
            "trawl: there is no command \"validate\"; trawl --help has them all\n");
}

std::string error_of(const Arguments& arguments) {
  const auto run = run_trawl(arguments);
  EXPECT_EQ(run.exit_code, 2) << run.err;
  return run.err;
}

TEST(Usage, SaysWhatAnUnknownOptionMayHaveMeant) {
  const std::string url = "http://127.0.0.1/";
  const auto crawl = [&](const std::string& option) {
    return error_of({"crawl", url, option, "3"});
  };
  const auto line = [](const std::string& rest) {
    return "trawl crawl: there is no option " + rest + "; trawl crawl --help has them all\n";
  };
  EXPECT_EQ(crawl("--depht"), line("--depht (did you mean --depth?)"));
  EXPECT_EQ(crawl("--limit=3"), line("--limit (did you mean --max-pages?)"));
  EXPECT_EQ(crawl("--quite"), line("--quite (did you mean --quiet?)"));
  EXPECT_EQ(crawl("--user-agent"), line("--user-agent (did you mean --set job.user_agent=VALUE?)"));
  EXPECT_EQ(crawl("--max-time"),
            line("--max-time (did you mean --set fetch.timeout_total=VALUE?)"));
  EXPECT_EQ(crawl("--xyzzy"), line("--xyzzy"));
  EXPECT_EQ(crawl("-j"), line("-j"));
  EXPECT_THAT(error_of({"stats", "--max-time", "3"}), HasSubstr("there is no option --max-time;"));
}

TEST(Usage, NamesTheCommandWhoseHelpSaysMore) {
  EXPECT_EQ(error_of({"stats"}), "trawl stats: DIR is required; trawl stats --help says more\n");
  EXPECT_THAT(error_of({"crawl"}), HasSubstr("a list of them with -i FILE"));
  EXPECT_EQ(error_of({"stats", "a", "b"}),
            "trawl stats: \"b\" is one argument too many; trawl stats --help says what it takes\n");
  EXPECT_EQ(error_of({"warc", "veryfy", "x.warc"}),
            "trawl warc: there is no command \"veryfy\" (did you mean verify?); trawl warc --help "
            "has them all\n");
  EXPECT_EQ(error_of({"warc"}),
            "trawl warc: a command is missing; trawl warc --help has them all\n");
  EXPECT_EQ(error_of({"--foo"}), "trawl: there is no option --foo; trawl --help has them all\n");
  EXPECT_THAT(error_of({"crawl", "http://127.0.0.1/", "--depth", "deep"}), HasSubstr("--depth"));
}

TEST(Usage, ExitsWithThreeForAWrongSetting) {
  const TempDir dir;
  const auto run = run_trawl(
      {"crawl", "http://127.0.0.1/", "-o", (dir / "out").string(), "--set", "politeness.dealy=1s"});
  EXPECT_EQ(run.exit_code, 3) << run.err;
  EXPECT_THAT(run.err, HasSubstr("politeness.delay"));
  EXPECT_FALSE(std::filesystem::exists(dir / "out"));
}

TEST(Usage, ARunCanFailOnWhatItFound) {
  LoopbackServer server;
  server.on("/", Reply{.body = page("home", {"/gone"})});
  server.on("/gone", Reply{.status = 404});
  const TempDir dir;
  const auto crawl = Arguments{"crawl", server.url()} + loopback(dir / "out");
  EXPECT_EQ(run_trawl(crawl + Arguments{"--fail-on", "failed,5xx"}).exit_code, 0);
  const auto found = run_trawl(crawl + Arguments{"--fail-on", "failed,4xx"});
  EXPECT_EQ(found.exit_code, 12);
  EXPECT_THAT(found.err, HasSubstr("out: 1 x 404, which --fail-on names"));
  const auto wrong = run_trawl(crawl + Arguments{"--fail-on", "broken"});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("\"broken\" is no HTTP status"));
  const auto none = run_trawl(crawl + Arguments{"--fail-on", ""});  // a script's unset variable
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_THAT(none.err, HasSubstr("--fail-on is empty"));
}

TEST(Usage, NothingThatWasFetchedIsSaidEvenInQuiet) {
  LoopbackServer server;
  server.on("/robots.txt", Reply{.body = "User-agent: *\nDisallow: /\n"});
  const TempDir dir;
  const auto crawl = Arguments{"-q", "crawl", server.url()} + loopback(dir / "out");
  const auto quiet = run_trawl(crawl);
  EXPECT_EQ(quiet.exit_code, 0);
  EXPECT_THAT(quiet.err, HasSubstr("out: nothing was fetched: 1 x robots; trawl explain "));
  const auto judged = run_trawl(crawl + Arguments{"--fail-on", "failed"});
  EXPECT_EQ(judged.exit_code, 12);
  EXPECT_THAT(judged.err, HasSubstr("1 seed excluded, which --fail-on names"));
}

TEST(Usage, PatternsNarrowACrawlAndItsRecords) {
  LoopbackServer server;
  server.on("/", Reply{.body = page("home", {"/docs/a", "/docs/b.zip", "/other"})});
  for (const char* path : {"/docs/a", "/docs/b.zip", "/other"})
    server.on(path, Reply{.body = page(path, {})});
  const TempDir dir;
  const auto run = run_trawl(Arguments{"crawl", server.url(), "--include", "*/docs/*", "--exclude",
                                       "*.zip", "--exclude", "re:/never$"} +
                             loopback(dir / "out"));
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(server.count("/docs/a"), 1U);
  EXPECT_EQ(server.count("/docs/b.zip") + server.count("/other"), 0U);
  const auto out = (dir / "out").string();
  const auto lines = [](const Finished& ended) { return std::ranges::count(ended.out, '\n'); };
  EXPECT_EQ(lines(run_trawl({"results", out, "--url", "*/docs/*"})), 2);
  EXPECT_EQ(lines(run_trawl({"results", out, "--url", "*/docs/*", "--type", "html"})), 1);
  EXPECT_EQ(lines(run_trawl({"results", out, "--type", "pdf"})), 0);
  EXPECT_EQ(run_trawl({"results", out, "--url", ""}).exit_code, 2);
}

TEST(Usage, TheNameOfAFileIsNoUrl) {
  const TempDir dir;
  const auto list = dir.write("list.txt", "http://127.0.0.1/\n").string();
  const auto refused = [&dir](const std::string& text) {
    const auto run = run_trawl({"fetch", text, "-o", (dir / "out").string()});
    EXPECT_EQ(run.exit_code, 2) << run.err;
    return run.err;
  };
  EXPECT_THAT(refused(list), HasSubstr("is a file and no URL; -i " + list));
  for (const char* none : {"./no-such-list", "../no-such-list", "/no/such/list"})
    EXPECT_THAT(refused(none), HasSubstr("is no URL, nor a file that is there"));
}

TEST(Usage, AListTakesNoUrlsOfACrawlThatIsNotFinished) {
  LoopbackServer server;
  server.on("/", Reply{.body = page("home", {"/a", "/b"})});
  for (const char* path : {"/a", "/b", "/image"}) server.on(path, Reply{.body = path});
  const TempDir dir;
  const auto crawl = Arguments{"crawl", server.url()} + loopback(dir / "out");
  const auto list = Arguments{"fetch", server.url("/image")} + loopback(dir / "out");
  EXPECT_EQ(run_trawl(crawl + Arguments{"--max-pages", "1"}).exit_code, 11);
  const auto settings = [&dir] {
    return run_trawl({"explain", (dir / "out").string(), "http://127.0.0.1/"}).out;
  };
  const auto before = settings();
  const auto refused = run_trawl(list);
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_THAT(refused.err, HasSubstr("a crawl that is not finished: 2 URLs are queued"));
  EXPECT_EQ(settings(), before);
  EXPECT_EQ(server.count("/a") + server.count("/image"), 0U);
  EXPECT_EQ(run_trawl(crawl).exit_code, 0);
  EXPECT_EQ(run_trawl(list).exit_code, 0);
  EXPECT_EQ(run_trawl(list + Arguments{"--again"}).exit_code, 0);
  EXPECT_EQ(server.count("/image"), 2U);
}

TEST(Usage, ASitemapThatWasOnlyLookedForIsNotMissed) {
  LoopbackServer server;
  server.on("/", Reply{.body = page("home", {})});
  const TempDir dir;
  const auto run = [&](const std::string& folder, const std::string& sitemaps) {
    const auto ended = run_trawl(Arguments{"crawl", server.url(), "--fail-on", "4xx"} +
                                 loopback(dir / folder, {"--set", "seeds.sitemaps=" + sitemaps}));
    EXPECT_EQ(read_records(dir / folder).at(server.url("/sitemap.xml")).outcome.status, 404);
    return ended.exit_code;
  };
  EXPECT_EQ(run("guessed", "auto"), 0);
  EXPECT_EQ(run("named", fmt::format("[\"{}\"]", server.url("/sitemap.xml"))), 12);
}

// Neither status nor archive show it, so the summary does.
TEST(Usage, BodiesThatAreNotWholeAreCounted) {
  LoopbackServer server;
  server.on("/", Reply{.body = page("home", {"/large", "/round"})});
  server.on("/large", Reply{.body = std::string(5000, 'x'), .content_type = "text/plain"});
  server.on("/round", support::redirect_to("/circle"));
  server.on("/circle", support::redirect_to("/round"));
  const TempDir dir;
  const auto crawl =
      Arguments{"crawl", server.url()} + loopback(dir / "out", {"--set", "fetch.max_body=4KiB"});
  const auto cut = run_trawl(crawl + Arguments{"--fail-on", "truncated"});
  EXPECT_EQ(cut.exit_code, 12);
  EXPECT_THAT(cut.err, HasSubstr("    cut                1   over fetch.max_body"));
  EXPECT_THAT(cut.err, HasSubstr("out: 1 truncated, which --fail-on names"));
  EXPECT_THAT(run_trawl({"stats", (dir / "out").string()}).out, HasSubstr("\n    cut"));
  const auto astray = run_trawl(crawl + Arguments{"--fail-on", "failed"});
  EXPECT_EQ(astray.exit_code, 12);
  EXPECT_THAT(astray.err, HasSubstr("1 x redirect_loop, which --fail-on names"));
}

// What a person types who looks for it.
TEST(Usage, RobotsTxtIsSaidToBeInTheArchive) {
  LoopbackServer server;
  server.on("/", Reply{.body = page("home", {})});
  const TempDir dir;
  run_trawl(Arguments{"crawl", server.url()} + loopback(dir / "out"));
  const auto cat = run_trawl({"cat", (dir / "out").string(), server.url("/robots.txt")});
  EXPECT_EQ(cat.exit_code, 2);
  EXPECT_THAT(cat.err, HasSubstr("trawl warc extract"));
}

TEST(Usage, AnExportIsOfNoFormatThatItsNamePromisesInVain) {
  LoopbackServer server;
  server.on("/", Reply{.body = page("home", {})});
  const TempDir dir;
  run_trawl(Arguments{"crawl", server.url()} + loopback(dir / "out"));
  const auto out = (dir / "out").string();
  const auto parquet = run_trawl({"export", out, "-o", (dir / "x.parquet").string()});
  EXPECT_EQ(parquet.exit_code, 2);
  EXPECT_THAT(parquet.err, HasSubstr("nothing is known of .parquet files"));
  EXPECT_EQ(run_trawl({"export", out, "-o", (dir / "x.json.gz").string()}).exit_code, 0);
  EXPECT_EQ(run_trawl({"export", out, "-o", (dir / "x.tsv").string(), "--format", "csv"}).exit_code,
            0);
}

}  // namespace
}  // namespace trawl::e2e
