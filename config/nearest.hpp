#pragma once
// The known key that a mistyped one was probably meant to be.

#include <span>
#include <string_view>

namespace trawl::config {

// Insertions, deletions, replacements and swaps of neighbours that turn one text into the other.
int edit_distance(std::string_view a, std::string_view b);

// The candidate closest to `path`, preferably of the section that it names; a right name in a wrong
// section counts as one edit. Empty when there are no candidates, `path` is too long to be a slip,
// or no letter of it is right. Cost: |path| × all candidates.
std::string_view nearest_key(std::string_view path, std::span<const std::string_view> candidates);

}  // namespace trawl::config
