#pragma once
// Where a Location field leads.

#include "core/base/result.hpp"
#include "core/web/url/url.hpp"

#include <string_view>

namespace trawl::crawl {

// Fields are bytes and URLs are text: what is no UTF-8 is percent-encoded as it is, since that is
// what the server will look for. Errors: Errc::bad_url.
Result<web::Url> parse_location(std::string_view location, const web::Url& base);

}  // namespace trawl::crawl
