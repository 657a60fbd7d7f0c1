#pragma once
// The title of a page, as a line of text.

#include <string>
#include <string_view>

namespace trawl::web {

// raw: the text of <title>, as written. References are decoded, white space is stripped and
// collapsed, malformed bytes become U+FFFD; at most limits::title_bytes_max bytes.
std::string page_title(std::string_view raw);

}  // namespace trawl::web
