#pragma once
// The links of an answer's header: Link (RFC 8288) and Refresh (HTML standard, section 7.5.6).

#include "core/web/links/links.hpp"
#include "core/web/robots/robots_tag.hpp"
#include "core/web/url/url.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trawl::web {

// A link-value as written: the target between its angle brackets, and of each parameter the first.
struct LinkValue {
  std::string_view target;
  std::optional<std::string> rel, anchor, type, imagesrcset;
};

// The links of one Link value, in order (RFC 8288, appendix B.2). What is malformed is read over up
// to the next comma; never fails. Linear.
std::vector<LinkValue> parse_link_header(std::string_view value);

// Name and value, as http::Headers has them; names in any case.
using HeaderFields = std::span<const std::pair<std::string, std::string>>;

// The http(s) links of a header, in its order: kinds as for <link> and <meta http-equiv=refresh>,
// tag "http", attribute "link" or "refresh". A link whose anchor is another resource says nothing
// about this one: its kind is `other`. page: the URL of the answer, which <base> does not change.
// At most limits::links_per_page_max.
std::vector<Link> header_links(HeaderFields fields, const Url& page);

// What all the X-Robots-Tag lines ask of us.
RobotsDirectives header_robots(HeaderFields fields, std::string_view robots_token);

}  // namespace trawl::web
