#include "core/web/select/page_query.hpp"

#include "core/web/select/css_selector.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace trawl::web {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Values = std::vector<std::string>;

constexpr std::string_view page = R"(<!DOCTYPE html><html lang="en"><head><title> A
 shop </title></head><body>
<h1 id="top">Tools &amp; more</h1>
<ul class="list big"><li class="first">one</li><li>two <b>bold</b></li><li data-x="a-b c">three</li>
<li><a href="/4" rel="next nofollow" title="It's">four</a></li></ul>
<div id="empty"></div>
<table><tr><td>1</td><td>2</td></tr><tr><td>3</td><td>4</td></tr></table>
<p>before</p><section><p>inner</p><h2>mid</h2><p>after</p><p class="Mixed">last</p></section>
<article lang="de-AT"><custom-tag>own</custom-tag></article></body></html>)";

Values css(std::string_view selector, std::string_view html = page) {
  const auto query = PageQuery::css(selector);
  if (!query) return {"error: " + query.error().detail};
  return PageTree{html}.ask(*query).value();
}

Values xpath(std::string_view expression, std::string_view html = page) {
  const auto query = PageQuery::xpath(expression);
  if (!query) return {"error: " + query.error().detail};
  return PageTree{html}.ask(*query).value();
}

// Selectors Level 4, sections 5 and 6.
TEST(PageQuery, FindsTypesIdsClassesAndAttributes) {
  EXPECT_THAT(css("h1"), ElementsAre("Tools & more"));
  EXPECT_THAT(css("H1#top"), ElementsAre("Tools & more"));
  EXPECT_THAT(css("title"), ElementsAre("A shop"));
  EXPECT_THAT(css("ul.big.list li.first"), ElementsAre("one"));
  EXPECT_THAT(css("ul.bi"), IsEmpty());
  EXPECT_THAT(css("custom-tag"), ElementsAre("own"));
  EXPECT_THAT(css("[data-x]"), ElementsAre("three"));
  EXPECT_THAT(css("[data-x='a-b c']"), ElementsAre("three"));
  EXPECT_THAT(css("a[rel~=nofollow]"), ElementsAre("four"));
  EXPECT_THAT(css("a[rel~='next nofollow']"), IsEmpty());
  EXPECT_THAT(css("[lang|=de]"), ElementsAre("own"));
  EXPECT_THAT(css("[lang|=d]"), IsEmpty());
  EXPECT_THAT(css("[data-x^=a]"), ElementsAre("three"));
  EXPECT_THAT(css("[data-x$='b c']"), ElementsAre("three"));
  EXPECT_THAT(css("[data-x*=\"-b\"]"), ElementsAre("three"));
  EXPECT_THAT(css("[data-x^='']"), IsEmpty());
  EXPECT_THAT(css("[class=mixed i]"), ElementsAre("last"));
  EXPECT_THAT(css("[class=mixed]"), IsEmpty());
  EXPECT_THAT(css("[title=\"It's\"]"), ElementsAre("four"));
  EXPECT_THAT(css("#\\74op"), ElementsAre("Tools & more"));
}

// Section 16.
TEST(PageQuery, FollowsCombinators) {
  EXPECT_THAT(css("section p"), ElementsAre("inner", "after", "last"));
  EXPECT_THAT(css("body>p"), ElementsAre("before"));
  EXPECT_THAT(css("h2 + p"), ElementsAre("after"));
  EXPECT_THAT(css("h2 ~ p"), ElementsAre("after", "last"));
  EXPECT_THAT(css("h2 + p.Mixed"), IsEmpty());
  EXPECT_THAT(css("h1, h2"), ElementsAre("Tools & more", "mid"));
  EXPECT_THAT(css(" ul  >  li  b "), ElementsAre("bold"));
}

