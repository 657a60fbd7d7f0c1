#include "core/crawl/scope/url_shape.hpp"

#include <gtest/gtest.h>

namespace trawl::crawl {
namespace {

std::string shape(std::string_view target) {
  return url_shape(web::Url::parse(std::string("http://h").append(target)).value());
}

TEST(UrlShape, KeepsTheFirstFolderAndTellsTheRestByItsKind) {
  EXPECT_EQ(shape("/"), "/");
  EXPECT_EQ(shape("/about.html"), "/{w}.html");
  EXPECT_EQ(shape("/library/asyncio-task.html"), "/library/{w}.html");
  EXPECT_EQ(shape("/wiki/Foo"), "/wiki/{w}");
  EXPECT_EQ(shape("/wiki/"), "/wiki/");
  EXPECT_EQ(shape("/news/2024-05-06/story"), "/news/{date}/{w}");
  EXPECT_EQ(shape("/item/12345"), "/item/{n}");
  EXPECT_EQ(shape("/c/3f2504e0-4f89-11d3-9a0c-0305e82c3301"), "/c/{hex}");
  EXPECT_EQ(shape("/c/dGhpcyBpcyBhIHRva2Vu1"), "/c/{token}");
  EXPECT_EQ(shape("/3f2504e04f8911d39a0c/home"), "/{hex}/{w}");
  EXPECT_EQ(shape("/page12/x"), "/page{n}/{w}");
}

TEST(UrlShape, APathThatGrowsStaysOfOneShape) {
  EXPECT_EQ(shape("/maze/a/b"), "/maze/{w+}");
  EXPECT_EQ(shape("/maze/a/b/c/d/e/f"), "/maze/{w+}");
  EXPECT_EQ(shape("/cal/2024/05/06"), "/cal/{n+}");
  EXPECT_EQ(shape("/cal/2024/may/06"), "/cal/{n}/{w}/{n}");
}

TEST(UrlShape, ParametersAreSortedAndKnownByTheirNames) {
  EXPECT_EQ(shape("/index.php?id=5&b=x"), "/index.php?b={w}&id={n}");
  EXPECT_EQ(shape("/index.php?b=y&id=7"), shape("/index.php?id=5&b=x"));
  EXPECT_EQ(shape("/shop?sid=0123456789abcdef"), "/shop?sid={hex}");
  EXPECT_EQ(shape("/shop?flag&empty="), "/shop?empty&flag");
  EXPECT_EQ(shape("/x?f[0]=a&f[1]=b"), "/x?f[{n}]={w}");
  EXPECT_EQ(shape("/x?" + std::string("a=1&b=1&c=1&d=1&e=1&f=1&g=1&h=1&i=1")),
            "/x?a={n}&b={n}&c={n}&d={n}&e={n}&f={n}&g={n}&h={n}&{p}");
}

TEST(UrlShape, PathParametersAreLeftOut) {
  EXPECT_EQ(shape("/shop/item.jsp;jsessionid=1A2B3C4D5E6F"), "/shop/{w}.jsp;{p}");
  EXPECT_EQ(shape("/start.jsp;jsessionid=1A2B3C?x=1"), "/start.jsp?x={n}");
}

TEST(UrlShape, IsBounded) {
  std::string query = "/x?";
  for (int i = 0; i < 8; ++i) query += std::string(31, static_cast<char>('a' + i)) + "&";
  EXPECT_LE(shape(query).size(), 256U);
}

}  // namespace
}  // namespace trawl::crawl
