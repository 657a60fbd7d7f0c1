#include "service/cli/results.hpp"

#include "core/base/result.hpp"
#include "tests/service/cli/small_crawl.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <sstream>

namespace trawl::service::cli {
namespace {

std::string results(const test::SmallCrawl& crawl, ResultsOptions options) {
  options.folder = crawl.folder();
  TextOutput out;
  EXPECT_EQ(run_results(options, out), ExitCode::ok);
  return out.text;
}

std::ptrdiff_t lines(const std::string& text) {
  return std::ranges::count(text, '\n');
}

TEST(Results, EveryRecordComesOnceWhateverTheBatches) {
  test::SmallCrawl crawl;
  crawl.admit_many("a", 300);
  crawl.admit_many("b", 300);
  EXPECT_EQ(lines(results(crawl, {})), 600);
  EXPECT_EQ(lines(results(crawl, {.filter = {.limit = 257}})), 257);
  EXPECT_EQ(lines(results(crawl, {.filter = {.host = "b"}})), 300);
  EXPECT_EQ(lines(results(crawl, {.format = "csv"})), 601);
  EXPECT_EQ(lines(results(crawl, {.format = "table", .filter = {.limit = 0}})), 1);
}

TEST(Results, ConditionsHoldTogether) {
  test::SmallCrawl crawl;
  crawl.end(crawl.admit("http://a/1", "a"), test::SmallCrawl::fetched());
  crawl.end(crawl.admit("http://a/2", "a"), test::SmallCrawl::fetched({.status = 404}));
  crawl.end(crawl.admit("http://a/3", "a"), {.state = crawl::UrlState::failed, .error = Errc::dns});
  crawl.admit("http://a/4", "a", Errc::robots);
  EXPECT_EQ(lines(results(crawl, {.filter = {.state = "fetched"}})), 2);
  EXPECT_EQ(lines(results(crawl, {.filter = {.status = "4xx"}})), 1);
  EXPECT_EQ(lines(results(crawl, {.filter = {.error = "robots"}})), 1);
  EXPECT_EQ(lines(results(crawl, {.filter = {.since = "2026-01-31T23:59:58Z"}})), 2);
  EXPECT_EQ(lines(results(crawl, {.filter = {.state = "failed", .status = "200"}})), 0);
}

TEST(Results, FieldsCanBeChosen) {
  test::SmallCrawl crawl;
  crawl.end(crawl.admit("http://a/1", "a"), test::SmallCrawl::fetched({.status = 404}));
  EXPECT_EQ(results(crawl, {.format = "csv", .fields = {"status", "url", "status"}}),
            "status,url\n404,http://a/1\n");
  EXPECT_EQ(results(crawl, {.fields = {"url"}}), "{\"url\":\"http://a/1\"}\n");
  TextOutput out;
  try {
    run_results({.folder = crawl.folder(), .fields = {"url", "statuss"}}, out);
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Errc::usage);
    EXPECT_THAT(failure.what(), testing::HasSubstr("did you mean status?"));
  }
  EXPECT_THROW(run_results({.folder = crawl.folder(), .format = "table", .fields = {"url"}}, out),
               Failure);
}

TEST(Results, BodiesComeAsTextOrInBase64) {
  test::SmallCrawl crawl;
  crawl.fetch("http://a/1", "a", "", "caf\xE9 \"x\"",
              {.content_type = "text/html", .charset = "windows-1252"});
  crawl.fetch("http://a/2", "a", "", std::string("\0\xFF", 2), {.content_type = "image/png"});
  crawl.fetch_to_file("http://a/3", "a", "{}", {.content_type = "application/ld+json"});
  crawl.fetch("http://a/4", "a", "", "said nothing", {});
  crawl.fetch("http://a/5", "a", "", std::string("\0x", 2), {});
  crawl.admit("http://a/6", "a");
  std::istringstream text{results(crawl, {.bodies = true})};
  std::vector<std::string> rows;
  for (std::string line; std::getline(text, line);) {
    const auto record = boost::json::parse(line).as_object();
    rows.push_back(boost::json::serialize(record.at("body")) + " " +
                   boost::json::serialize(record.at("body_base64")));
    EXPECT_TRUE(record.at("body_error").is_null()) << line;
    EXPECT_TRUE(record.contains("digest")) << line;
  }
  EXPECT_THAT(rows,
              testing::ElementsAre("\"caf\u00e9 \\\"x\\\"\" null", "null \"AP8=\"", "\"{}\" null",
                                   "\"said nothing\" null", "null \"AHg=\"", "null null"));
}

TEST(Results, WhatIsSelectedComesByItsName) {
  test::SmallCrawl crawl;
  crawl.fetch("http://a/1", "a", "", "<h1>caf\xE9</h1><a href=/x>one</a><a href=y>two, \"2\"</a>",
              {.content_type = "text/html", .charset = "windows-1252"});
  crawl.fetch("http://a/2", "a", "", "<h1>no page</h1>", {.content_type = "text/plain"});
  crawl.admit("http://a/3", "a");
  const std::vector<std::string> select{"h=h1", "links=a::attr(href)", "text=//a", "none=h6"};
  const auto none = R"(,"selected":null,"body_error":null})";
  EXPECT_EQ(results(crawl, {.fields = {"url"}, .select = select}),
            "{\"url\":\"http://a/1\",\"selected\":{\"h\":[\"caf\u00e9\"],\"links\":[\"/x\",\"y\"],"
            "\"text\":[\"one\",\"two, \\\"2\\\"\"],\"none\":[]},\"body_error\":null}\n"
            "{\"url\":\"http://a/2\"" +
                std::string{none} + "\n{\"url\":\"http://a/3\"" + none + "\n");
  EXPECT_EQ(results(crawl, {.format = "csv", .fields = {"url"}, .select = select}),
            "url,h,links,text,none,body_error\n"
            "http://a/1,caf\u00e9,\"/x\ny\",\"one\ntwo, \"\"2\"\"\",,\n"
            "http://a/2,,,,,\nhttp://a/3,,,,,\n");
  TextOutput out;
  const auto refused = [&](const std::vector<std::string>& wanted, const std::string& format) {
    try {
      run_results({.folder = crawl.folder(), .format = format, .select = wanted}, out);
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.code(), Errc::usage);
      return std::string{failure.what()};
    }
    return std::string{"nothing"};
  };
  EXPECT_THAT(refused({"h1"}, "jsonl"), testing::HasSubstr("NAME=EXPRESSION is expected"));
  EXPECT_THAT(refused({"a b=h1"}, "jsonl"), testing::HasSubstr("NAME=EXPRESSION is expected"));
  EXPECT_THAT(refused({"h=h1", "h=h2"}, "jsonl"), testing::HasSubstr("is given twice"));
  EXPECT_THAT(refused({"h=h1:hover"}, "csv"), testing::HasSubstr("--select h=h1:hover: at"));
  EXPECT_THAT(refused({"h=xpath:count("}, "csv"), testing::HasSubstr("--select h=xpath:count("));
  EXPECT_THAT(refused({"h=h1"}, "table"), testing::HasSubstr("a table has its own columns"));
}

