#include "service/demo/site.hpp"

#include <gmock/gmock.h>

#include <deque>
#include <regex>
#include <set>

namespace trawl::service::demo {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view origin = "http://127.0.0.1:1";

std::string text(const Site& site, std::string_view path) {
  return site.answer(path, origin).body;
}

// The site as a crawler finds it: href and src from "/", nothing under /private/.
std::set<std::string> walked(const Site& site) {
  static const std::regex link{R"((?:href|src)=\"([^\"]+)\")"};
  std::set<std::string> seen{"/"};
  std::deque<std::string> queue{"/"};
  while (!queue.empty()) {
    const auto answer = site.answer(queue.front(), origin);
    queue.pop_front();
    if (!answer.content_type.starts_with("text/html")) continue;
    for (std::sregex_iterator at{answer.body.begin(), answer.body.end(), link}, end; at != end;
         ++at) {
      const std::string target = (*at)[1];
      EXPECT_THAT(target, StartsWith("/"));
      if (!target.starts_with("/private/") && seen.insert(target).second) queue.push_back(target);
    }
  }
  return seen;
}

}  // namespace

TEST(DemoSite, EveryPageAndAssetIsReachedByFollowingLinks) {
  for (const std::size_t pages : {1u, 2u, 10u, 11u, 12u, 200u}) {
    const Site site{pages};
    const auto reachable = site.reachable();
    const std::set<std::string> expected{reachable.begin(), reachable.end()};
    EXPECT_EQ(expected.size(), reachable.size());
    EXPECT_EQ(walked(site), expected) << pages;
    std::size_t html = 0;
    for (const auto& path : reachable) {
      const auto answer = site.answer(path, origin);
      html += answer.status == 200 && answer.content_type.starts_with("text/html") ? 1 : 0;
      EXPECT_EQ(answer.status, path == "/latest"               ? 301
                               : path == "/guide/removed.html" ? 404
                                                               : 200)
          << path;
    }
    EXPECT_EQ(html, pages);
  }
}

TEST(DemoSite, PagesDifferAndComeOutTheSameEachTime) {
  const Site site;
  std::set<std::string> bodies;
  std::set<std::string> etags;
  for (std::size_t page = 0; page < site.pages(); ++page) {
    const auto answer = site.answer(Site::page_path(page), origin);
    bodies.insert(answer.body);
    etags.insert(answer.etag);
    EXPECT_EQ(answer.body, Site{}.answer(Site::page_path(page), "http://other").body);
  }
  EXPECT_EQ(bodies.size(), 200u);
  EXPECT_EQ(etags.size(), 200u);
}

TEST(DemoSite, RobotsDisallowsThePrivatePageAndNamesTheSitemap) {
  const Site site{3};
  EXPECT_THAT(text(site, "/robots.txt"), HasSubstr("User-agent: *\nDisallow: /private/\n"));
  EXPECT_THAT(text(site, "/robots.txt"), HasSubstr("Sitemap: http://127.0.0.1:1/sitemap.xml\n"));
  EXPECT_THAT(text(site, "/sitemap.xml"),
              HasSubstr("<loc>http://127.0.0.1:1/guide/chapter-1/section-1.html</loc>"));
  EXPECT_THAT(text(site, "/"), HasSubstr("href=\"/private/notes.html\""));
  EXPECT_EQ(site.answer("/private/notes.html", origin).status, 200);
}

TEST(DemoSite, OnlyItsOwnPathsExist) {
  const Site site{12};
  EXPECT_EQ(site.answer("/guide/chapter-2/?q=1", origin).status, 200);
  for (const char* path :
       {"", "//", "/guide", "/guide/chapter-0/", "/guide/chapter-02/", "/guide/chapter-3/",
        "/guide/chapter-2", "/guide/chapter-2/section-0.html", "/guide/chapter-1/section-10.html",
        "/guide/chapter-2/section-1.html", "/guide/chapter--1/", "/guide/chapter-1/section-1.html/",
        "/guide/chapter-99999999999999999999/", "/guide/chapter-18446744073709551615/",
        "/figures/chapter-3.svg", "/figures/chapter-.svg", "/../etc/passwd"})
    EXPECT_EQ(site.answer(path, origin).status, 404) << path;
}

TEST(DemoSite, TheMarkIsAPng) {
  const auto answer = Site{}.answer("/static/mark.png", origin);
  EXPECT_EQ(answer.content_type, "image/png");
  EXPECT_THAT(answer.body, StartsWith("\x89PNG\r\n\x1a\n"));
}

TEST(DemoSite, ItsSizeIsBounded) {
  EXPECT_EQ(Site{0}.pages(), 1u);
  EXPECT_EQ(Site{1'000'000'000}.pages(), pages_max);
}

}  // namespace trawl::service::demo