// Sections 12, 14 and 4.
TEST(PageQuery, KnowsPlacesAmongSiblingsAndConditions) {
  EXPECT_THAT(css("li:first-child"), ElementsAre("one"));
  EXPECT_THAT(css("li:last-child"), ElementsAre("four"));
  EXPECT_THAT(css("li:nth-child(2)"), ElementsAre("two bold"));
  EXPECT_THAT(css("li:nth-child(odd)"), ElementsAre("one", "three"));
  EXPECT_THAT(css("li:nth-child( 2n + 2 )"), ElementsAre("two bold", "four"));
  EXPECT_THAT(css("li:nth-child(-n+2)"), ElementsAre("one", "two bold"));
  EXPECT_THAT(css("li:nth-child(n+3)"), ElementsAre("three", "four"));
  EXPECT_THAT(css("li:nth-child(0)"), IsEmpty());
  EXPECT_THAT(css("li:nth-last-child(2)"), ElementsAre("three"));
  EXPECT_THAT(css("td:nth-child(2)"), ElementsAre("2", "4"));
  EXPECT_THAT(css("p:nth-of-type(2)"), ElementsAre("after"));
  EXPECT_THAT(css("section > p:last-of-type"), ElementsAre("last"));
  EXPECT_THAT(css("section p:first-child"), ElementsAre("inner"));
  EXPECT_THAT(css("section p:first-of-type:nth-child(1)"), ElementsAre("inner"));
  EXPECT_THAT(css("h2 + p:nth-child(3)"), ElementsAre("after"));
  EXPECT_THAT(css("b:only-child"), ElementsAre("bold"));
  EXPECT_THAT(css("h2:only-of-type"), ElementsAre("mid"));
  EXPECT_THAT(css("li:not(.first):not(:last-child)"), ElementsAre("two bold", "three"));
  EXPECT_THAT(css("section > :is(h2, .Mixed)"), ElementsAre("mid", "last"));
  EXPECT_THAT(css("li:has(b)"), ElementsAre("two bold"));
  EXPECT_THAT(css("section > p:has(+ h2)"), ElementsAre("inner"));
  EXPECT_THAT(css("ul:has(> a)"), IsEmpty());
  EXPECT_THAT(css("div:empty"), ElementsAre(""));
  EXPECT_THAT(css(":root > body > h1"), ElementsAre("Tools & more"));
  EXPECT_THAT(css(":any-link"), ElementsAre("four"));
  EXPECT_THAT(css("td:contains('3')"), ElementsAre("3"));
  EXPECT_THAT(css("li:contains('obo'), li:contains('o bol')"), ElementsAre("two bold"));
  EXPECT_THAT(css("td:contains('12')"), IsEmpty()) << "across two";
}

TEST(PageQuery, KnowsWhatStandsAroundAnElement) {
  EXPECT_THAT(css("p:not(section p)"), ElementsAre("before"));
  EXPECT_THAT(css("p:not(h2 ~ *)"), ElementsAre("before", "inner"));
  EXPECT_THAT(css(":is(ul > li, section) b"), ElementsAre("bold"));
  EXPECT_THAT(css("section:has(> h2 + p.Mixed)"), IsEmpty());
  EXPECT_THAT(css("section > p:has(~ p + p.Mixed)"), ElementsAre("inner"));
  EXPECT_THAT(css("ul:has(> li a[href])::attr(class)"), ElementsAre("list big"));
  EXPECT_THAT(css("ul:has(> a[href], > b)"), IsEmpty());
  EXPECT_THAT(css("tr:not(:has(td:contains('3'))) td:last-child"), ElementsAre("2"));
  EXPECT_THAT(css("html:only-child > body h2"), ElementsAre("mid"));
}

TEST(PageQuery, ReadsWhatIsWrittenOtherwise) {
  EXPECT_THAT(css("LI:NTH-CHILD(ODD)"), ElementsAre("one", "three"));
  EXPECT_THAT(css("li:nth-child( Even )"), ElementsAre("two bold", "four"));
  EXPECT_THAT(css("/* a */ h1 /* b */ , h2/**/"), ElementsAre("Tools & more", "mid"));
  EXPECT_THAT(css("ul.list/* both */.big/**/>/**/li.first"), ElementsAre("one"));
  EXPECT_THAT(css("ul/**/.list/**/#x, table/**/ td:last-child"), ElementsAre("2", "4"));
  EXPECT_THAT(css(":is(), td:where( ), h1"), ElementsAre("Tools & more"));
  EXPECT_THAT(css("td[colspan=2]", "<table><td colspan=2>x"), ElementsAre("x"));
  EXPECT_THAT(css("[a='x\\9 y\\A z\\\n!']", "<p a='x\ty\nz!'>it"), ElementsAre("it"));
  EXPECT_THAT(css("#\\31 2", "<p id=12>it"), ElementsAre("it"));
  EXPECT_THAT(css("p:empty::attr(id)", "<p id=a><p id=b> <!-- --> <p id=c>.<p id=d><b></b>"),
              ElementsAre("a"));
  EXPECT_THAT(css("use::attr(xlink\\:href)", "<use xlink:href=#a></use>"), ElementsAre("#a"));
}