TEST(Results, NoTwoColumnsOfCsvHaveOneName) {
  test::SmallCrawl crawl;
  crawl.fetch("http://a/1", "a", "", "<h1>x</h1>", {.content_type = "text/html"});
  const auto refused = [&](const std::string& wanted, const std::vector<std::string>& fields) {
    TextOutput out;
    try {
      run_results({.folder = crawl.folder(), .format = "csv", .fields = fields, .select = {wanted}},
                  out);
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.code(), Errc::usage);
      EXPECT_EQ(out.text, "");
      return std::string{failure.what()};
    }
    return out.text;
  };
  const auto is_refusal = testing::HasSubstr("in CSV there is a column of this name already");
  EXPECT_THAT(refused("url=h1", {"status", "url"}), is_refusal);
  EXPECT_THAT(refused("title=h1", {}), is_refusal);
  EXPECT_THAT(refused("body_error=h1", {"url"}), is_refusal);
  EXPECT_EQ(refused("title=h1", {"status"}), "status,title,body_error\n200,x,\n");
  EXPECT_THAT(results(crawl, {.fields = {"url"}, .select = {"url=h1"}}),
              testing::HasSubstr(R"("selected":{"url":["x"]})"));
}

TEST(Results, APageThatIsTooLongForATreeIsSaidToBe) {
  test::SmallCrawl crawl;
  crawl.fetch("http://a/1", "a", "", "<p>" + std::string(Selection::page_bytes_max, 'x'),
              {.content_type = "text/html"});
  testing::internal::CaptureStderr();
  EXPECT_THAT(results(crawl, {.fields = {"url"}, .select = {"p=p"}}),
              testing::HasSubstr("\"selected\":null,\"body_error\":\"the page is longer than"));
  EXPECT_THAT(testing::internal::GetCapturedStderr(), testing::HasSubstr("of 1 page it could not"));
  testing::internal::CaptureStderr();
  EXPECT_THAT(results(crawl, {.format = "csv", .fields = {"url"}, .select = {"p=p"}}),
              testing::StartsWith("url,p,body_error\nhttp://a/1,,the page is longer than"));
  EXPECT_THAT(testing::internal::GetCapturedStderr(), testing::EndsWith("selected (body_error)\n"));
}

