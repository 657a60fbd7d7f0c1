#pragma once
// The shape of a URL: what it has in common with others of its kind, for telling how much each kind
// brings. The rules and examples are in docs/traps.md.

#include "core/web/url/url.hpp"

#include <string>

namespace trawl::crawl {

// "/calendar/{n+}", "/shop?colour={w}&page={n}", "/{w}.html". Path first, then a "?" when there is
// a query, its keys sorted. At most limits::url_shape_bytes_max bytes. O(length).
std::string url_shape(const web::Url& url);

}  // namespace trawl::crawl
