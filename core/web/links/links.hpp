#pragma once
// Finds the links of an HTML page as a browser without scripts would: WHATWG tokenisation, no tree.
// Input is UTF-8 (see content.hpp for charsets); output URLs are absolute, in document order.

#include "core/web/robots/robots_tag.hpp"
#include "core/web/url/url.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::web {

enum class LinkKind : std::uint8_t {
  page,
  embed,
  style,
  script,
  redirect,
  canonical,
  alternate,
  feed,
  other
};
std::string_view to_string(LinkKind kind);

struct Link {
  std::string url;  // absolute, serialised, fragment kept
  LinkKind kind = LinkKind::page;
  std::string_view tag;        // lower-case element name; static storage
  std::string_view attribute;  // lower-case attribute name, or JSON-LD's member; static storage
  std::string rel;             // the rel attribute as written
  bool nofollow = false;       // rel has nofollow, ugc or sponsored
};

struct PageLinks {
  std::vector<Link> links;
  std::string title;        // white space collapsed, at most limits::title_bytes_max, valid UTF-8
  std::string base_url;     // after <base href>
  RobotsDirectives robots;  // <meta name=robots|TOKEN content=...>
  bool links_cut = false;   // more than limits::links_per_page_max
};

// html: UTF-8, never copied. robots_token: product token for <meta name=TOKEN>. charset: what the
// page was encoded in (Encoding standard's name; empty for UTF-8): browsers send queries in it.
// Linear time, no recursion. Never fails: any bytes are a page.
PageLinks extract_links(std::string_view html, const Url& base, std::string_view robots_token = {},
                        std::string_view charset = {});

// The links of a style sheet: url() and @import, with escapes.
std::vector<Link> extract_css_links(std::string_view css, const Url& base);

}  // namespace trawl::web
