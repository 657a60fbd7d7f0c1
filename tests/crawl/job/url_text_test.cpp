#include "core/crawl/job/url_text.hpp"

#include <gtest/gtest.h>

namespace trawl::crawl {

TEST(UrlText, UserAndPasswordAreLeftOut) {
  EXPECT_EQ(without_userinfo("http://eve:pass@h/x@y"), "http://h/x@y");
  EXPECT_EQ(without_userinfo("http://eve@h"), "http://h");
  EXPECT_EQ(without_userinfo("http://h/a@b"), "http://h/a@b");
  EXPECT_EQ(without_userinfo("htp://a:b@c:d@h?e"), "htp://h?e");
  EXPECT_EQ(without_userinfo("/relative@x"), "/relative@x");
}

TEST(UrlText, APasswordIsHiddenInWhatIsNoUrlToo) {
  EXPECT_EQ(without_user("eve:pass@h/f"), "h/f");
  EXPECT_EQ(without_user("http://eve:pa/ss@h/"), "http://h/");
  EXPECT_EQ(without_user("https:/eve:pass@ho"), "https:/ho");
  EXPECT_EQ(without_user("https:///eve:pa#ss@ho"), "https:///ho");
  EXPECT_EQ(without_user("http://h:99999/x?mail=a@b"), "http://h:99999/x?mail=a@b");
  EXPECT_EQ(without_user("http://h/a@b"), "http://h/a@b");
  EXPECT_EQ(line_shown("eve:pass@h/f out=x"), "h/f out=x");
  EXPECT_EQ(line_excerpt(R"({"url":"eve:pass@h/f"})", "list:1"), R"({"url":"h/f"})");
}

TEST(UrlText, ALinesExcerptHasNeitherHeadersNorBody) {
  EXPECT_EQ(line_excerpt(R"({"url":"http://h/"})", "list:1"), R"({"url":"http://h/"})");
  EXPECT_EQ(line_excerpt(R"({"url":"http://h/","headers":{"Cookie":"secret"}})", "list:2"),
            R"({"url":"http://h/","… (list:2))");
  EXPECT_EQ(line_excerpt(R"({"Body":"secret")", "list:3"), R"({"… (list:3))");
  EXPECT_EQ(line_excerpt(R"({"urls":["http://a:b@c","http://d:e@f/g@h"])", "list:6"),
            R"({"urls":["http://c","http://f/g@h"])");
  EXPECT_EQ(line_excerpt(std::string(290, 'x') + "http://a:secret@h/", "list:7"),
            std::string(290, 'x') + "http://… (list:7)");
  // A name may be hidden behind escapes.
  EXPECT_EQ(line_excerpt(R"({"\u0068eaders":{"Cookie":"secret"}})", "list:4"), R"({"… (list:4))");
  EXPECT_EQ(line_excerpt(std::string(1000, 'x'), "list:5"), std::string(300, 'x') + "… (list:5)");
}

}  // namespace trawl::crawl
