// What requests carry: queries, bodies, conditions, paths.
#include "core/base/clock.hpp"
#include "service/control/bodies.hpp"
#include "service/control/results_query.hpp"
#include "service/control/routes.hpp"
#include "service/text/base64.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace trawl::service::control {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(QueryOfARequest, IsDecodedAsFormsWriteIt) {
  const auto query = QueryString::parse("url=https%3A%2F%2Fa.example%2F%3Fb%3D1%2B2&x=a+b&empty");
  ASSERT_TRUE(query);
  EXPECT_EQ(query->get("url"), "https://a.example/?b=1+2");
  EXPECT_EQ(query->get("x"), "a b");
  EXPECT_TRUE(query->has("empty"));
  EXPECT_FALSE(query->has("none"));
}

TEST(QueryOfARequest, SlipsAreRefusedAndNotIgnored) {
  EXPECT_FALSE(QueryString::parse("a=%"));
  EXPECT_FALSE(QueryString::parse("a=%4"));
  EXPECT_FALSE(QueryString::parse("a=%zz"));
  EXPECT_FALSE(QueryString::parse("a=%00"));
  EXPECT_FALSE(QueryString::parse("a=1&a=2"));
  constexpr std::array<std::string_view, 2> known{"state", "status"};
  const auto slip = QueryString::parse("statsu=200")->allow_only(known);
  ASSERT_FALSE(slip);
  EXPECT_THAT(slip.error().detail, HasSubstr("\"status\""));
}

TEST(QueryOfARequest, HasBoundedlyManyParameters) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += fmt::format("p{}=&", i);
  EXPECT_FALSE(QueryString::parse(text));
}

TEST(QueryOfResults, HasTheConditionsOfTheCommandLine) {
  const auto query = QueryString::parse("state=failed&status=404,5xx&limit=7&after=http://a/");
  const auto results = read_results_query(*query, Wall{});
  ASSERT_TRUE(results);
  EXPECT_EQ(results->filter.states, std::vector{crawl::UrlState::failed});
  EXPECT_EQ(results->filter.status.size(), 2U);
  EXPECT_EQ(results->filter.limit, 7U);
  EXPECT_EQ(results->after, "http://a/");
  const auto narrower =
      read_results_query(*QueryString::parse("type=text/html,pdf&url=*/docs/*&host=a"), Wall{});
  ASSERT_TRUE(narrower);
  EXPECT_EQ(narrower->filter.types.size(), 3U);
  EXPECT_EQ(narrower->filter.urls.size(), 1U);
  EXPECT_TRUE(read_results_query(*QueryString::parse("url=&type="), Wall{})->filter.urls.empty());
  for (const auto* bad : {"type=/html", "type=text/", "url=docs", "state=done", "status=9",
                          "limit=-1", "limit=", "limit=1x", "error=x", "since=soon"})
    EXPECT_FALSE(read_results_query(*QueryString::parse(bad), Wall{})) << bad;
}

TEST(ChangesOfAJob, AreNestedOrDotted) {
  const auto changes = read_changes(
      R"({"politeness.delay": "2s", "fetch": {"concurrency": 8, "conditional": true},
          "scope": {"exclude": ["a", "b\"c"]}, "politeness": {"adaptive": 1.5}})");
  ASSERT_TRUE(changes) << changes.error().detail;
  std::vector<std::string> texts;
  for (const auto& change : *changes) texts.push_back(change.key + "=" + change.value);
  EXPECT_THAT(
      texts, ElementsAre("politeness.delay=\"2s\"", "fetch.concurrency=8", "fetch.conditional=true",
                         R"(scope.exclude=["a", "b\"c"])", "politeness.adaptive=1.5"));
}

TEST(ChangesOfAJob, AreTakenBackWithNull) {
  const auto changes = read_changes(R"({"limits": {"pages": null}, "job.weight": ""})");
  ASSERT_TRUE(changes);
  EXPECT_EQ((*changes)[0].value, "");
  EXPECT_EQ((*changes)[1].value, "\"\"");
}

TEST(ChangesOfAJob, ThatNoKeyCanHaveAreRefused) {
  for (const auto* bad :
       {"", "[]", "{}", "1", R"({"a": [null]})", R"({"a": [[1]]})", R"({"": 1})", R"({"a": [{}]})",
        R"({"a": 18446744073709551615})", "{\"a\": \"b\"", R"({"a": {}})"})
    EXPECT_FALSE(read_changes(bad)) << bad;
}

TEST(UrlsOfARequest, ComeAsJsonOrOneALine) {
  EXPECT_THAT(*read_urls_json(R"({"urls": ["http://a/", "http://b/"]})"),
              ElementsAre("http://a/", "http://b/"));
  EXPECT_THAT(*read_urls_text("http://a/\r\n\n# no\n  http://b/  "),
              ElementsAre("http://a/", "http://b/"));
  for (const auto* bad : {"{}", R"({"urls": "a"})", R"({"urls": [1]})", R"({"urls": [], "x": 1})"})
    EXPECT_FALSE(read_urls_json(bad)) << bad;
}

TEST(FetchOfARequest, HasAUrlAndATimeWithinBounds) {
  const auto fetch = read_fetch(R"({"url": "http://a/", "timeout": "5s"})");
  ASSERT_TRUE(fetch);
  EXPECT_EQ(fetch->timeout, Millis{5000});
  for (const auto* bad :
       {"{}", R"({"timeout": "5s"})", R"({"url": "http://a/", "timeout": "0"})",
        R"({"url": "http://a/", "timeout": "1h"})", R"({"url": 1})",
        R"({"url": "http://a/", "timeout": "soon"})", R"({"url": "http://a/", "depth": "1"})"})
    EXPECT_FALSE(read_fetch(bad)) << bad;
}

TEST(Routes, AreFoundByMethodAndPath) {
  EXPECT_EQ(find_route("GET", "/api/v1/jobs").route->pattern, "/api/v1/jobs");
  EXPECT_EQ(find_route("HEAD", "/api/v1/jobs").route->method, "GET");
  const Match urls = find_route("POST", "/api/v1/jobs/a%2Fb/urls");
  EXPECT_EQ(urls.route->pattern, "/api/v1/jobs/{name}/urls");
  EXPECT_EQ(urls.job, "a/b");
  EXPECT_EQ(find_route("PUT", "/api/v1/jobs/a").allow, "GET, HEAD, PATCH, DELETE");
  EXPECT_EQ(find_route("PUT", "/api/v1/jobs/a").route, nullptr);
  for (const auto* path : {"/api/v1/jobs/", "/api/v1/jobs//urls", "/api/v1/nothing", "/api/",
                           "/api/v1/jobs/a/urls/b", "", "*"})
    EXPECT_TRUE(find_route("GET", path).allow.empty()) << path;
  EXPECT_EQ(find_route("GET", "/app.js").route->pattern, "/{file}");
  EXPECT_EQ(find_route("POST", "/app.js").route, nullptr);
}

TEST(Base64, IsReadBackAsItWasWritten) {
  EXPECT_EQ(encode_base64(""), "");
  EXPECT_EQ(encode_base64("f"), "Zg==");
  EXPECT_EQ(encode_base64("fo"), "Zm8=");
  EXPECT_EQ(encode_base64("foo"), "Zm9v");
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_EQ(decode_base64(encode_base64(bytes.substr(0, size))), bytes.substr(0, size));
}

}  // namespace
}  // namespace trawl::service::control
