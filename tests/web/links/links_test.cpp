#include "core/web/links/links.hpp"

#include "core/base/limits.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace trawl::web {
namespace {

PageLinks page(std::string_view html) {
  return extract_links(html, *Url::parse("http://h/d/p"));
}

// "kind tag attribute url" of each link.
std::vector<std::string> links(std::string_view html) {
  std::vector<std::string> out;
  for (const Link& link : page(html).links) {
    out.push_back(std::string(to_string(link.kind)) + " " + std::string(link.tag) + " " +
                  std::string(link.attribute) + " " + link.url);
  }
  return out;
}

using Links = std::vector<std::string>;

TEST(Links, EveryKindHasItsPlace) {
  EXPECT_EQ(links("<a href=1><area href=2><img src=3><script src=4></script><iframe src=5></iframe>"
                  "<form action=6></form><video src=7 poster=8><object data=9>"),
            (Links{"page a href http://h/d/1", "page area href http://h/d/2",
                   "embed img src http://h/d/3", "script script src http://h/d/4",
                   "page iframe src http://h/d/5", "other form action http://h/d/6",
                   "embed video poster http://h/d/8", "embed video src http://h/d/7",
                   "embed object data http://h/d/9"}));
}

TEST(Links, TablesAndTheirPartsHaveBackgrounds) {
  EXPECT_EQ(links("<table background=1><thead background=2><tr background=3><th background=4>"
                  "<tbody background=5><td background=6 style='x:image-set(\"7\" 1x)'>"
                  "<tfoot background=8><div background=9>"),
            (Links{"embed table background http://h/d/1", "embed thead background http://h/d/2",
                   "embed tr background http://h/d/3", "embed th background http://h/d/4",
                   "embed tbody background http://h/d/5", "embed td background http://h/d/6",
                   "embed td style http://h/d/7", "embed tfoot background http://h/d/8"}));
}

TEST(Links, TheRelationOfALinkSaysItsKind) {
  EXPECT_EQ(links("<link rel='alternate stylesheet' href=1><link rel=ICON href=2>"
                  "<link rel=canonical href=3><link rel=alternate hreflang=de href=4>"
                  "<link rel=alternate type='application/rss+xml' href=5><link rel=next href=6>"
                  "<link rel=dns-prefetch href=//x><link rel=stylesheet href=''>"
                  "<link rel=search type='application/opensearchdescription+xml' href=7>"),
            (Links{"style link href http://h/d/1", "embed link href http://h/d/2",
                   "canonical link href http://h/d/3", "alternate link href http://h/d/4",
                   "feed link href http://h/d/5", "page link href http://h/d/6",
                   "other link href http://x/", "page link href http://h/d/7"}));
}

TEST(Links, TheFirstBaseCountsForAllLinksAlsoThoseBeforeIt) {
  const PageLinks found = page("<a href=1><base target=x><base href=/b/><base href=/c/><a href=2>");
  EXPECT_EQ(found.base_url, "http://h/b/");
  EXPECT_EQ(found.links[0].url, "http://h/b/1");
  EXPECT_EQ(found.links[1].url, "http://h/b/2");
  EXPECT_EQ(page("<base href='data:,x'><a href=1>").base_url, "http://h/d/p");
}

TEST(Links, OtherSchemesAreDroppedAndWhiteSpaceIsStripped) {
  EXPECT_EQ(links("<a href=' \n1\t'><a href='java\nscript:x'><a href=MAILTO:x><a href=data:,x>"
                  "<a href='ftp://x/'><a href='http://['><a href=''>"),
            (Links{"page a href http://h/d/1", "page a href http://h/d/p"}));
}

TEST(Links, TheFirstOfTwoAttributesCountsAndReferencesAreDecoded) {
  EXPECT_EQ(links("<a href='1?a&amp;b&copy=c' HREF=2>"),
            (Links{"page a href http://h/d/1?a&b&copy=c"}));
}

TEST(Links, RawTextHoldsNone) {
  EXPECT_EQ(
      links("<title><a href=1></title><textarea><a href=2></textarea><style><a href=3></style>"
            "<script>'<a href=4>'</script><xmp><a href=5></xmp><!-- <a href=6> -->"
            "<noframes><a href=7></noframes><noscript><a href=8></noscript>"),
      (Links{"page a href http://h/d/8"}));
}

TEST(Links, TemplatesAreInert) {
  EXPECT_EQ(links("<template><a href=1><template></template><style>p{x:url(2)}</style><svg>"
                  "</template><a href=3>"),
            (Links{"page a href http://h/d/3"}));
}

TEST(Links, InSvgTextElementsHoldMarkup) {
  EXPECT_EQ(links("<svg><a xlink:href=1></a><image href=2 /><title><a href=3></a></title>"
                  "<style><![CDATA[p{x:url(4)}]]></style><script href=5 /><![CDATA[<a href=no>]]>"
                  "<use href=6></svg><style>p{x:url(7)}</style>"),
            (Links{"page a xlink:href http://h/d/1", "embed image href http://h/d/2",
                   "page a href http://h/d/3", "embed style  http://h/d/4",
                   "script script href http://h/d/5", "embed use href http://h/d/6",
                   "embed style  http://h/d/7"}));
}

TEST(Links, AnHtmlElementEndsSvg) {
  EXPECT_EQ(links("<svg><g><div><image src=1><title><a href=no></title>"),
            (Links{"embed img src http://h/d/1"}));
  EXPECT_EQ(links("<svg></p><image src=1>"), (Links{"embed img src http://h/d/1"}));
  EXPECT_EQ(links("<svg><foreignObject><div><image src=1></div></foreignObject><image src=2 "
                  "href=3></svg><image src=4>"),
            (Links{"embed img src http://h/d/1", "embed image href http://h/d/3",
                   "embed img src http://h/d/4"}));
}

TEST(Links, AFormInAFormIsNone) {
  EXPECT_EQ(links("<form action=1><form action=2></form><form action=3>"),
            (Links{"other form action http://h/d/1", "other form action http://h/d/3"}));
  EXPECT_EQ(links("<svg><form></svg><form action=1>"), (Links{"other form action http://h/d/1"}));
}

TEST(Links, StylesAreRead) {
  EXPECT_EQ(links("<p style='background:url(&quot;1&quot;)'><style>@import '2';</style>"
                  "<style type=text/less>@import '3';</style><x-y style='a:url(4)'>"),
            (Links{"embed p style http://h/d/1", "style style  http://h/d/2",
                   "embed * style http://h/d/4"}));
}

TEST(Links, RefreshIsARedirect) {
  EXPECT_EQ(
      links("<meta http-equiv=Refresh content='0; url=1'><meta http-equiv=refresh content=5>"),
      (Links{"redirect meta content http://h/d/1"}));
}

TEST(Links, SrcsetsGiveEveryImage) {
  EXPECT_EQ(links("<img srcset='1 1x, 2 2x'><picture><source srcset=3></picture>"
                  "<link rel=preload imagesrcset='4 1x'>"),
            (Links{"embed img srcset http://h/d/1", "embed img srcset http://h/d/2",
                   "embed source srcset http://h/d/3", "embed link imagesrcset http://h/d/4"}));
}

TEST(Links, NofollowIsSaidByThreeRelations) {
  const PageLinks found = page(
      "<a href=1 rel='x NoFollow'><a href=2 rel=ugc><a href=3 rel=sponsored><a href=4 rel=me>");
  ASSERT_EQ(found.links.size(), 4U);
  EXPECT_TRUE(found.links[0].nofollow && found.links[1].nofollow && found.links[2].nofollow);
  EXPECT_FALSE(found.links[3].nofollow);
  EXPECT_EQ(found.links[0].rel, "x NoFollow");
}

TEST(Links, RobotsMetaIsForAllOrForUs) {
  EXPECT_TRUE(page("<meta name=ROBOTS content='NoIndex, nofollow'>").robots.noindex);
  EXPECT_TRUE(page("<meta name=robots content=none>").robots.nofollow);
  EXPECT_FALSE(page("<meta name=trawl content=noindex>").robots.noindex);
  const Url base = *Url::parse("http://h/");
  EXPECT_TRUE(extract_links("<meta name=Trawl content=noindex>", base, "trawl").robots.noindex);
}

TEST(Links, TheTitleIsOneLineOfTheFirstTitleElement) {
  EXPECT_EQ(
      page("<svg><title>no</title></svg><title>\n a &amp;\t b </title><title>c</title>").title,
      "a & b");
  const std::string longer(limits::title_bytes_max - 1, 'x');
  EXPECT_EQ(page("<title>" + longer + "\xC3\xA4</title>").title, longer);
  EXPECT_EQ(page("<title>a\xFF</title>").title, "a\xEF\xBF\xBD");
}

// A long base makes long URLs of short links.
TEST(Links, TheWholeUrlsOfAPageAreBoundedTogether) {
  std::string html = "<base href='http://h/" + std::string(7'000, 'b') + "/'>";
  for (int i = 0; i < 40'000; ++i) html += "<a href=a>";
  const PageLinks many = page(html);
  EXPECT_TRUE(many.links_cut);
  EXPECT_LT(many.links.size(), limits::link_bytes_per_page_max / 7'000 + 1);
  EXPECT_EQ(links("<base href='http://h/" + std::string(9'000, 'b') + "/'><a href=a>"),
            Links{"page a href http://h/d/a"});
  std::string json = R"(<script type="application/ld+json">{"@context": {"@base": "http://h/)" +
                     std::string(7'000, 'b') + R"(/"}, "url": [)";
  for (int i = 0; i < 10'000; ++i) json += R"("a",)";
  EXPECT_LT(page(json + R"("a"]}</script>)").links.size(), 3'000U);
}

TEST(Links, APageHasABoundedNumberOfLinks) {
  std::string html;
  for (std::size_t i = 0; i < limits::links_per_page_max + 1; ++i) html += "<a href=x>";
  const PageLinks found = page(html);
  EXPECT_EQ(found.links.size(), limits::links_per_page_max);
  EXPECT_TRUE(found.links_cut);
}

}  // namespace
}  // namespace trawl::web
