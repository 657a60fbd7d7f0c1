#pragma once
// What a selector finds on a page, in a time that grows with the page's length and the selector's,
// whatever the page.

#include "core/web/select/css_selector.hpp"
#include "core/web/select/tree_elements.hpp"

#include <vector>

namespace trawl::web::css {

// Of each element of the page, whether it is in the set.
using ElementSet = std::vector<bool>;

// The elements that the path leads to.
ElementSet find(const Path& path, const TreeElements& page);

}  // namespace trawl::web::css
