// Pages and URLs of absurd size (docs/faults.md rows 35 and 58): linear time, bounded stack, and a
// note in the record of what was left out.
#include "core/crawl/pages/page_reader.hpp"
#include "tests/crawl/engine/crawl_run.hpp"
#include "tests/support/cpu_time.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace trawl::crawl {
namespace {

using support::LoopbackServer;
using support::Reply;
using test::MemoryStore;

const web::Url base = *web::Url::parse("http://host.example/folder/page");

std::string repeated(std::string_view part, std::size_t times) {
  std::string text;
  text.reserve(part.size() * times);
  for (std::size_t i = 0; i < times; ++i) text += part;
  return text;
}

PageFacts read(std::string_view body) {
  const http::Headers headers{{"Content-Type", "text/html"}};
  return read_page({.url = base,
                    .headers = headers,
                    .body = body,
                    .body_file = {},
                    .known_sha256 = "known",
                    .decoded_bytes_max = {},
                    .want_links = true,
                    .want_words = true,
                    .robots_token = "trawl"});
}

double seconds_for(const std::string& body) {
  return support::cpu_seconds_of([&] { (void)read(body); });
}

}  // namespace

// A page of twice the size takes twice the processor's time, with room for a busy machine.
TEST(HugePage, IsReadInLinearTime) {
  const struct {
    const char* name;
    std::string begin, part, end;
    std::size_t times;
  } pages[] = {
      {"many links", "", "<a href=x>y</a>", "", 100'000},
      {"long script", "<script>", "if (a < b) { c(); } </scrip ", "</script><a href=z>", 200'000},
      {"deep nesting", "", "<div><b>", "", 100'000},
      {"long attribute", "<a title=\"", "x y z ", "\" href=z>", 800'000},
      {"unclosed comment", "<!--", "-- a > b -", "", 400'000},
      {"unclosed tags", "", "<a <b <", "", 400'000},
      {"unclosed quotes", "", "<a href=\"x", "", 300'000},
      {"entities", "", "&amp;&#65;&nosuch;", "", 200'000},
  };
  for (const auto& page : pages) {
    const double once = seconds_for(page.begin + repeated(page.part, page.times) + page.end);
    const double twice = seconds_for(page.begin + repeated(page.part, 2 * page.times) + page.end);
    EXPECT_LT(twice, 6 * once + 0.1) << page.name;
    EXPECT_LT(twice, 8.0) << page.name;
  }
}

TEST(HugePage, ALinkBehindALongScriptOrCommentIsStillFound) {
  const auto links = [](const std::string& page) { return read(page).links.size(); };
  EXPECT_EQ(links("<script>" + std::string(50 << 20, 'x') + "</script><a href=z>"), 1U);
  EXPECT_EQ(links("<!--" + std::string(5 << 20, '-') + "><a href=z>"), 1U);
  EXPECT_EQ(links("<p title=\"" + std::string(5 << 20, 'x') + "\"><a href=z>"), 1U);
  EXPECT_EQ(links(repeated("<div>", 100'000) + "<a href=z>"), 1U);
  EXPECT_EQ(links("<!--" + std::string(1 << 20, 'x') + "<a href=z>"), 0U);
}

TEST(HugePage, TheRecordSaysThatLinksWereLeftOut) {
  LoopbackServer server;
  std::string links;
  for (int i = 0; i < 1'000'000; ++i) links += fmt::format("<a href=/{}>", i);
  server.on("/", Reply{.body = links});
  JobSpec job = impatient_job({server.url()});
  job.scope.max_depth = 0;
  MemoryStore store;
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  const auto record = store.record(server.url());
  EXPECT_EQ(record->outcome.state, UrlState::fetched);
  EXPECT_EQ(record->outcome.note, "links_cut");
  EXPECT_EQ(store.totals().excluded, 50'000U);
}

// Row 35.
TEST(HugePage, AbsurdUrlsAreCanonicalOrLeftOut) {
  LoopbackServer server;
  const std::string body = "<a href=\"/a\tb\nc\"></a><a href=\"/with space\"></a><a href=\"" +
                           repeated("/a", 10'000) + "\"></a><a href=\"" +
                           repeated("../", 1'000'000) + "up\"></a><a href=\"/%%%41%zz%\"></a>" +
                           "<a href=\"http://b\xC3\xBC"
                           "cher.example/\"></a><a href=\"http://xn--\x01/\"></a>" +
                           "<a href=\"/" + repeated("%25", 1000) +
                           "\"></a><a href=\"//[::1\"></a>" + "<a href=\"/nul\x01\x02x\"></a>";
  server.on("/", Reply{.body = body});
  server.otherwise([](const support::SeenRequest&) { return Reply{.body = "x"}; });
  const JobSpec job = impatient_job({server.url()});
  MemoryStore store;
  CrawlRun run{job, store};
  EXPECT_EQ(run.wait().reason, StopReason::done);
  std::vector<std::string> known;
  store.each_url([&](const KnownUrl& url) { known.emplace_back(url.url); });
  EXPECT_THAT(known, testing::UnorderedElementsAre(
                         server.url("/"), server.url("/abc"), server.url("/with%20space"),
                         server.url("/up"), server.url("/%%%41%zz%"),
                         "http://xn--bcher-kva.example/", server.url("/nul%01%02x")));
}

TEST(HugePage, AUrlOfManySegmentsIsJudgedInLinearTime) {
  UrlSpec spec;
  spec.max_length = 64 << 20;
  const auto seconds = [&](std::size_t segments) {
    const auto begun = std::chrono::steady_clock::now();
    const auto url = web::Url::parse("http://h/" + repeated("ab/", segments));
    (void)web::Url::parse("http://h/" + repeated("../", segments));
    EXPECT_TRUE(url);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  };
  const double once = seconds(200'000);
  EXPECT_LT(seconds(400'000), 6 * once + 0.1);
}

}  // namespace trawl::crawl