TEST(PageQuery, GivesTextsAndAttributes) {
  EXPECT_THAT(css("li:nth-child(2)::text"), ElementsAre("two"));
  EXPECT_THAT(css("a::attr(href)"), ElementsAre("/4"));
  EXPECT_THAT(css("a::attr( HREF )"), ElementsAre("/4"));
  EXPECT_THAT(css("article ::text"), ElementsAre("own"));
  EXPECT_THAT(css("ul > :nth-child(2) ::text"), ElementsAre("two", "bold"));
  EXPECT_THAT(css("li:nth-child(2) > ::text"), ElementsAre("bold"));
  EXPECT_THAT(css("li ::attr(rel), a::attr(href), a::attr(rel)"),
              ElementsAre("/4", "next nofollow"));
  EXPECT_THAT(css("a ::attr(title), h1, h2::text, b"),
              ElementsAre("Tools & more", "bold", "It's", "mid"));
  EXPECT_THAT(xpath("//a/@title"), ElementsAre("It's"));
  EXPECT_THAT(xpath("//td/text()"), ElementsAre("1", "2", "3", "4"));
  EXPECT_THAT(xpath("count(//td)"), ElementsAre("4"));
  EXPECT_THAT(xpath("normalize-space(//h1)"), ElementsAre("Tools & more"));
  EXPECT_THAT(xpath("string(//h6)"), IsEmpty());
  EXPECT_THAT(xpath("//td[1] | //h1"), ElementsAre("Tools & more", "1", "3"));
  EXPECT_THAT(xpath("//li[contains(., 'foo(')] | //td[. = 3]"), ElementsAre("3"));
}

