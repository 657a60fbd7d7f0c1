// One <link> may have many relations; the one that says most about what a crawler gets decides:
// a style sheet before a feed before an icon, and "alternate stylesheet" is a style sheet.

#include "core/web/links/link_relations.hpp"

#include "core/web/ascii.hpp"

#include <algorithm>
#include <array>

namespace trawl::web {
namespace {

template <std::size_t count>
bool is_one_of(std::string_view token, const std::array<std::string_view, count>& names) {
  return std::ranges::any_of(names, [token](auto name) { return ascii::equals(token, name); });
}

constexpr std::array feed_types =
    std::to_array<std::string_view>({"application/rss+xml", "application/atom+xml",
                                     "application/feed+json", "application/rdf+xml"});

constexpr std::array embed_relations = std::to_array<std::string_view>(
    {"icon", "apple-touch-icon", "apple-touch-icon-precomposed", "apple-touch-startup-image",
     "mask-icon", "fluid-icon", "image_src", "preload", "modulepreload", "prefetch", "manifest"});

// Pages that a reader is led to (the HTML standard's hyperlink types, and HTML 4's).
constexpr std::array page_relations = std::to_array<std::string_view>(
    {"next",    "prev",       "previous",  "first",          "last",
     "start",   "up",         "top",       "home",           "contents",
     "toc",     "index",      "glossary",  "appendix",       "chapter",
     "section", "subsection", "copyright", "license",        "help",
     "author",  "bookmark",   "prerender", "privacy-policy", "terms-of-service",
     "search"});

bool is_feed_type(std::string_view type) {
  return is_one_of(ascii::trim(type.substr(0, type.find(';'))), feed_types);
}

}  // namespace

LinkKind link_kind(std::string_view rel, std::string_view type) {
  bool alternate = false;
  bool canonical = false;
  bool embed = false;
  bool page = false;
  while (true) {
    const std::string_view token = ascii::next_token(rel);
    if (token.empty()) break;
    if (ascii::equals(token, "stylesheet")) return LinkKind::style;
    if (ascii::equals(token, "feed")) return LinkKind::feed;
    if (ascii::equals(token, "alternate")) {
      alternate = true;
    } else if (ascii::equals(token, "canonical")) {
      canonical = true;
    } else if (is_one_of(token, embed_relations)) {
      embed = true;
    } else if (is_one_of(token, page_relations)) {
      page = true;
    }
  }
  if (canonical) return LinkKind::canonical;
  if (alternate) return is_feed_type(type) ? LinkKind::feed : LinkKind::alternate;
  if (embed) return LinkKind::embed;
  return page ? LinkKind::page : LinkKind::other;
}

bool says_nofollow(std::string_view rel) {
  static constexpr std::array names =
      std::to_array<std::string_view>({"nofollow", "ugc", "sponsored"});
  while (true) {
    const std::string_view token = ascii::next_token(rel);
    if (token.empty()) return false;
    if (is_one_of(token, names)) return true;
  }
}

}  // namespace trawl::web
