#include "core/web/html/html_tokenizer.hpp"

#include "core/web/html/html_entities.hpp"
#include "core/web/html/html_names.hpp"
#include "tests/support/cpu_time.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace trawl::web {
namespace {

std::string tags(std::string_view html) {
  HtmlTokenizer tokenizer(html);
  std::string out;
  while (tokenizer.next_tag().kind != HtmlTokenKind::end_of_page) {
    if (!out.empty()) out += ' ';
    if (tokenizer.token().kind == HtmlTokenKind::end_tag) out += '/';
    out += tokenizer.token().text;
  }
  return out;
}

std::string script_text(std::string_view html) {
  HtmlTokenizer tokenizer(html);
  tokenizer.set_text_mode(HtmlTextMode::script, "script");
  return std::string(tokenizer.next().text);
}

TEST(HtmlTokenizer, CommentsEndWhereTheStandardSays) {
  EXPECT_EQ(tags("<!--><a><!---><b><!-- > --!><c><!-- -- ><d>--><e>"), "a b c e");
  EXPECT_EQ(tags("<!-- <a>"), "");
  EXPECT_EQ(tags("<?xml a='>'?><a></ b><c><!x><d>"), "a c d");
}

TEST(HtmlTokenizer, ATagThatThePageCutsIsNone) {
  EXPECT_EQ(tags("<a><b c='x>"), "a");
  EXPECT_EQ(tags("<a><b"), "a");
  EXPECT_EQ(tags("<a><b c=d"), "a");
}

TEST(HtmlTokenizer, AttributesAreViewsIntoThePage) {
  HtmlTokenizer tokenizer("<A Href=x/y b='c' d = \"e\" f/g =h>");
  const HtmlToken& tag = tokenizer.next();
  ASSERT_EQ(tag.attributes.size(), 5U);
  EXPECT_EQ(tag.attributes[0].name, "Href");
  EXPECT_EQ(tag.attributes[0].value, "x/y");
  EXPECT_EQ(tag.attributes[1].value, "c");
  EXPECT_EQ(tag.attributes[2].value, "e");
  EXPECT_EQ(tag.attributes[3].value, "");
  EXPECT_EQ(tag.attributes[4].value, "h");
}

TEST(HtmlTokenizer, AnInnerScriptInACommentHidesOneEndTag) {
  EXPECT_EQ(script_text("a</script>"), "a");
  EXPECT_EQ(script_text("<!--<script></script></script>"), "<!--<script></script>");
  EXPECT_EQ(script_text("<!--<script>--></script>"), "<!--<script>-->");
  EXPECT_EQ(script_text("<!--></script>"), "<!-->");
  EXPECT_EQ(script_text("<!-- </scriptx></script\n>"), "<!-- </scriptx>");
}

TEST(HtmlTokenizer, ATagKeepsABoundedNumberOfAttributes) {
  std::string html = "<a";
  for (int i = 0; i < 10'000; ++i) html += " x" + std::to_string(i);
  html += "><b>";
  HtmlTokenizer tokenizer(html);
  EXPECT_EQ(tokenizer.next().attributes.size(), HtmlTokenizer::attributes_max);
  EXPECT_EQ(tokenizer.next().text, "b");
}

std::string decoded(std::string_view raw, ReferencePlace place) {
  std::string out;
  append_decoded(out, raw, place);
  return out;
}

TEST(HtmlEntities, AttributesKeepWhatLooksLikeAParameter) {
  EXPECT_EQ(decoded("?a=1&copy=2&amp;c&lt", ReferencePlace::attribute), "?a=1&copy=2&c<");
  EXPECT_EQ(decoded("&copy=2", ReferencePlace::text), "\xC2\xA9=2");
  EXPECT_EQ(decoded("&notit; &notin;", ReferencePlace::text), "\xC2\xACit; \xE2\x88\x89");
  EXPECT_EQ(decoded("&notit;", ReferencePlace::attribute), "&notit;");
}

TEST(HtmlEntities, NumbersOutsideUnicodeAreReplaced) {
  EXPECT_EQ(decoded("&#65;&#x42&#0;&#xD800;&#99999999999;", ReferencePlace::text),
            "AB\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(decoded("&#x80;&# &#x; &", ReferencePlace::text), "\xE2\x82\xAC&# &#x; &");
}

TEST(HtmlNames, AreFoundInAnyCase) {
  EXPECT_EQ(element_from_name("A"), Element::a);
  EXPECT_EQ(element_from_name("foreignObject"), Element::foreign_object);
  EXPECT_EQ(element_from_name("blockquotx"), Element::unknown);
  EXPECT_EQ(element_from_name(""), Element::unknown);
  EXPECT_EQ(element_from_name("annotation-xml"), Element::annotation_xml);
  EXPECT_EQ(to_string(element_from_name("dIv")), "div");
  EXPECT_EQ(to_string(element_from_name("x-thing")), "*");
  EXPECT_EQ(attribute_from_name("XLINK:href"), Attribute::xlink_href);
  EXPECT_EQ(attribute_from_name("hrefs"), Attribute::unknown);
}

// Each of these is quadratic for a reader that looks back or ahead once too often.
TEST(HtmlTokenizer, HostilePagesTakeLinearTime) {
  const auto repeated = [](std::string_view part, std::size_t times) {
    std::string page;
    page.reserve(part.size() * times);
    for (std::size_t i = 0; i < times; ++i) page += part;
    return page;
  };
  const double seconds = support::cpu_seconds_of([&] {
    for (const std::string_view part :
         {"<", "<!--", "<a ", "<a b='", "</", "<!", "<svg><", "&", "<a/"}) {
      const std::string page = repeated(part, 1'000'000);
      tags(page);
      script_text(page);
      decoded(page, ReferencePlace::text);
    }
    script_text(repeated("<!--<script>", 200'000));
  });
  EXPECT_LT(seconds, 60);
}

}  // namespace
}  // namespace trawl::web
