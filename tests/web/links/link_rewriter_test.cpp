#include "core/web/links/link_rewriter.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace trawl::web {
namespace {

// What is on "here" has a file named after its path; everything else has none.
NewLink local_copy(const Url& target, LinkUse use) {
  if (target.hostname() != "here" || use == LinkUse::action) return {.text = target.href()};
  std::string name = "L" + std::string{target.pathname()};
  for (char& c : name)
    if (c == '/') c = '-';
  return {.text = name + std::string{target.hash()}, .local = true};
}

std::string rewritten(std::string_view html, std::string_view charset = "UTF-8",
                      std::string_view declare = {}) {
  const auto url = Url::parse("http://here/dir/page");
  return rewrite_page({.text = html, .charset = charset, .url = *url}, declare, local_copy);
}

std::string rewritten_css(std::string_view css, std::string_view charset = "UTF-8") {
  const auto url = Url::parse("http://here/css/main.css");
  return rewrite_css({.text = css, .charset = charset, .url = *url}, local_copy);
}

TEST(LinkRewriter, LinksBecomeLocalOrAbsoluteAndTheRestStays) {
  EXPECT_EQ(rewritten("<!DOCTYPE html><p >x <a  HREF='../a' class=c>y</a><a href=//there/b>z</a>"),
            "<!DOCTYPE html><p >x <a  HREF='L-a' class=c>y</a><a href=\"http://there/b\">z</a>");
  EXPECT_EQ(rewritten("<img src=i.png><link rel=stylesheet href=/s.css>"),
            "<img src=\"L-dir-i.png\"><link rel=stylesheet href=\"L-s.css\">");
}

TEST(LinkRewriter, BackgroundsOfTablesAndImageSetsAreLinksToo) {
  EXPECT_EQ(rewritten("<table background=t.png><td background='/d.png'>"),
            "<table background=\"L-dir-t.png\"><td background='L-d.png'>");
  EXPECT_EQ(rewritten_css("p{x:image-set('a.png' 1x, \"/b.png\" type('image/png') 2x)}"),
            "p{x:image-set('L-css-a.png' 1x, \"L-b.png\" type('image/png') 2x)}");
}

TEST(LinkRewriter, InXhtmlAnElementThatClosesItselfHasNoText) {
  const auto url = Url::parse("http://here/dir/page");
  const std::string_view page = "<title/><script src='/s.js'/><template/><a href='/a'>x</a>";
  EXPECT_EQ(
      rewrite_page({.text = page, .charset = "UTF-8", .url = *url, .xhtml = true}, "", local_copy),
      "<title/><script src='L-s.js'/><template/><a href='L-a'>x</a>");
  EXPECT_TRUE(rewritten(page).ends_with("<a href='/a'>x</a>"));  // the text of the title
}

TEST(LinkRewriter, WhatIsNoHttpLinkStays) {
  const std::string page =
      "<a href='mailto:x@y'><a href='#part'><a href=''><a href><img src='data:,x'>"
      "<a href='javascript:f(\"&lt;\")'><a href='http://['><p title='/a'><!-- <a href=/a> -->"
      "<script>var a = '<a href=\"/a\">';</script><textarea><a href=/a></textarea>";
  EXPECT_EQ(rewritten(page), page);
}

TEST(LinkRewriter, FragmentsAreKeptAndReferencesReadAndWritten) {
  EXPECT_EQ(rewritten("<a href='/a?b=1&amp;c=2#d'>"), "<a href='L-a#d'>");
  EXPECT_EQ(rewritten("<a href=\"//there/?a=1&b='2'\">"),
            "<a href=\"http://there/?a=1&amp;b=%272%27\">");
}

// HTML standard, section 2.4.3
TEST(LinkRewriter, ABaseCountsForAllLinksAndIsEmptied) {
  EXPECT_EQ(rewritten("<a href=x><base href='http://here/other/' target=t><a href=y>"),
            "<a href=\"L-other-x\"><base href='' target=t><a href=\"L-other-y\">");
  EXPECT_EQ(rewritten("<base href=/other/p><a href=#f>"),
            "<base href=\"\"><a href=\"L-other-p#f\">");
  EXPECT_EQ(rewritten("<template><base href=http://no/></template><a href=/a>"),
            "<template><base href=\"\"></template><a href=\"L-a\">");
}

// "http:x" names a host to a base of https, and a path to a page of http.
TEST(LinkRewriter, WhatIsNoUrlIsNoneWithoutTheBaseEither) {
  EXPECT_EQ(rewritten("<base href='https://there/'><a href='http:%'><a href='http:b'>"),
            "<base href=''><a href='http://'><a href='http://b/'>");
  EXPECT_EQ(rewritten("<base href=''><a href='http://'>"), "<base href=''><a href='http://'>");
  EXPECT_EQ(rewritten("<base href='https://there/'><a href='http://['><a href='https:%'>"),
            "<base href=''><a href='http://['><a href='https://there/%'>");
}

TEST(LinkRewriter, ABaseOfAnotherSchemeStays) {
  EXPECT_EQ(rewritten("<base href='ftp://x/y/'><a href=z><a href='http://here/a'>"),
            "<base href='ftp://x/y/'><a href=z><a href='http://here/a'>");
}

TEST(LinkRewriter, SrcsetChangesUrlByUrl) {
  EXPECT_EQ(rewritten("<img srcset='a.png, b.png 2x,//there/c.png 3x , data:,d 4x'>"),
            "<img srcset='L-dir-a.png, L-dir-b.png 2x,http://there/c.png 3x , data:,d 4x'>");
  EXPECT_EQ(rewritten("<img srcset='//there/a,\x01 2x'>"), "<img srcset='http://there/a%2C 2x'>");
}

TEST(LinkRewriter, RefreshKeepsItsTime) {
  EXPECT_EQ(rewritten("<meta http-equiv=refresh content='5; url=/next#x'>"),
            "<meta http-equiv=refresh content='5; url=L-next#x'>");
  EXPECT_EQ(rewritten("<meta content='/a' name=refresh>"), "<meta content='/a' name=refresh>");
}

TEST(LinkRewriter, StylesChangeInAttributesElementsAndSvg) {
  EXPECT_EQ(rewritten("<p style=\"background:url('/a')\">"),
            "<p style=\"background:url(&#39;L-a&#39;)\">");
  EXPECT_EQ(rewritten("<style>@import \"/i.css\";p{background:url(/a)}</style><p>url(/a)"),
            "<style>@import \"L-i.css\";p{background:url(L-a)}</style><p>url(/a)");
  EXPECT_EQ(rewritten("<svg><style>p{fill:url(#g);src:url(/a?x&amp;y)}</style>"
                      "<use href='#g'/><image xlink:href=/i /></svg>"),
            "<svg><style>p{fill:url(#g);src:url(L-a)}</style>"
            "<use href='#g'/><image xlink:href=\"L-i\" /></svg>");
}

TEST(LinkRewriter, FormsGoToTheServer) {
  EXPECT_EQ(rewritten("<form action=search><button formaction=/b>"),
            "<form action=\"http://here/dir/search\"><button formaction=\"http://here/b\">");
}

TEST(LinkRewriter, PromisesAboutServersGoAwayWithThem) {
  EXPECT_EQ(rewritten("<script integrity='sha256-x' src=/a.js crossorigin></script>"),
            "<script  src=\"L-a.js\" ></script>");
  const std::string remote = "<script integrity='sha256-x' src=\"http://there/a.js\"></script>";
  EXPECT_EQ(rewritten(remote), remote);
  EXPECT_EQ(rewritten("<meta http-equiv=\"Content-Security-Policy\" content=\"img-src 'self'\">"),
            "<meta http-equiv=\"x-content-security-policy\" content=\"img-src 'self'\">");
}

TEST(LinkRewriter, TheEncodingIsKept) {
  // windows-1252: é in a text, in a link that changes and in one that stays.
  EXPECT_EQ(rewritten("\xE9<a href='/\xE9'><p style='a:\"\xE9\";b:url(/a)'>", "windows-1252"),
            "\xE9<a href='L-%C3%A9'><p style='a:&quot;&#xE9;&quot;;b:url(L-a)'>");
  EXPECT_EQ(rewritten_css("p{content:\"\xE9\";src:url(/\xE9)}", "windows-1252"),
            "p{content:\"\xE9\";src:url(L-%C3%A9)}");
  // Shift_JIS has ASCII as second bytes: 0x95 0x5C is one character.
  EXPECT_EQ(rewritten("<p>\x95\x5C<a href=/a>", "Shift_JIS"), "<p>\x95\x5C<a href=\"L-a\">");
}

TEST(LinkRewriter, QueriesAreResolvedAsTheyWereFetched) {
  const Url url = *Url::parse("http://host.example/");
  std::string seen;
  rewrite_page({"<a href='?\xE9'><p style='b:url(?\xE9)'>", "windows-1252", url}, "",
               [&seen](const Url& target, LinkUse) {
                 seen.append(target.search()) += ' ';
                 return NewLink{.text = "x"};
               });
  EXPECT_EQ(seen, "?%E9 ?%C3%A9 ");
}

TEST(LinkRewriter, AnEncodingIsDeclaredAtTheStart) {
  EXPECT_EQ(rewritten("<!DOCTYPE html>\n<html><head lang=x><title>a</title>", "", "GBK"),
            "<!DOCTYPE html>\n<html><head lang=x><meta charset=\"GBK\"><title>a</title>");
  EXPECT_EQ(rewritten("text", "", "GBK"), "text");
}

TEST(LinkRewriter, CssUrlsAreEscapedAsTheirPlaceNeeds) {
  EXPECT_EQ(rewritten_css("a{b:url(../x.png)}@import '/y.css' print;/* url(/no) */"),
            "a{b:url(L-x.png)}@import 'L-y.css' print;/* url(/no) */");
  EXPECT_EQ(rewritten_css("a{b:url(http://there/x\\(1\\).png)}"),
            "a{b:url(http://there/x\\(1\\).png)}");
  EXPECT_EQ(rewritten_css("a{b:url(data:image/png,x);c:url(#d);e:url('')}"),
            "a{b:url(data:image/png,x);c:url(#d);e:url('')}");
}

TEST(LinkRewriter, BrokenMarkupIsCopied) {
  for (const std::string page :
       {"<a href='/a", "<a href=", "<", "<a href=/a", "</a href=/x>", "<img srcset='",
        "<!--<a href=/a>", "<style>url(/a", "<meta http-equiv=refresh>"}) {
    const std::string result = rewritten(page);
    EXPECT_EQ(result, page == "<style>url(/a" ? "<style>url(L-a" : page);
  }
}

TEST(LinkRewriter, ManyTagsCostLinearTime) {
  std::string page;
  for (int i = 0; i < 200'000; ++i) page += "<a href=/a>x</a>";
  EXPECT_EQ(rewritten(page).size(), page.size() + 3 * 200'000);
}

}  // namespace
}  // namespace trawl::web
