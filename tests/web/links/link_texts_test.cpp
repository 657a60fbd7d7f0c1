#include "core/web/links/link_texts.hpp"

#include "core/base/limits.hpp"

#include <gmock/gmock.h>

namespace trawl::web {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> texts(std::string_view html, bool xhtml = false) {
  std::vector<std::string> found;
  for (const LinkText& link : link_texts(html, xhtml, *Url::parse("http://h/d/")))
    found.push_back((link.url.empty() ? "!" + link.href : link.url) + "=" + link.text);
  return found;
}

TEST(LinkTexts, AreWhatStandsInTheElement) {
  EXPECT_THAT(texts("x<a href=a>one <i>and</i>\n\ttwo</a>y<A HREF='/b'>&lt;b&gt;</A>"),
              ElementsAre("http://h/d/a=one and two", "http://h/b=<b>"));
  EXPECT_THAT(texts("<a name=x>none</a><a href=''>here</a><a href='http://['>bad</a>"),
              ElementsAre("http://h/d/=here", "!http://[=bad"));
}

// As the crawl resolves them.
TEST(LinkTexts, ABaseThatCouldBeNoneIsNone) {
  EXPECT_THAT(texts("<base href='data:text/html,x'><a href=b>b</a>"),
              ElementsAre("http://h/d/b=b"));
  EXPECT_THAT(texts("<template><base href=http://e/></template><a href=b>b</a>"),
              ElementsAre("http://h/d/b=b"));
  std::string html = "<base href='/" + std::string(limits::base_bytes_max, 'a') + "/'>";
  html += "<a href=b>b</a>";
  EXPECT_THAT(texts(html), ElementsAre("http://h/d/b=b"));
  std::string much;
  for (int i = 0; i < 40; ++i) much += "<a href='" + std::string(1'000'000, 'b') + "'>x</a>";
  EXPECT_LT(texts(much).size(), 20U);
}

TEST(LinkTexts, ImagesAreTheirAlternative) {
  EXPECT_THAT(texts("<a href=a>see<img src=i alt=it>now</a><a href=b><img src=i></a>"),
              ElementsAre("http://h/d/a=see it now", "http://h/d/b="));
  EXPECT_THAT(texts("<area href=a alt='the &amp; map'>text"),
              ElementsAre("http://h/d/a=the & map"));
}

TEST(LinkTexts, ScriptsAndCommentsAreNone) {
  EXPECT_THAT(texts("<a href=a>1<script>2</a></script><!-- 3 --><style>4</style>5</a>"),
              ElementsAre("http://h/d/a=15"));
  EXPECT_THAT(texts("<script><a href=a>x</a></script>"), IsEmpty());
}

TEST(LinkTexts, LinesOfTheirOwnDoNotRunTogether) {
  EXPECT_THAT(texts("<a href=a>two<p>par</p>one<br>nl<b>bo</b>ld</a>"),
              ElementsAre("http://h/d/a=two par one nlbold"));
}

TEST(LinkTexts, TemplatesAreNotSeen) {
  EXPECT_THAT(texts("<a href=a>x<template>t<a href=b>u</a></template>y</a>"),
              ElementsAre("http://h/d/a=xy"));
}

TEST(LinkTexts, AnElementWithoutEndEndsWithTheNextOne) {
  EXPECT_THAT(texts("<a href=a>one<a href=b>two"),
              ElementsAre("http://h/d/a=one", "http://h/d/b=two"));
}

TEST(LinkTexts, TheFirstBaseCounts) {
  EXPECT_THAT(texts("<base target=x><base href=/e/><base href=/f/><a href=a>x</a>"),
              ElementsAre("http://h/e/a=x"));
}

TEST(LinkTexts, InXhtmlAnElementMayEndItself) {
  EXPECT_THAT(texts("<a href='a'/>text<script/><a href='b'>b</a>", true),
              ElementsAre("http://h/d/a=", "http://h/d/b=b"));
}

TEST(LinkTexts, AreBounded) {
  const std::string long_text(1'000'000, 'x');
  const auto found = link_texts("<a href=a>" + long_text + "</a>", false, *Url::parse("http://h/"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_LE(found[0].text.size(), limits::title_bytes_max);
  std::string many;
  for (std::size_t i = 0; i < limits::links_per_page_max + 10; ++i) many += "<a href=a>";
  EXPECT_LE(link_texts(many, false, *Url::parse("http://h/")).size(),
            limits::links_per_page_max + 1);
}

}  // namespace
}  // namespace trawl::web
