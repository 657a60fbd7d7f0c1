#include "core/web/links/css.hpp"

#include "core/web/links/links.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace trawl::web {
namespace {

std::vector<std::string> urls(std::string_view css) {
  std::vector<std::string> found;
  for (const Link& link : extract_css_links(css, *Url::parse("http://h/d/s.css"))) {
    found.push_back(link.url);
  }
  return found;
}

using Urls = std::vector<std::string>;

TEST(Css, UrlsAreFoundQuotedAndUnquoted) {
  EXPECT_EQ(urls("a{b:url(x.png) url( 'y.png' ) URL(\"z.png\")}"),
            (Urls{"http://h/d/x.png", "http://h/d/y.png", "http://h/d/z.png"}));
}

TEST(Css, ImportsAreStyleSheets) {
  const auto links = extract_css_links("@import 'a.css';@IMPORT url(b.css) print;p{c:url(d)}",
                                       *Url::parse("http://h/"));
  ASSERT_EQ(links.size(), 3U);
  EXPECT_EQ(links[0].kind, LinkKind::style);
  EXPECT_EQ(links[0].url, "http://h/a.css");
  EXPECT_EQ(links[1].kind, LinkKind::style);
  EXPECT_EQ(links[2].kind, LinkKind::embed);
}

TEST(Css, StringsAndCommentsHideUrls) {
  EXPECT_EQ(urls("/* url(a) */ p{content:'url(b)'} /* open url(c)"), Urls{});
  EXPECT_EQ(urls("/**/p{x:url(a)}/***/"), Urls{"http://h/d/a"});
}

TEST(Css, EscapesAreRead) {
  EXPECT_EQ(urls("p{x:url(a\\29 b)}"), Urls{"http://h/d/a)b"});
  EXPECT_EQ(urls("p{x:u\\72l(a)}"), Urls{"http://h/d/a"});
  EXPECT_EQ(urls("p{x:url('a\\\nb')}"), Urls{"http://h/d/ab"});
  EXPECT_EQ(urls("@\\69mport 'a'"), Urls{"http://h/d/a"});
}

TEST(Css, BadUrlsAreSkippedToTheirEnd) {
  EXPECT_EQ(urls("p{x:url(a b) url(c\"d) url(e(f) url(g)}"), Urls{"http://h/d/g"});
  EXPECT_EQ(urls("p{x:url('a\n) ; y:url(b)}"), Urls{"http://h/d/b"});
}

TEST(Css, OtherFunctionsAndNamespacesAreNoLinks) {
  EXPECT_EQ(urls("p{x:myurl(a) -url(b) #url(c)}"), Urls{});
  EXPECT_EQ(urls("@namespace svg url(http://www.w3.org/2000/svg);p{x:url(a)}"),
            Urls{"http://h/d/a"});
}

TEST(Css, StringsOfAnImageSetAreUrls) {
  EXPECT_EQ(urls("p{x:image-set('a.png' 1x,url(b.png) 2x , \"c.png\" type('image/png') 3x);y:'d'}"),
            (Urls{"http://h/d/a.png", "http://h/d/b.png", "http://h/d/c.png"}));
  EXPECT_EQ(urls("p{x:image-set(url('a') 1x,'b' 2x);y:image-set(f(url(\"c\"),'d') 1x)}"),
            (Urls{"http://h/d/a", "http://h/d/b", "http://h/d/c"}));
  EXPECT_EQ(urls("p{x:-webkit-IMAGE-SET( 'a' 1x)}"), Urls{"http://h/d/a"});
  EXPECT_EQ(urls("p{x:image-set('a' 1x;content:'b'}q{content:'c'}"), Urls{"http://h/d/a"});
  EXPECT_EQ(urls("p{x:image-set(linear-gradient('a'),'b' 2x)}"), Urls{"http://h/d/b"});
  EXPECT_EQ(urls("p{x:inset('a') offset('b')}"), Urls{});
}

TEST(Css, TheSheetsEndClosesWhatIsOpen) {
  EXPECT_EQ(urls("p{x:url(a"), Urls{"http://h/d/a"});
  EXPECT_EQ(urls("p{x:url('a"), Urls{"http://h/d/a"});
  EXPECT_EQ(urls("p{x:url("), Urls{});
  EXPECT_EQ(urls("@import \"a\\"), Urls{"http://h/d/a"});
}

TEST(Css, DataUrlsAreDropped) {
  EXPECT_EQ(urls("p{x:url(data:image/png;base64,AAAA)}"), Urls{});
}

}  // namespace
}  // namespace trawl::web