TEST(PageQuery, SaysWhatIsWrongAndWhere) {
  const auto wrong = [](std::string_view selector) {
    const auto read = css::parse_selectors(selector);
    return read ? "nothing" : read.error().detail;
  };
  EXPECT_THAT(wrong(""), HasSubstr("at character 1: an element"));
  EXPECT_THAT(wrong("div >"), HasSubstr("at character 6: an element"));
  EXPECT_THAT(wrong("a:hover"), HasSubstr("at character 3: :hover is not known"));
  EXPECT_THAT(wrong("a::before"), HasSubstr("::before is not known"));
  EXPECT_THAT(wrong("a[href"), HasSubstr("at character 7: one of ="));
  EXPECT_THAT(wrong("a[href=x"), HasSubstr("']' is expected"));
  EXPECT_THAT(wrong("svg|a"), HasSubstr("namespaces"));
  EXPECT_THAT(wrong("p:nth-child(x)"), HasSubstr("a number, odd, even"));
  EXPECT_THAT(wrong("p:nth-child(2n+)"), HasSubstr("a number is expected"));
  EXPECT_THAT(wrong("p:not(a::text)"), HasSubstr("')' is expected"));
  EXPECT_THAT(wrong("p:has()"), HasSubstr("at character 7: an element"));
  EXPECT_THAT(wrong("p /* a"), HasSubstr("this comment has no end"));
  EXPECT_THAT(wrong("#1"), HasSubstr("at character 2: a name can't begin with a digit"));
  EXPECT_THAT(wrong("p.-2"), HasSubstr("can't begin with a digit"));
  EXPECT_THAT(wrong("p.-"), HasSubstr("a name is expected"));
  EXPECT_THAT(wrong("[a='b\nc']"), HasSubstr("can't go over lines"));
  EXPECT_THAT(wrong("p:not()"), HasSubstr("an element"));
  EXPECT_THAT(wrong("a !"), HasSubstr("at character 3"));
  EXPECT_THAT(wrong(std::string(9'000, 'a')), HasSubstr("longer than"));
  EXPECT_THAT(wrong("a[b='\xFF']"), HasSubstr("no characters"));
  EXPECT_THAT(wrong("a[b='\x01']"), HasSubstr("no characters"));
  EXPECT_THAT(wrong("\xEF\xBF\xBF"), HasSubstr("no characters"));
  EXPECT_THAT(css("[title='\\1 \\d800 \\ffff ']"), IsEmpty());
  std::string deep = "a";
  for (int i = 0; i < 20; ++i) deep = ":not(" + deep + ")";
  EXPECT_THAT(wrong(deep), HasSubstr("nested too deep"));
  EXPECT_THAT(xpath("//a["), ElementsAre(HasSubstr("at character 5: this is no expression")));
  EXPECT_THAT(xpath("//a[f(1)]"), ElementsAre(HasSubstr("at character 5: XPath 1.0 has no such")));
  EXPECT_THAT(xpath("//a[. = $x]"), ElementsAre(HasSubstr("there are no variables")));
  EXPECT_THAT(xpath("//a['"), ElementsAre(HasSubstr("has no end")));
}

TEST(PageQuery, ReadsAnyPage) {
  EXPECT_THAT(css("p", ""), IsEmpty());
  EXPECT_THAT(xpath("count(//p)", ""), ElementsAre("0"));
  EXPECT_THAT(css("p", "<p>a"), ElementsAre("a"));
  EXPECT_THAT(css("p", std::string_view{"<p>a\0b</p><p>c", 14}), ElementsAre("a\xEF\xBF\xBD"
                                                                             "b",
                                                                             "c"));
  EXPECT_THAT(css("p", "<p>\xC3\xA4\xE6\x97\xA5"), ElementsAre("\xC3\xA4\xE6\x97\xA5"));
  EXPECT_THAT(css("main > p", "<main><p>new elements</p></main>"), ElementsAre("new elements"));
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<div>";
  EXPECT_EQ(css("div > div", deep + "<p>x").empty(), false);
}

// What never ends where each element looks for its ancestors or its siblings.
TEST(PageQuery, SelectorsTakeTheirTimeFromThePageAndNotFromItsShape) {
  const auto times = [](std::string_view text, int count) {
    std::string all;
    for (int i = 0; i < count; ++i) all += text;
    return all;
  };
  EXPECT_EQ(css(times("div ", 200), times("<div>", 250) + "x").size(), 51);
  EXPECT_EQ(css("li ~ li ~ li", "<ul>" + times("<li>x", 50'000)).size(), 49'998);
  EXPECT_EQ(css("h2 ~ p:has(~ h2)", times("<h2></h2><p>x", 50'000)).size(), 49'999);
  EXPECT_EQ(css("div:has(p):has(b):not(div b)::attr(id)",
                times("<div id=a>", 250) + times("<p><b>", 50'000))
                .size(),
            250);
  EXPECT_THAT(css("div:contains('" + times("a", 1'500) + "b')",
                  times("<div>", 250) + times("a", 1'000'000)),
              IsEmpty());
}

TEST(PageQuery, CountsAttributesBeforeItReads) {
  const auto element = [](std::string_view name, std::size_t attributes) {
    std::string text{name};
    for (std::size_t i = 0; i < attributes; ++i) text += fmt::format(" a{}=1", i);
    return text + ">";
  };
  EXPECT_TRUE(PageTree::is_within_bounds(element("<p", PageTree::attributes_max) + "<p a b>"));
  EXPECT_FALSE(PageTree::is_within_bounds("<p>" + element("<p", PageTree::attributes_max + 1)));
  EXPECT_FALSE(PageTree::is_within_bounds("<title>" + element("<p", 2'000))) << "libxml2 reads it";
  EXPECT_TRUE(PageTree::is_within_bounds("<script>" + element("a<b", 2'000) + "</script>"));
  EXPECT_TRUE(PageTree::is_within_bounds("<!--" + element("<p", 2'000) + "-->"));
}

TEST(PageQuery, IsBounded) {
  std::string wide;
  for (int i = 0; i < 120'000; ++i) wide += "<p>x";
  const auto all = PageQuery::css("p");
  const auto found = PageTree{wide}.ask(*all);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Errc::limit_exceeded);
  EXPECT_THAT(css("p:nth-child(119999)", wide), ElementsAre("x")) << "linear";
  const auto many = PageQuery::xpath("//p[preceding::p[following::p]]");
  const auto never = PageTree{wide}.ask(*many);
  ASSERT_FALSE(never);
  EXPECT_THAT(never.error().detail, HasSubstr("too many steps"));
}

}  // namespace
}  // namespace trawl::web
