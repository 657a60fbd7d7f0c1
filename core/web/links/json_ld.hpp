#pragma once
// The URLs of JSON-LD in a page: <script type="application/ld+json">, as search engines read
// schema.org's vocabulary from it. No context is fetched or expanded: names are taken as written.

#include "core/web/links/links.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace trawl::web {

struct JsonLdUrl {
  std::string url;  // absolute, or relative to the page
  LinkKind kind = LinkKind::other;
  std::string_view key;  // the member's name; static storage
};

// True for the value of a script's type attribute that makes it JSON-LD.
bool is_json_ld(std::string_view type);

// In order; nothing when the text is no JSON. Pictures and media (image, logo, contentUrl, …) are
// `embed`, pages (url, item, mainEntityOfPage, …) `page`; names of things (@id, sameAs) are
// `other`. Linear, bounded depth.
std::vector<JsonLdUrl> json_ld_urls(std::string_view text);

}  // namespace trawl::web
