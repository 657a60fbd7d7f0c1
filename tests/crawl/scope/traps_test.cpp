#include "core/crawl/scope/traps.hpp"

#include <gtest/gtest.h>

namespace trawl::crawl {
namespace {

std::string rule(std::string_view text, const UrlSpec& spec = {}) {
  return trap_rule(web::Url::parse(text).value(), spec, Wall{Millis{1'767'225'600'000}})
      .value_or("fine");
}

std::string path_rule(std::string_view path) {
  return rule("https://example.org" + std::string(path));
}

std::string times(std::string_view part, int n) {
  std::string text;
  for (int i = 0; i < n; ++i) text += part;
  return text;
}

}  // namespace

TEST(TrapRule, FindsASegmentThatRepeats) {
  EXPECT_EQ(path_rule("/en/en/en/"), "fine");
  EXPECT_EQ(path_rule("/en/en/en/en/"), "segment_repeats");
  EXPECT_EQ(path_rule("/en/en/en/en"), "segment_repeats");
  EXPECT_EQ(path_rule("/x/y/en/en/en/en/z.html"), "segment_repeats");
  EXPECT_EQ(path_rule("/en/en/en/en.html"), "fine");
}

TEST(TrapRule, FindsAGroupThatRepeats) {
  EXPECT_EQ(path_rule(times("/css/img", 3)), "fine");
  EXPECT_EQ(path_rule(times("/css/img", 4)), "segment_repeats");
  EXPECT_EQ(path_rule("/top" + times("/one/two/three", 4) + "/end.html"), "segment_repeats");
  EXPECT_EQ(path_rule(times("/one/two/three", 3) + "/one/two"), "fine");
}

TEST(TrapRule, FindsASegmentThatKeepsComingBack) {
  // Every page links to next/ and prev/ relative to itself.
  EXPECT_EQ(path_rule("/next/prev/prev/next/next/next/prev/next/prev/next/prev/prev/next"),
            "segment_repeats");
  EXPECT_EQ(path_rule("/a/img/b/img/c/img/d/img/e/img/f/img/g"), "fine");
  EXPECT_EQ(path_rule("/a/img/b/img/c/img/d/img/e/img/f/img/g/img"), "segment_repeats");
}

TEST(TrapRule, LeavesOrdinarySitesAlone) {
  for (const char* path :
       {"/", "/index.html", "/2024/04/04/", "/tiles/1/1/1.png", "/tiles/0/0/0/0.png",
        "/files/1/1/1/1/11112/11112-h.htm", "/1/1/1/1/1/111111/", "/photos/000/000/000/012/x.jpg",
        "/a/b/a/b/a/b/c", "/src/main/java/com/acme/app/src/main/java/com/acme/app/App.java",
        "/wiki/A/AA/AAA", "//double//slashes//", "/web/2019/http://example.org/a/b",
        "/d/e/a/d/b/e/e/f/0/0/1/2"}) {
    EXPECT_EQ(path_rule(path), "fine") << path;
  }
}

TEST(TrapRule, GivesOneCharacterSegmentsTwiceTheRoom) {
  EXPECT_EQ(path_rule(times("/1", 6)), "fine");
  EXPECT_EQ(path_rule(times("/1", 7)), "segment_repeats");
  EXPECT_EQ(path_rule("/" + times("/", 6)), "fine");
  EXPECT_EQ(path_rule("/x" + times("/", 12)), "segment_repeats");
}

TEST(TrapRule, FindsAParameterThatRepeats) {
  EXPECT_EQ(path_rule("/list?page=2&page=2&page=2"), "fine");
  EXPECT_EQ(path_rule("/list?page=2&a=1&page=2&page=2&page=2"), "query_repeats");
  EXPECT_EQ(path_rule("/list?id=1&id=2&id=3&id=4&id=5"), "fine");
  EXPECT_EQ(path_rule("/list?&&&&&&&&"), "fine");
}

TEST(TrapRule, BoundsTheLength) {
  UrlSpec spec;
  spec.max_length = 30;
  EXPECT_EQ(rule("https://example.org/0123456789", spec), "fine");
  EXPECT_EQ(rule("https://example.org/0123456789#fragment", spec), "fine");
  EXPECT_EQ(rule("https://example.org/01234567890", spec), "url_length");
}

TEST(TrapRule, CanBeSetAndTurnedOff) {
  UrlSpec spec;
  spec.max_segment_repeats = 1;
  EXPECT_EQ(rule("https://example.org/en/en/", spec), "segment_repeats");
  EXPECT_EQ(rule("https://example.org/en/fr/en/", spec), "fine");
  EXPECT_EQ(rule("https://example.org/en/fr/en/fr", spec), "segment_repeats");
  spec.max_segment_repeats = std::nullopt;
  EXPECT_EQ(rule("https://example.org" + times("/en", 100), spec), "fine");
}

TEST(TrapRule, IsQuickOnTheLongestUrls) {
  UrlSpec spec;
  spec.max_length = 1 << 20;
  spec.max_segment_repeats = 1000;
  EXPECT_EQ(rule("https://example.org" + times("/a/b/c/d/e/f/g/h", 999), spec), "fine");
}

}  // namespace trawl::crawl
