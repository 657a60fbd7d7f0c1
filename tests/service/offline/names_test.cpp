#include "service/offline/names.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace trawl::service {
namespace {

TEST(OfflineName, PagesAndStyleSheetsEndAsBrowsersExpect) {
  using enum OfflineType;
  EXPECT_EQ(offline_name("https://e.org/", html), "offline/e.org/index.html");
  EXPECT_EQ(offline_name("https://e.org/a.html", html), "offline/e.org/a.html");
  EXPECT_EQ(offline_name("https://e.org/about", html), "offline/e.org/about~.html");
  EXPECT_EQ(offline_name("https://e.org/p.php", html), "offline/e.org/p.php~.html");
  EXPECT_EQ(offline_name("https://e.org/p.php", css), "offline/e.org/p.php~.css");
  EXPECT_EQ(offline_name("https://e.org/x.xhtml", xhtml), "offline/e.org/x.xhtml");
  EXPECT_EQ(offline_name("https://e.org/logo", svg), "offline/e.org/logo~.svg");
  EXPECT_EQ(offline_name("https://e.org/logo.png", other), "offline/e.org/logo.png");
  EXPECT_EQ(offline_name("https://e.org/file", other), "offline/e.org/file~");
}

TEST(OfflineName, TypesAreKnownByTheirEssence) {
  EXPECT_EQ(offline_type("text/html"), OfflineType::html);
  EXPECT_EQ(offline_type("application/xhtml+xml"), OfflineType::xhtml);
  EXPECT_EQ(offline_type("text/plain"), OfflineType::other);
  EXPECT_EQ(offline_type(""), OfflineType::other);
}

TEST(OfflineName, UrlsOfAllTypesDoNotMeet) {
  std::mt19937 random(11);
  constexpr std::string_view pieces[] = {"a", "A",     ".",    "~",      "/",
                                         "?", ".html", ".css", "~.html", "%C3%84"};
  std::set<std::string> urls{"https://e.org/a.php", "https://e.org/a.php.html",
                             "https://e.org/a.php~.html", "https://e.org/a.php~"};
  for (int i = 0; i < 20'000; ++i) {
    std::string url = "https://e.org/";
    for (auto length = random() % 5; length > 0; --length)
      url += pieces[random() % std::size(pieces)];
    urls.insert(url);
  }
  std::set<std::string> names;
  std::set<std::string> folders;
  for (const std::string& url : urls) {
    // Each URL has one type; which one must not matter.
    const auto type = static_cast<OfflineType>(random() % 5);
    std::string name = offline_name(url, type);
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
    EXPECT_TRUE(names.insert(name).second) << url << " -> " << name;
    for (auto slash = name.find('/'); slash != name.npos; slash = name.find('/', slash + 1))
      folders.insert(name.substr(0, slash));
  }
  for (const std::string& name : names) EXPECT_FALSE(folders.contains(name)) << name;
}

TEST(OfflineName, TheWayBetweenTwoFilesIsARelativeUrl) {
  EXPECT_EQ(relative_link("offline/h/a.html", "offline/h/b.html"), "b.html");
  EXPECT_EQ(relative_link("offline/h/a.html", "offline/h/d/b.html"), "d/b.html");
  EXPECT_EQ(relative_link("offline/h/d/a.html", "offline/h/b.html"), "../b.html");
  EXPECT_EQ(relative_link("offline/h/d/a.html", "offline/i/x/b.html"), "../../i/x/b.html");
  EXPECT_EQ(relative_link("offline/h/ab.html", "offline/h/abc.html"), "abc.html");
  EXPECT_EQ(relative_link("offline/h/a.html", "offline/h/x%20y,z.png"), "x%2520y%2Cz.png");
}

}  // namespace
}  // namespace trawl::service