TEST(Results, NothingIsSelectedOfAPageThatWasNotReceived) {
  test::SmallCrawl crawl;
  crawl.end(crawl.admit("http://a/1", "a"),
            test::SmallCrawl::fetched({.content_type = "text/html", .note = "other_type"}));
  const std::string text = results(crawl, {.fields = {"url"}, .select = {"n=xpath:count(//p)"}});
  EXPECT_THAT(text, testing::HasSubstr("\"selected\":null,\"body_error\":\"the body was not"));
}

TEST(Results, APageThatTakesTooLongToReadIsLeftOut) {
  test::SmallCrawl crawl;
  std::string attributes;
  for (int i = 0; i < 60'000; ++i) attributes += fmt::format("a{} ", i);
  crawl.fetch("http://a/1", "a", "", "<p " + attributes + ">", {.content_type = "text/html"});
  crawl.fetch("http://a/2", "a", "", "<p>x", {.content_type = "text/html"});
  testing::internal::CaptureStderr();
  const std::string text = results(crawl, {.fields = {"url"}, .select = {"x=p"}});
  EXPECT_THAT(text, testing::HasSubstr("an element of the page has more than 1000 attributes"));
  EXPECT_THAT(text, testing::HasSubstr("{\"x\":[\"x\"]}"));
  EXPECT_THAT(testing::internal::GetCapturedStderr(), testing::HasSubstr("of 1 page it could not"));
}

TEST(Results, WhatPagesSayComesAsText) {
  test::SmallCrawl crawl;
  crawl.fetch("http://a/1", "a", "Link: </c>; rel=canonical\r\n",
              "<html lang=de><nav>N</nav><h1>caf\xE9</h1>x",
              {.content_type = "text/html", .charset = "windows-1252"});
  crawl.fetch("http://a/2", "a", "", "plain <b>", {.content_type = "text/plain"});
  crawl.fetch("http://a/3", "a", "", "\x89PNG", {.content_type = "image/png"});
  std::istringstream lines{results(crawl, {.text = "main"})};
  std::vector<std::string> rows;
  for (std::string line; std::getline(lines, line);) {
    const auto record = boost::json::parse(line).as_object();
    EXPECT_FALSE(record.contains("body"));
    EXPECT_EQ(record.at("text").is_null(), record.at("text_digest").is_null());
    rows.push_back(boost::json::serialize(
        boost::json::array{record.at("text"), record.at("language"), record.at("canonical"),
                           record.at("headings"), record.at("body_error")}));
  }
  EXPECT_THAT(
      rows, testing::ElementsAre("[\"caf\u00e9\\n\\nx\",\"de\",\"http://a/c\","
                                 "[{\"level\":1,\"id\":null,\"text\":\"caf\u00e9\"}],null]",
                                 "[\"plain <b>\",null,null,[],null]", "[null,null,null,[],null]"));
  EXPECT_THAT(results(crawl, {.bodies = true, .text = "all"}),
              testing::HasSubstr("\"text\":\"N\\n\\ncaf\u00e9"));
  TextOutput out;
  EXPECT_THROW(run_results({.folder = crawl.folder(), .text = "half"}, out), Failure);
}

TEST(Results, LivePagesAreThoseThatAnIndexShouldHave) {
  test::SmallCrawl crawl;
  const auto end = [&](const std::string& url, crawl::Outcome outcome) {
    crawl.end(crawl.admit(url, "a"), std::move(outcome));
  };
  end("http://a/live", test::SmallCrawl::fetched());
  end("http://a/nofollow", test::SmallCrawl::fetched({.robots_meta = "nofollow"}));
  end("http://a/noindex", test::SmallCrawl::fetched({.robots_meta = "noindex,nofollow"}));
  end("http://a/404", test::SmallCrawl::fetched({.status = 404}));
  end("http://a/301", test::SmallCrawl::fetched({.status = 301}));
  auto excluded = test::SmallCrawl::fetched({.error = Errc::robots});
  excluded.state = crawl::UrlState::excluded;
  end("http://a/excluded", excluded);
  auto failed = test::SmallCrawl::fetched({.error = Errc::reset, .revisit = crawl::Revisit::kept});
  end("http://a/kept", failed);
  crawl.admit("http://a/queued", "a");
  std::vector<std::string> urls;
  std::istringstream lines{results(crawl, {.filter = {.live = true}})};
  for (std::string line; std::getline(lines, line);)
    urls.emplace_back(boost::json::parse(line).at("url").as_string());
  EXPECT_THAT(urls, testing::ElementsAre("http://a/live", "http://a/nofollow", "http://a/kept"));
}

TEST(Results, ABodyOfAnotherDigestIsNotTheRecords) {
  test::SmallCrawl crawl;
  crawl.fetch("http://a/1", "a", "", "another",
              {.content_type = "text/plain", .digest = "sha256:00"});
  TextOutput out;
  EXPECT_EQ(run_results({.folder = crawl.folder(), .bodies = true}, out), ExitCode::damaged);
  EXPECT_THAT(out.text, testing::HasSubstr("\"body\":null"));
}

TEST(Results, TextOfACharsetThatNobodySaidIsNotLost) {
  test::SmallCrawl crawl;
  crawl.fetch("http://a/1", "a", "", "caf\xE9 cr\xE8me", {.content_type = "text/plain"});
  EXPECT_THAT(results(crawl, {.bodies = true}),
              testing::HasSubstr("\"body\":\"caf\u00e9 cr\u00e8me\""));
}

TEST(Results, ABodyThatCannotBeReadIsSaidToBeSo) {
  test::SmallCrawl crawl;
  crawl.fetch("http://a/1", "a", "", "one", {.content_type = "text/plain"});
  crawl.fetch("http://a/2", "a", "", "two", {.content_type = "text/plain"});
  crawl.damage_warc("http://a/1", "a");
  TextOutput out;
  EXPECT_EQ(run_results({.folder = crawl.folder(), .bodies = true}, out), ExitCode::damaged);
  EXPECT_THAT(out.text, testing::AllOf(testing::HasSubstr("\"body\":null,\"body_base64\":null,"
                                                          "\"body_error\":\"damaged: "),
                                       testing::HasSubstr("\"body\":\"two\"")));
  EXPECT_THROW(run_results({.folder = crawl.folder(), .format = "csv", .bodies = true}, out),
               Failure);
}

TEST(Results, AReaderThatStopsEndsThemQuietly) {
  test::SmallCrawl crawl;
  crawl.admit("http://a/", "a");
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  ::close(ends[0]);
  DescriptorOutput out{ends[1]};
  EXPECT_EQ(run_results({.folder = crawl.folder()}, out), ExitCode::ok);
  ::close(ends[1]);
}

TEST(Results, MistakesAreFailures) {
  test::SmallCrawl crawl;
  TextOutput out;
  EXPECT_THROW(run_results({.folder = crawl.folder() + "/none"}, out), Failure);
  EXPECT_THROW(run_results({.folder = crawl.folder(), .format = "xml"}, out), Failure);
  EXPECT_THROW(run_results({.folder = crawl.folder(), .filter = {.state = "x"}}, out), Failure);
  EXPECT_EQ(out.text, "");
}

}  // namespace
}  // namespace trawl::service::cli
