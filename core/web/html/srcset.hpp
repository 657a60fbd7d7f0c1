#pragma once
// URLs inside attribute values that hold more than a URL.

#include <optional>
#include <string_view>

namespace trawl::web {

// Takes the next image URL of a srcset value (HTML standard, section 4.8.4.2.1: parse a srcset
// attribute); empty at the end. Descriptors are read over, also wrong ones: the URL counts.
std::string_view next_srcset_url(std::string_view& rest);

// The URL of a <meta http-equiv=refresh> content value (HTML standard, section 4.2.5.3: shared
// declarative refresh steps); nothing when the page only reloads itself.
std::optional<std::string_view> refresh_url(std::string_view content);

}  // namespace trawl::web
