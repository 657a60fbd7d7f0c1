#include "service/cli/inspect.hpp"

#include "tests/web/url/conformance_data.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

namespace trawl::service::cli {
namespace {

namespace json = boost::json;

std::string answer(Inspection inspection, std::string_view line) {
  std::string out;
  append_answer(out, inspection, line);
  return out;
}

TEST(Inspect, AUrlIsAnsweredAsTheUrlApiWould) {
  EXPECT_EQ(answer(Inspection::url, R"({"input": "?q#f", "base": "http://u:p@h:81/a/b"})"),
            R"({"href":"http://u:p@h:81/a/b?q#f","protocol":"http:","username":"u",)"
            R"("password":"p","host":"h:81","hostname":"h","port":"81","pathname":"/a/b",)"
            R"("search":"?q","hash":"#f"})");
  EXPECT_EQ(answer(Inspection::url, R"({"input": "x", "base": null})"), R"({"failure":true})");
  EXPECT_EQ(answer(Inspection::url, R"({"input": "http://a/", "base": "no"})"),
            R"({"failure":true})");
}

TEST(Inspect, HalvesOfSurrogatePairsAreReplaced) {
  const auto href = [](std::string_view path) {
    const auto line = R"({"input": "data:)" + std::string{path} + R"("})";
    return json::parse(answer(Inspection::url, line)).at("pathname");
  };
  EXPECT_EQ(href(R"(\ud800x)"), "%EF%BF%BDx");
  EXPECT_EQ(href(R"(\uDC00\uD800)"), "%EF%BF%BD%EF%BF%BD");
  EXPECT_EQ(href(R"(\ud83d\ude00)"), "%F0%9F%98%80");
  EXPECT_EQ(href(R"(\\ud800)"), "\\ud800");
}

// URL standard: the web platform's own tests, as lines of a corpus.
TEST(Inspect, TheUrlConformanceCasesPassThroughIt) {
  int passed = 0;
  const json::array cases = web::conformance_array("url/urltestdata.json");
  for (const auto& test : cases) {
    const auto got = json::parse(answer(Inspection::url, json::serialize(test)));
    if (test.as_object().contains("failure"))
      EXPECT_TRUE(got.as_object().contains("failure")) << test;
    else
      EXPECT_EQ(got.at("href"), test.at("href")) << test;
    ++passed;
  }
  EXPECT_EQ(passed, static_cast<int>(cases.size()));
}

TEST(Inspect, RobotsNamesTheRuleThatDecided) {
  EXPECT_EQ(answer(Inspection::robots,
                   R"({"robots_txt": "User-agent: *\nCrawl-delay: 2.5\nDisallow: /a\n)"
                   R"(Sitemap: http://h/s.xml", "user_agent": "trawl", "url": "http://h/a?b"})"),
            R"({"allowed":false,"line":3,"rule":"Disallow: /a","crawl_delay":2.5,)"
            R"("sitemaps":["http://h/s.xml"]})");
  EXPECT_EQ(answer(Inspection::robots, R"({"robots_txt": "", "user_agent": "t", "url": "/a"})"),
            R"({"allowed":true,"line":null,"rule":"","crawl_delay":null,"sitemaps":[]})");
}

TEST(Inspect, RobotsTakesBytesAsBase64) {
  // "User-agent: *\nDisallow: /\xe9\n"
  const auto got = json::parse(
      answer(Inspection::robots, R"({"robots_txt_base64": "VXNlci1hZ2VudDogKgpEaXNhbGxvdzogL+kK",)"
                                 R"("user_agent": "trawl", "url": "h/b"})"));
  EXPECT_EQ(got.at("allowed"), true);
}

TEST(Inspect, TheRobotsConformanceCasesPassThroughIt) {
  int passed = 0;
  for (const auto& test : web::conformance_array("robots/robots_cases.json")) {
    json::object question = test.as_object();
    if (question.at("disputed").as_bool()) continue;
    if (const auto* coded = question.if_contains("robots_b64"))
      question["robots_txt_base64"] = *coded;
    const auto got = json::parse(answer(Inspection::robots, json::serialize(question)));
    const auto* allowed = got.as_object().if_contains("allowed");
    passed += allowed != nullptr && *allowed == test.at("allowed");
    EXPECT_TRUE(allowed != nullptr && *allowed == test.at("allowed")) << question << got;
  }
  EXPECT_EQ(passed, 402);
}

TEST(Inspect, LinksAreAbsoluteAndInDocumentOrder) {
  EXPECT_EQ(answer(Inspection::links, R"({"html": "<img src=i.png><a href=/x rel='nofollow'>ü", )"
                                      R"("base_url": "http://h/d/"})"),
            R"({"links":[{"url":"http://h/d/i.png","kind":"embed","tag":"img",)"
            R"("attribute":"src","rel":""},{"url":"http://h/x","kind":"page","tag":"a",)"
            R"("attribute":"href","rel":"nofollow"}]})");
}

TEST(Inspect, BytesOfAPageAreReadInTheirCharset) {
  // "<a href='?\xfc'>" is ü in windows-1252 and ь in KOI8-R.
  const auto first_url = [](const std::string& content_type) {
    const auto line = R"({"html_base64": "PGEgaHJlZj0nL/wnPg==", "base_url": "http://h/",)"
                      R"("content_type": ")" +
                      content_type + R"("})";
    return json::parse(answer(Inspection::links, line)).at("links").at(0).at("url");
  };
  EXPECT_EQ(first_url("text/html; charset=iso-8859-1"), "http://h/%C3%BC");
  EXPECT_EQ(first_url("text/html; charset=koi8-r"), "http://h/%D0%AD");
}

TEST(Inspect, AStyleSheetIsReadAsOne) {
  const auto got = json::parse(answer(
      Inspection::links,
      R"({"html": "@import 'a.css';", "base_url": "http://h/", "content_type": "text/css"})"));
  EXPECT_EQ(got.at("links").at(0).at("url"), "http://h/a.css");
}

std::string text_in(const json::value& link, std::string_view name) {
  return std::string{link.at(name).as_string()};
}

TEST(Inspect, LinksOfAHeaderComeFirst) {
  const auto urls = [](std::string_view question) {
    std::string text;
    for (const auto& link : json::parse(answer(Inspection::links, question)).at("links").as_array())
      text += text_in(link, "url") + " " + text_in(link, "tag") + ";";
    return text;
  };
  EXPECT_EQ(urls(R"({"html": "<a href=x>", "base_url": "http://h/",)"
                 R"("headers": [["link", "</2>; rel=next"], ["refresh", "0;url=/3"]]})"),
            "http://h/2 http;http://h/3 http;http://h/x a;");
  EXPECT_EQ(urls(R"({"base_url": "http://h/", "headers": {"Link": ["</2>; rel=next"]}})"),
            "http://h/2 http;");
  EXPECT_EQ(urls(R"({"html": "@import 'a';", "base_url": "http://h/",)"
                 R"("headers": {"content-type": "text/css"}})"),
            "http://h/a css;");
  for (const char* bad : {"5", "[5]", R"([["a"]])", R"({"a": 5})", R"([["a", null]])"})
    EXPECT_TRUE(answer(Inspection::links, R"({"html": "", "base_url": "http://h/", "headers": )" +
                                              std::string{bad} + "}")
                    .starts_with(R"({"error":")"))
        << bad;
}

TEST(Inspect, ASitemapsEntriesComeWithWhatTheyHave) {
  EXPECT_EQ(answer(Inspection::sitemap,
                   R"({"body": "<urlset><url><loc>/a?b&amp;c</loc><lastmod>2024-01-02</lastmod>)"
                   R"(<priority>0.5</priority></url><url><loc>http://i/</loc></url></urlset>",)"
                   R"("url": "http://h/sitemap.xml"})"),
            R"({"type":"urlset","urls":[{"loc":"http://h/a?b&c","lastmod":"2024-01-02",)"
            R"("priority":0.5},{"loc":"http://i/","lastmod":null}],)"
            R"("error":"one loc is no whole URL: /a?b&c"})");
  EXPECT_EQ(
      answer(Inspection::sitemap, R"({"body_base64": "aHR0cDovL2gvYQo=", "url": "http://h/"})"),
      R"({"type":"text","urls":[{"loc":"http://h/a","lastmod":null}],"error":null})");
  EXPECT_EQ(answer(Inspection::sitemap, R"({"body": "<html>", "url": "http://h/"})"),
            R"({"type":null,"urls":[],"error":"not a sitemap: its root element is <html>"})");
  EXPECT_TRUE(
      answer(Inspection::sitemap, R"({"body": "", "url": "x"})").starts_with(R"({"error")"));
}

TEST(Inspect, ABadLineGetsAnErrorAndTheNextOnesTheirAnswer) {
  std::istringstream in{"nonsense\n\n[1]\n{\"input\": 5}\n{}\n{\"input\": \"http://a\"}"};
  TextOutput out;
  EXPECT_EQ(run_inspect(Inspection::url, in, out), ExitCode::ok);
  std::istringstream answers{out.text};
  std::string line;
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(std::getline(answers, line));
    EXPECT_TRUE(line.starts_with(R"({"error":")")) << line;
  }
  ASSERT_TRUE(std::getline(answers, line));
  EXPECT_TRUE(line.starts_with(R"({"href":"http://a/")"));
  EXPECT_FALSE(std::getline(answers, line));
}

TEST(Inspect, EveryFieldIsChecked) {
  for (const char* line :
       {R"({"html": "x"})", R"({"html": "x", "html_base64": "eA==", "base_url": "http://h/"})",
        R"({"html_base64": "*", "base_url": "http://h/"})", R"({"html": "x", "base_url": "/h"})",
        R"({"html": "x", "base_url": "http://h/"} more)", "{\"html\": \"\xff\"}"})
    EXPECT_TRUE(answer(Inspection::links, line).starts_with(R"({"error":")")) << line;
}

TEST(Inspect, LinesOfAnyLengthAreRead) {
  for (const std::size_t bytes : {65'500, 65'535, 65'536, 131'070, 300'000}) {
    const std::string path(bytes, 'x');
    std::istringstream in{R"({"input": "http://a/)" + path + "\"}\n{}\n"};
    TextOutput out;
    run_inspect(Inspection::url, in, out);
    EXPECT_NE(out.text.find("/" + path + '"'), std::string::npos);
    EXPECT_EQ(std::ranges::count(out.text, '\n'), 2) << bytes;
  }
}

}  // namespace
}  // namespace trawl::service::cli
