#pragma once
// gzip as a server of a test sends it.

#include <string>
#include <string_view>

namespace trawl::e2e {

std::string gzip(std::string_view text);

}  // namespace trawl::e2e
