#pragma once
// The built-in web site: the manual of a library that doesn't exist, made up page by page. It has
// what a crawler meets: navigation, cross references, images, a style sheet, a redirect, a dead
// link, a page that robots.txt disallows, a sitemap. Pure: the same numbers give the same bytes.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::service::demo {

inline constexpr std::size_t pages_default = 200;
inline constexpr std::size_t pages_max = 100'000;

struct Answer {
  int status = 200;
  std::string content_type;
  std::string body;
  std::string location;  // of a redirect
  std::string etag;      // quoted, of a 200
};

class Site {
 public:
  // pages: of HTML, the home page included; clamped to 1..pages_max.
  explicit Site(std::size_t pages = pages_default);

  std::size_t pages() const { return pages_; }
  std::size_t chapters() const;

  // target: path and query as in a request line; the query is ignored. origin ("http://host:port")
  // goes into the sitemap, which needs absolute URLs.
  Answer answer(std::string_view target, std::string_view origin) const;

  // Every path that a polite crawler from "/" ends up fetching, each once, in no particular order:
  // pages, assets, the redirect and the dead link; not robots.txt and the sitemap.
  std::vector<std::string> reachable() const;

  // "/", "/guide/chapter-3/" or "/guide/chapter-3/section-4.html" for numbers below pages().
  static std::string page_path(std::size_t page);

 private:
  std::string page(std::size_t number) const;
  std::string home() const;
  std::string sitemap(std::string_view origin) const;

  std::size_t pages_;
};

}  // namespace trawl::service::demo
