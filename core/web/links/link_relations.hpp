#pragma once
// What the rel attribute of link, a, area and form says about a link.

#include "core/web/links/links.hpp"

#include <optional>
#include <string_view>

namespace trawl::web {

// The kind of <link rel=... type=...>.
LinkKind link_kind(std::string_view rel, std::string_view type);

// True when rel asks not to follow: nofollow, ugc, sponsored.
bool says_nofollow(std::string_view rel);

}  // namespace trawl::web
