#pragma once
// Content codings from the sending side: `times` repetitions of a block, packed as small as they
// get. For bombs, which is why the whole is never in memory.

#include <cstddef>
#include <string>
#include <string_view>

namespace trawl::service::demo {

std::string gzipped(std::string_view block, std::size_t times = 1);
std::string deflated(std::string_view block, std::size_t times = 1);  // in zlib's format
std::string brotlied(std::string_view block, std::size_t times = 1);
std::string zstded(std::string_view block, std::size_t times = 1);

}  // namespace trawl::service::demo
