#include "core/web/xml/xml_repair.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace trawl::web {
namespace {

using namespace std::string_view_literals;

struct Repaired {
  std::string text;
  std::optional<XmlDamage> damage;
  bool ended_in_text = false;
};

Repaired repair_in_blocks(std::string_view text, std::size_t block) {
  XmlRepair repair;
  Repaired result;
  for (; !text.empty(); text.remove_prefix(std::min(block, text.size())))
    repair.feed(text.substr(0, block), result.text);
  repair.finish(result.text);
  result.damage = repair.damage();
  result.ended_in_text = repair.ended_in_text();
  return result;
}

// Whatever the blocks are.
Repaired repaired(std::string_view text) {
  Repaired whole = repair_in_blocks(text, text.size() + 1);
  for (const std::size_t block : {1, 2, 3, 5, 11}) {
    const Repaired other = repair_in_blocks(text, block);
    EXPECT_EQ(other.text, whole.text) << "blocks of " << block;
    EXPECT_EQ(other.damage, whole.damage) << "blocks of " << block;
    EXPECT_EQ(other.ended_in_text, whole.ended_in_text) << "blocks of " << block;
  }
  return whole;
}

void expect_untouched(std::string_view text) {
  const Repaired result = repaired(text);
  EXPECT_EQ(result.text, text);
  EXPECT_FALSE(result.damage) << result.damage->what;
}

void expect_repaired(std::string_view text, std::string_view wanted, std::size_t line) {
  const Repaired result = repaired(text);
  EXPECT_EQ(result.text, wanted);
  ASSERT_TRUE(result.damage) << text;
  EXPECT_EQ(result.damage->line, line) << text;
}

TEST(XmlRepair, SoundXmlPassesAsItIs) {
  expect_untouched("<a b='1 &gt; 0' c=\"it's\">x &amp; y &lt; &#65; &#x1F600;\n\t<b/></a>");
  expect_untouched("<ns:a xmlns:ns='u'>ü 😀</ns:a>");
}

TEST(XmlRepair, WhatBeginsNoReferenceIsText) {
  expect_repaired("<loc>\n?a=1&b=2</loc>", "<loc>\n?a=1&amp;b=2</loc>", 2);
  expect_repaired("a&", "a&amp;", 1);
  expect_repaired("a&&amp;", "a&amp;&amp;", 1);
  expect_repaired("&lol9;", "&amp;lol9;", 1);
  expect_repaired("&nbsp;&#;&#x;&#12", "&amp;nbsp;&amp;#;&amp;#x;&amp;#12", 1);
  expect_repaired("<a h='?x&y=&quot;'/>", "<a h='?x&amp;y=&quot;'/>", 1);
}

TEST(XmlRepair, WhatBeginsNoTagIsText) {
  expect_repaired("1 < 2", "1 &lt; 2", 1);
  expect_repaired("a <- b </ c <! d", "a &lt;- b &lt;/ c &lt;! d", 1);
}

TEST(XmlRepair, NoEndOfCdataStandsInText) {
  expect_repaired("a]]>b\n]]]>", "a]]&gt;b\n]]]&gt;", 1);
  expect_repaired("]\x01]>", "]]&gt;", 1);
  for (const std::string_view sound :
       {"a]>"sv, "]]<!-- -->>"sv, "]]<?a?>>"sv, "<![CDATA[]]]]>>"sv}) {
    EXPECT_EQ(repaired(sound).text.find("]]>"), std::string::npos) << sound;
    EXPECT_FALSE(repaired(sound).damage) << sound;
  }
}

TEST(XmlRepair, AnUnclosedTagEndsWhereTheNextBegins) {
  expect_repaired("<url\n<loc>x</loc></url>", "<url\n><loc>x</loc></url>", 2);
  expect_repaired("<a b=\"x><c/>", "<a b=\"x&gt;\"><c/>", 1);
}

TEST(XmlRepair, EndTagsFitTheirStartTags) {
  expect_untouched("<a><b/><b c='/'></b></a>");
  expect_repaired("<a>\n<b><c></a>", "<a>\n<b><c></c></b></a>", 2);
  expect_repaired("<a></b></a></a>", "<a></a>", 1);
  expect_repaired("<a><b></b</a>", "<a><b></b></a>", 1);
  EXPECT_EQ(repaired("<a ></a\n>").text, "<a >\n</a>");
}

TEST(XmlRepair, StartTagsAreWellFormed) {
  expect_untouched("<a\tb=''\n xml:c-d.e_1=\"2\" />");
  EXPECT_EQ(repaired("<a b = '1'/>").text, "<a   b='1'/>");
  EXPECT_FALSE(repaired("<a b = '1'/>").damage);
  expect_repaired("<a b c='1'>", "<a  c='1'>", 1);
  expect_repaired("<a\nb=1/ c='2'/>", "<a\n c='2'/>", 2);
  expect_repaired("<a b='1'c='2'/>", "<a b='1' c='2'/>", 1);
  expect_repaired("<a / b='1'>", "<a  b='1'>", 1);
  expect_repaired("<a ='1' 1b='2&lt;\n' b:c:d='3' b\xC3\xBC='4' \"5\" f='6'>", "<a  \n    f='6'>",
                  1);
  expect_repaired("<a b=>", "<a >", 1);
  expect_repaired("<a b=\"1\"\"2\">", "<a b=\"1\">", 1);
}

// The end tag is the one that was written for the start tag.
TEST(XmlRepair, NamesOfElementsAreNames) {
  EXPECT_EQ(repaired("<coe=\"/b/\">x</coe>").text, "<coe>x</coe>");
  EXPECT_EQ(repaired("<a,b:c:d->x</a,b:c:d->").text, "<a_b:c_d->x</a_b:c_d->");
  EXPECT_EQ(repaired("<a:1>x</a:1>").text, "<a_1>x</a_1>");
  EXPECT_EQ(repaired("<a:>x</a:>").text, "<a_>x</a_>");
  EXPECT_EQ(repaired("<\x61\x01\x62/>").text, "<ab/>");
}

TEST(XmlRepair, ALongNameIsCutAlikeHoweverItComes) {
  const std::string name(5000, 'a');
  const std::string cut(4096, 'a');
  EXPECT_EQ(repaired("<" + name + ">x</" + name + ">").text, "<" + cut + ">x</" + cut + ">");
  EXPECT_EQ(repaired("<b " + name + "='1'/>").text, "<b " + cut + "='1'/>");
}

TEST(XmlRepair, ControlCharactersAreLeftOut) {
  expect_repaired(
      "a\x01"
      "b\0c<\x02/>"sv,
      "abc&lt;/&gt;", 1);
}

TEST(XmlRepair, CdataIsText) {
  EXPECT_EQ(repaired("<a><![CDATA[?a&b<c]]>]]&gt;</a>").text, "<a>?a&amp;b&lt;c]]&gt;</a>");
  EXPECT_EQ(repaired("<![CDATA[ ]] ]]]>").text, " ]] ]");
}

TEST(XmlRepair, CommentsInstructionsAndDeclarationsAreLeftOutButForTheirLines) {
  EXPECT_EQ(repaired("<?xml version='1.1'?>\n<!-- a\n<b> -- & -->\n<c/><?php >\n ?>").text,
            "\n\n\n<c/>\n");
  EXPECT_EQ(repaired("<!DOCTYPE a SYSTEM \"file:///etc/passwd\" [\n<!ENTITY b \"]>\">\n"
                     "<!-- don't > ] -->\n%c;]>\n<a/>")
                .text,
            "\n\n\n\n<a/>");
}

TEST(XmlRepair, AttributesOfATagAreBounded) {
  std::string all, kept;
  for (int i = 0; i < 300; ++i) {
    const std::string one = " a" + std::to_string(i) + "='1'";
    all += one;
    kept += i < 256 ? one : " ";
  }
  const auto repaired = repair_in_blocks("<a" + all + "/><b" + all + "/>", 1000);
  EXPECT_EQ(repaired.text, "<a" + kept + "/><b" + kept + "/>");
  EXPECT_EQ(repaired.damage->what, "more attributes than are read");
}

// A parser that looks for a tag's end would find one in each.
TEST(XmlRepair, NoEndOfATagStandsInAValue) {
  EXPECT_EQ(repaired("<a b='1 > 0>' c=\">\"/>>").text, "<a b='1 &gt; 0&gt;' c=\"&gt;\"/>&gt;");
  EXPECT_FALSE(repaired("<a b='>'/>").damage);
}

// A line feed in them stays.
TEST(XmlRepair, LongValuesAreLeftOut) {
  const auto with = [](std::string_view name, std::size_t bytes) {
    return "<a " + std::string(name) + "='" + std::string(bytes - 1, 'v') + "\n' c='1'/>";
  };
  expect_untouched(with("b", 65'536));
  expect_repaired("\n" + with("b", 65'537), "\n<a \n c='1'/>", 2);
  for (const char* name : {"xmlns", "xmlns:b"}) {
    expect_untouched(with(name, 4096));
    expect_repaired("\n" + with(name, 4097), "\n<a \n c='1'/>", 2);
  }
  EXPECT_EQ(repaired(with("xmlns", 4097)).damage->what, "an attribute value that is too long");
  expect_untouched(with("b:xmlns", 4097));
  // Every '&' and '>' of a value counts as it will be written.
  std::string greater(1024, '>'), ampersands;
  for (int i = 0; i < 1024; ++i) ampersands += "&amp;";
  EXPECT_EQ(repaired("<a xmlns='" + greater + ">'/>").text, "<a />");
  EXPECT_EQ(repaired("<a xmlns='" + ampersands + "'/>").text, "<a />");
}

TEST(XmlRepair, DamageInAValueIsOfItsLine) {
  expect_repaired("<a\nb='\n\n?x&y' c=''/>", "<a\nb='\n\n?x&amp;y' c=''/>", 4);
}

TEST(XmlRepair, NameSpacesThatHoldAtOnePlaceAreBounded) {
  std::string declared;
  for (int i = 0; i < 200; ++i) declared += " xmlns:n" + std::to_string(i) + "='u'";
  std::string half;
  for (int i = 0; i < 56; ++i) half += " xmlns:n" + std::to_string(i) + "='u'";
  const auto repaired =
      repair_in_blocks("<a" + declared + "><b" + declared + "/></a><c" + declared + "/>", 1000);
  EXPECT_EQ(repaired.text,
            "<a" + declared + "><b" + half + std::string(144, ' ') + "/></a><c" + declared + "/>");
}

TEST(XmlRepair, TheEndTellsWhetherTextMayBeCut) {
  EXPECT_TRUE(repaired("<loc>http://host/pa").ended_in_text);
  EXPECT_FALSE(repaired("<loc>http://host/page<").ended_in_text);
  EXPECT_FALSE(repaired("<loc>http://host/page</").ended_in_text);
  EXPECT_FALSE(repaired("<loc>http://host/page</lo").ended_in_text);
  EXPECT_EQ(repaired("<loc>x</").text, "<loc>x");
}

TEST(XmlRepair, MarkupWithoutAnEndIsDamage) {
  EXPECT_TRUE(repaired("<a/><!-- b").damage);
  EXPECT_TRUE(repaired("<![CDATA[b").damage);
  EXPECT_EQ(repaired("<![CDATA[b").text, "b");
  EXPECT_TRUE(repaired("<!DOCTYPE a [").damage);
}

}  // namespace
}  // namespace trawl::web
