#pragma once
// gzip as a server of a test sends it.

#include <string>
#include <string_view>

namespace trawl::e2e {

// The text, so many times in a row.
std::string gzip(std::string_view text, std::size_t times = 1);

}  // namespace trawl::e2e
