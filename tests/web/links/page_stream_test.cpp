// A page in pieces has the links of the whole.
#include "core/web/links/page_stream.hpp"

#include "core/base/limits.hpp"
#include "core/web/charset/content.hpp"
#include "core/web/links/style_stream.hpp"

#include <gtest/gtest.h>

#include <string>

namespace trawl::web {
namespace {

const Url base = *Url::parse("http://host.example/folder/page");

std::string text_of(const PageLinks& page) {
  std::string out = page.title + "|" + page.base_url + "|" + std::string(to_string(page.robots));
  for (const Link& link : page.links) {
    out.append("\n").append(link.tag).append(" ").append(link.attribute).append(" ");
    out.append(to_string(link.kind)).append(" ").append(link.url).append(" ").append(link.rel);
  }
  return out;
}

// Read by PageReader in pieces of `size` bytes, as PageStream does with larger ones.
PageLinks in_pieces(const std::string& html, std::size_t size) {
  PageReader reader("trawl");
  std::string waiting;
  for (std::size_t at = 0; at < html.size(); at += size) {
    waiting += html.substr(at, size);
    // A copy of its own, so that a view into it that was kept is found by the sanitizer.
    const std::string piece = waiting;
    waiting.erase(0, reader.read(piece, false));
  }
  reader.read(waiting, true);
  return resolve_links(reader, base, "UTF-8");
}

const std::string page = R"html(<!doctype html><html><head><title>A &amp; <b>B</title>
<meta name=robots content="noindex"><base href="/b&amp;ase/"><!-- <a href=no> -- > --><link
rel="stylesheet next" href='s.css'><style>@import "i.css"; a{background:url(a\.png)}</style>
<script>"<a href=no></scrip" <!-- <script> </script> <a href=no> --></script>
<script type="application/ld+json">{"url": "ld", "image": ["i1", "i2"]}</script></head>
<body background=bg.png><a href=1?x=1&amp;y=2 rel="nofollow next">x</a><template><a href=no>
</template><svg><style>a{fill:url(&quot;f.svg&quot;)}</style><a xlink:href="svg"><![CDATA[<a
href=no>]]></a><title><a href=in-title></title></svg><textarea><a href=no></textarea>
<img srcset="a.png 1x, b.png 2x" src=c.png style="background:url(d.png)"><iframe src=f><a href=no>
</iframe><math><a href=m></a></math>< a href=no><a href="2"<a href='3'></a/><plaintext><a href=no>)html";

TEST(PageStream, PiecesOfAnySizeHaveTheLinksOfTheWhole) {
  const std::string whole = text_of(extract_links(page, base, "trawl"));
  EXPECT_EQ(whole.find("no\n"), std::string::npos);
  for (std::size_t size = 1; size <= page.size() + 1; ++size)
    ASSERT_EQ(text_of(in_pieces(page, size)), whole) << size;
}

// A kind of link, or one that may be followed, counts beside another to the same page.
TEST(PageStream, RepeatsAreLeftOutWhereTheyAreNotWanted) {
  PageStream stream({.essence = "text/html"}, "trawl");
  stream.skip_repeats();
  const PageLinks found = stream.finish(
      base,
      "<a href=a#1>1</a><a href=a#2>2</a><a rel=nofollow href=a>3</a><img src=a><a href=a>4</a>"
      "<a href=#here>5</a><a href=#there>6</a><a href=b>7</a><a href=b>8</a><a href=/b>9</a>");
  std::string links;
  for (const Link& link : found.links) {
    links.append(link.url).append(link.nofollow ? " nofollow " : " ");
    links.append(to_string(link.kind)).append("\n");
  }
  EXPECT_EQ(links,
            "http://host.example/folder/a#1 page\n"
            "http://host.example/folder/a nofollow page\n"
            "http://host.example/folder/a embed\n"
            "http://host.example/folder/page#here page\n"
            "http://host.example/folder/b page\n"
            "http://host.example/b page\n");
}

TEST(PageStream, RepeatsThatAreLeftOutDontCount) {
  std::string html = "<base href='http://h/" + std::string(7'000, 'b') + "/'>";
  for (int i = 0; i < 40'000; ++i) html += "<a href=a>";
  PageStream stream({.essence = "text/html"}, "trawl");
  stream.skip_repeats();
  const PageLinks found = stream.finish(base, html);
  EXPECT_EQ(found.links.size(), 1U);
  EXPECT_FALSE(found.links_cut);
}

TEST(PageStream, ABaseOfAnEarlierPieceIsKeptWithItsReferencesDecoded) {
  const std::string filler(300, 'x');
  EXPECT_EQ(in_pieces("<base href='/a-long-folder-name-&amp;-more/'>" + filler + "<a href=b>", 64)
                .base_url,
            "http://host.example/a-long-folder-name-&-more/");
}

// Several mebibytes of sections around the page's beginning.
std::string long_page(const std::string& head, const std::string& section, int count) {
  std::string html = head;
  for (int i = 0; i < count; ++i) html += section + "<a href=/" + std::to_string(i) + ">x</a>\n";
  return html;
}

struct Streamed {
  PageLinks page;
  std::string charset;
};

Streamed streamed(const std::string& body, std::string_view charset, std::size_t block) {
  PageStream stream({"text/html", std::string(charset)}, "trawl");
  for (std::size_t at = 0; at < body.size(); at += block)
    stream.feed(std::string_view(body).substr(at, block));
  Streamed result{stream.finish(base), {}};
  result.charset = stream.charset();
  return result;
}

void expect_like_the_whole(const std::string& body, std::string_view charset) {
  const std::string found = detect_charset(body, charset);
  std::string storage;
  const PageLinks whole = extract_links(to_utf8(body, found, storage), base, "trawl", found);
  for (const std::size_t block : {1'000UL, 65'536UL, 3'000'000UL}) {
    const Streamed got = streamed(body, charset, block);
    EXPECT_EQ(got.charset, found);
    EXPECT_TRUE(text_of(got.page) == text_of(whole)) << found << " " << block;
    EXPECT_FALSE(got.page.links_cut);
  }
}

TEST(PageStream, ALongPageIsReadLikeAShortOne) {
  const std::string filler(3'000, 'x');
  expect_like_the_whole(long_page(page.substr(0, page.find("<plaintext>")), filler, 1'500), "");
}

TEST(PageStream, ALongPageOfAnyCharsetIsReadLikeAShortOne) {
  const std::string filler(3'000, 'x');
  expect_like_the_whole(long_page("<title>\xE9</title>", filler, 1'000), "");
  expect_like_the_whole(long_page("<meta charset=koi8-r>", "<a href=/\xC1?\xC1>" + filler, 1'000),
                        "");
  expect_like_the_whole(long_page("<title>\xC3\xA9</title>", "<a href=/\xC3\xA9>" + filler, 1'000),
                        "");
  expect_like_the_whole(long_page("<title>x</title>", "<a href=/\x82\xA0>" + filler, 1'000),
                        "shift_jis");
  std::string wide = "\xFF\xFE";
  for (const char c : long_page("<title>x</title>", filler, 400)) wide += {c, '\0'};
  expect_like_the_whole(wide, "");
}

TEST(PageStream, WithoutADeclarationTheFirstLettersBeyondAsciiDecide) {
  const std::string ascii = long_page("<title>x</title>", std::string(3'000, 'x'), 500);
  EXPECT_EQ(streamed(ascii, "", 65'536).charset, "UTF-8");
  expect_like_the_whole(ascii + "<a href=/\xC3\xA9>", "");
  expect_like_the_whole(ascii + "<a href=/\xE9> end", "");
}

TEST(PageStream, ATokenThatDoesNotEndCutsThePageThere) {
  std::string body = "<a href=/first>";
  const std::string block(8 * 1024 * 1024, 'x');
  PageStream stream({"text/html", "utf-8"}, "");
  stream.feed(body + "<!-- ");
  for (int i = 0; i < 10; ++i) stream.feed(block);
  stream.feed("--><a href=/last>");
  const PageLinks got = stream.finish(base);
  EXPECT_EQ(got.links.size(), 1U);
  EXPECT_TRUE(got.links_cut);
}

TEST(PageStream, WhereLinksAreIgnoredTitleRobotsAndCharsetAreTheSame) {
  const std::string text =
      "<meta charset=koi8-r><base href=/b/><title>\xC1 &amp; b</title><meta name=robots "
      "content=noindex><style>a{background:url(x)}</style><a href=/a>a</a><svg><title>no</title>"
      "<style>b{background:url(y)}</style></svg><textarea><meta name=robots content=nofollow>"
      "</textarea><script type=application/ld+json>{\"url\": \"/j\"}</script>"
      "<meta http-equiv=refresh content='0; url=/r'>";
  PageStream all({"text/html", ""}, "trawl");
  const PageLinks with = all.finish(base, text);
  PageStream few({"text/html", ""}, "trawl");
  few.ignore_links();
  const PageLinks without = few.finish(base, text);
  EXPECT_EQ(with.links.size(), 5U);
  EXPECT_TRUE(without.links.empty());
  EXPECT_EQ(without.title, with.title);
  EXPECT_EQ(without.robots.noindex, with.robots.noindex);
  EXPECT_EQ(without.robots.nofollow, with.robots.nofollow);
  EXPECT_EQ(few.charset(), all.charset());
}

TEST(PageStream, TextWithoutTagsIsNoToken) {
  PageStream stream({"text/html", "utf-8"}, "");
  const std::string block(8 * 1024 * 1024, 'x');
  for (int i = 0; i < 10; ++i) stream.feed(block);
  stream.feed("<a href=/last>");
  const PageLinks got = stream.finish(base);
  EXPECT_EQ(got.links.size(), 1U);
  EXPECT_FALSE(got.links_cut);
}

TEST(PageStream, AddressesOfOnePageAreBoundedInBytes) {
  std::string body;
  const std::string tag = "<a href=/" + std::string(100'000, 'a') + ">";
  for (int i = 0; i < 300; ++i) body += tag;
  const PageLinks got = extract_links(body, base);
  EXPECT_EQ(got.links.size(), limits::link_bytes_per_page_max / 100'001);
  EXPECT_TRUE(got.links_cut);
}

TEST(PageStream, InXhtmlAnyTagMayCloseItself) {
  const auto links = [](const char* type) {
    PageStream stream(parse_media_type(type), "");
    std::string out;
    for (const Link& link : stream
                                .finish(base,
                                        "<?xml version='1.0' encoding='koi8-r'?><html><head>"
                                        "<title/><script src='s.js'/><template/></head><body>"
                                        "<![CDATA[<a href='no'>]]><a href='\xC1'/></body></html>")
                                .links)
      out += link.url.substr(27) + " ";
    return out + stream.charset();
  };
  EXPECT_EQ(links("application/xhtml+xml"), "s.js %D0%B0 KOI8-R");
  EXPECT_EQ(links("text/html"), "KOI8-R");
}

// URL standard, section 1.3; as browsers send <a href> of a page that is not UTF-8.
TEST(PageStream, QueriesAreSentInThePagesCharset) {
  const auto href = [](std::string_view url, std::string_view charset) {
    const auto links =
        extract_links("<a href=\"" + std::string(url) + "\">", base, "", charset).links;
    return links.empty() ? std::string{} : links[0].url.substr(19);
  };
  EXPECT_EQ(href("/ü?ü&euro;#ü", "UTF-8"), "/%C3%BC?%C3%BC%E2%82%AC#%C3%BC");
  EXPECT_EQ(href("/ü?ü&euro;#ü", "ISO-8859-15"), "/%C3%BC?%FC%A4#%C3%BC");
  EXPECT_EQ(href("/?\u263A", "windows-1252"), "/?%26%239786%3B");
  EXPECT_EQ(href("/?あ", "Shift_JIS"), "/?%82%A0");
  EXPECT_EQ(href("/?あ", "EUC-JP"), "/?%A4%A2");
  EXPECT_EQ(href("/?€", "GBK"), "/?%80");
  EXPECT_EQ(href("/?あ", "gb18030"), "/?%A4%A2");
  EXPECT_EQ(href("/?가", "EUC-KR"), "/?%B0%A1");
  EXPECT_EQ(href("/?中", "Big5"), "/?%A4%A4");
  EXPECT_EQ(href("/?ü", "UTF-16LE"), "/?%C3%BC");
  EXPECT_EQ(href("/?ソ", "Shift_JIS"), "/?%83\\");
}

TEST(StyleStream, TheCharsetIsTheOneThatTheSheetNames) {
  EXPECT_EQ(style_charset("@charset \"koi8-r\";a{}", ""), "KOI8-R");
  EXPECT_EQ(style_charset("@charset \"koi8-r\";a{}", "latin1"), "windows-1252");
  EXPECT_EQ(style_charset("\xEF\xBB\xBF@charset \"koi8-r\";", "latin1"), "UTF-8");
  EXPECT_EQ(style_charset("@charset \"utf-16\";", ""), "UTF-8");
  EXPECT_EQ(style_charset("@charset 'koi8-r';", ""), "UTF-8");
  EXPECT_EQ(style_charset(" @charset \"koi8-r\";", ""), "UTF-8");
  EXPECT_EQ(style_charset("@charset \"nonsense\";", ""), "UTF-8");
}

TEST(StyleStream, ASheetIsDecodedAsItComes) {
  StyleStream sheet("");
  for (const char c : std::string_view("@charset \"koi8-r\";a{background:url(\xC1.png)}"))
    sheet.feed({&c, 1});
  const PageLinks got = sheet.finish(base);
  ASSERT_EQ(got.links.size(), 1U);
  EXPECT_EQ(got.links[0].url, "http://host.example/folder/%D0%B0.png");
  EXPECT_EQ(sheet.charset(), "KOI8-R");
}

TEST(StyleStream, OnlyTheBeginningOfAHugeSheetIsRead) {
  StyleStream sheet("utf-8");
  sheet.feed("@import 'a';");
  const std::string block(1024 * 1024, ' ');
  for (int i = 0; i < 17; ++i) sheet.feed(block);
  sheet.feed("@import 'b';");
  const PageLinks got = sheet.finish(base);
  EXPECT_EQ(got.links.size(), 1U);
  EXPECT_TRUE(got.links_cut);
}

TEST(PageStream, WithoutLinksOnlyTheHeadIsRead) {
  const auto read = [](std::string_view page) {
    PageStream stream{parse_media_type("text/html"), "trawl"};
    stream.ignore_links();
    return stream.finish(*Url::parse("http://host/"), page);
  };
  constexpr std::string_view noindex = "<meta name=robots content=noindex>";
  const std::string head = "<title>a</title>" + std::string{noindex};
  EXPECT_EQ(read(head + "<body>x").title, "a");
  EXPECT_TRUE(read(head + "<body>x").robots.noindex);
  EXPECT_FALSE(read("<title>a</title><body>" + std::string{noindex}).robots.noindex);
  // What stands in no head counts where there is no other.
  EXPECT_TRUE(read("<title>a</title>" + std::string{noindex} + "<p>x").robots.noindex);
  EXPECT_EQ(read("<body>x<title>b</title>").title, "b");
}

}  // namespace
}  // namespace trawl::web
