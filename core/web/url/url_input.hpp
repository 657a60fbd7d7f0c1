#pragma once
// The first steps of the basic URL parser: what surrounds a URL in the wild is taken off it.

#include <string>
#include <string_view>

namespace trawl::web {

// Without C0 controls and spaces at both ends, without tabs and line ends, and as valid UTF-8 (each
// malformed sequence is U+FFFD, as the Encoding standard decodes). The view refers to input where
// nothing had to change inside, else to storage.
std::string_view clean_url_input(std::string_view input, std::string& storage);

}  // namespace trawl::web
