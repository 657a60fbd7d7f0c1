#include "core/web/html/page_text.hpp"

#include "core/web/utf8.hpp"

#include <gmock/gmock.h>

namespace trawl::web {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

PageText read(std::string_view html, TextPart part = TextPart::all, bool xhtml = false) {
  return read_page_text(html, xhtml, *Url::parse("http://h/d/"), part);
}
std::string text(std::string_view html, TextPart part = TextPart::all) {
  return read(html, part).text;
}

TEST(PageText, BlocksStandOnLinesOfTheirOwnAndParagraphsApart) {
  EXPECT_EQ(text("<div>one <b>and</b>\n two</div><div>three</div>"), "one and two\nthree");
  EXPECT_EQ(text("<p>one<p>two<br>lines</p>three"), "one\n\ntwo\nlines\n\nthree");
  EXPECT_EQ(text("<ul><li>a<li>b</ul>c"), "a\nb\n\nc");
  EXPECT_EQ(text("<table><tr><td>1<td>2<tr><td>3</table>"), "1\t2\n3");
  EXPECT_EQ(text("no<span>space</span> here"), "nospace here");
}

TEST(PageText, CodeKeepsItsLines) {
  EXPECT_EQ(text("a<pre>\nif x:\n    y\n</pre>b"), "a\n\nif x:\n    y\n\nb");
  EXPECT_EQ(text("a<xmp><b>&lt;</xmp>b"), "a\n\n<b>&lt;\n\nb");
  EXPECT_EQ(text("<main><pre> </pre></main>rest", TextPart::main), "rest");
}

TEST(PageText, LinesAndCellsCount) {
  EXPECT_EQ(text("a<br><br>b"), "a\n\nb");
  EXPECT_EQ(text("<table><tr><td>1<td><td>3<tr><td></td><td>b</table>"), "1\t\t3\n\tb");
  EXPECT_EQ(text("<table><tr><td><p>a</p></td><td><p>b</p></td></tr></table>"), "a\tb");
}

TEST(PageText, FormulasAreReadAndPicturesAreNot) {
  EXPECT_EQ(text("<p>Hello <svg class='i'/> world</p><svg viewBox='x'/>rest"),
            "Hello world\n\nrest");
  EXPECT_EQ(text("<svg><title>t</title><text>x</text></svg>a<svg><path><p>b"), "a\n\nb");
  EXPECT_EQ(text("<math><mi>x</mi><mo>=</mo><annotation encoding='application/x-tex'>x="
                 "</annotation></math>y"),
            "x=y");
}

TEST(PageText, EndTagsCloseWhatTheyMay) {
  EXPECT_EQ(text("<div id=page><main><span><div>A</div></span> <span><div>C</span></div> D</main>"
                 "</div>out",
                 TextPart::main),
            "A\nC\nD");
  EXPECT_EQ(text("<main><div>top<table><tr><td>x</div>y</td></tr></table>z</div>end</main>out",
                 TextPart::main),
            "top\n\nxy\n\nz\nend");
  EXPECT_EQ(text("<span hidden>a<span>b</span>c</span>d"), "d");
  EXPECT_EQ(text("<div hidden><div/>x</div>still</div>seen"), "seen");
  EXPECT_EQ(text("<section><header><h1>T</h1></header>x</section>", TextPart::main), "T\n\nx");
}

// Whatever is open around them.
TEST(PageText, ScriptsAreNoTextInDeepPagesEither) {
  std::string deep;
  for (int i = 0; i < 600; ++i) deep += "<font><div>";
  EXPECT_EQ(text(deep + "x<script>var leak;</script><style>.a{}</style><iframe>f</iframe>"), "x");
}

TEST(PageText, HostilePagesTakeTimeInProportion) {
  std::string rel;
  for (int i = 0; i < 200'000; ++i) rel += "canonical ";
  const std::string long_path(200'000, 'a');
  EXPECT_EQ(read("<link rel='" + rel + "' href='/" + long_path + "'>x").canonical, "");
  std::string links = "<base href='ftp://h/" + long_path + "'>";
  for (int i = 0; i < 20'000; ++i) links += "<link rel=canonical href=x>";
  EXPECT_EQ(read(links).canonical, "http://h/d/x");
  std::string ends;
  for (int i = 0; i < 300; ++i) ends += "<div>";
  for (int i = 0; i < 200'000; ++i) ends += "</nav>";
  EXPECT_EQ(text(ends + "x"), "x");
}

TEST(PageText, ReferencesAreDecodedAndMalformedBytesReplaced) {
  EXPECT_EQ(text("a &amp; b&nbsp;&lt;c&gt; &#x41;"), "a & b\u00a0<c> A");
  EXPECT_EQ(text("a\xFF"), "a\uFFFD");
}

TEST(PageText, WhatReadersDoNotSeeIsNoText) {
  EXPECT_EQ(text("<title>t</title>a<script>x</script><style>y</style><template>z</template>"
                 "<noscript>n</noscript><textarea>w</textarea><select><option>o</select>"
                 "<svg><title>s</title><path/></svg><!-- c -->b"),
            "ab");
  EXPECT_EQ(text("a<p hidden>b <i>c</i></p><div aria-hidden=true>d<div>e</div>f</div>g"), "a\n\ng");
  EXPECT_EQ(text("<div hidden><div>x</div></div>seen<br hidden>too"), "seen\ntoo");
}

TEST(PageText, TheMainPartIsWithoutWhatStandsAroundIt) {
  const std::string_view page =
      "<body><header>H</header><nav>N</nav><main><nav>in</nav><header><h1>T</h1></header>M</main>"
      "<aside>A</aside><footer>F</footer>";
  EXPECT_EQ(text(page, TextPart::main), "T\n\nM");
  EXPECT_EQ(text(page), "H\nN\nin\n\nT\n\nM\nA\nF");
  EXPECT_EQ(text("<nav>N</nav>x<article>one</article>y<article>two</article>", TextPart::main),
            "one\ntwo");
  EXPECT_EQ(text("<div role=navigation>N<div>n</div></div>text<footer>F</footer>", TextPart::main),
            "text");
  EXPECT_EQ(text("<div role='main'>M</div>rest", TextPart::main), "M");
  EXPECT_EQ(text("<nav>only this</nav>", TextPart::main), "only this");
}

TEST(PageText, WhatThePageSaysOfItself) {
  const auto page = read(
      "<html lang='en-GB'><head><meta property='og:description' content='og'>"
      "<meta name=Description content=' a  &amp; b '><link rel='x Canonical' href='c?q#f'>"
      "<link rel=canonical href=other></head>");
  EXPECT_EQ(page.language, "en-GB");
  EXPECT_EQ(page.description, "a & b");
  EXPECT_EQ(page.canonical, "http://h/d/c?q#f");
  EXPECT_EQ(read("<base href=/e/><meta property=og:description content=og>"
                 "<link rel=canonical href=x>")
                .canonical,
            "http://h/e/x");
  EXPECT_EQ(read("<meta property=og:description content=og>").description, "og");
  EXPECT_EQ(read("<link rel=canonical href='mailto:a@b'>").canonical, "");
  EXPECT_EQ(read("<template><base href=http://e/><link rel=canonical href=/e></template>"
                 "<base target=_blank><base href=/f/><link rel=canonical href=c>")
                .canonical,
            "http://h/f/c");
  EXPECT_EQ(read("<meta name=description content='use &amp;lt;b&gt;'>").description, "use &lt;b>");
}

TEST(PageText, Headings) {
  const auto page = read(
      "<h1 id=top>One <a>link</a></h1><h2>Two<br>lines<h3 id='&amp;'>Three</h3>"
      "<h2></h2><h2 hidden>no</h2><h7>no</h7><h4 id='a&amp;amp;b'>x<hr>y</h4>");
  std::vector<std::string> headings;
  for (const Heading& heading : page.headings)
    headings.push_back(std::to_string(heading.level) + heading.id + "=" + heading.text);
  EXPECT_THAT(read("<nav><h2>N</h2></nav><h1>T</h1>", TextPart::main).headings, testing::SizeIs(1));
  EXPECT_THAT(read("<nav><h2>N</h2></nav><h1>T</h1>").headings, testing::SizeIs(2));
  EXPECT_THAT(headings, ElementsAre("1top=One link", "2=Two lines", "3&=Three", "4a&amp;b=x y"));
}

TEST(PageText, TagsThatAreNotClosedOrClosedTwiceLoseNothing) {
  EXPECT_EQ(text("</div></p>a<div><b>b</div>c</b></i>d"), "a\nb\ncd");
  EXPECT_EQ(text("<nav>n</nav></nav>x", TextPart::main), "x");
  std::string deep;
  for (int i = 0; i < 20'000; ++i) deep += "<div>";
  deep += "end";
  for (int i = 0; i < 20'000; ++i) deep += "</div>";
  EXPECT_EQ(text(deep + "behind"), "end\nbehind");
  EXPECT_THAT(text(""), IsEmpty());
}

TEST(PageText, XhtmlElementsMayCloseThemselves) {
  EXPECT_EQ(read("<script src='x'/>a<div hidden='hidden'/>b", TextPart::all, true).text, "a\nb");
  EXPECT_EQ(read("<script/>a</script>b").text, "b");
  EXPECT_EQ(read("<p><![CDATA[a &amp; b]]></p>", TextPart::all, true).text, "a &amp; b");
  EXPECT_EQ(read("<html xml:lang='de'/>", TextPart::all, true).language, "de");
}

}  // namespace
}  // namespace trawl::web
