// Any bytes are tried as a Metalink document, in blocks of any size: its files are the same however
// they are cut, their URLs are http and few, their digests whole.

#include "core/base/limits.hpp"
#include "core/web/feeds/metalink.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace trawl::web;

std::vector<MetalinkFile> read(std::string_view text, std::size_t block) {
  std::vector<MetalinkFile> files;
  MetalinkReader reader{[&](MetalinkFile file) { files.push_back(std::move(file)); }};
  for (std::size_t at = 0; at < text.size(); at += block)
    if (!reader.feed(text.substr(at, block))) break;
  reader.finish();
  return files;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  const auto whole = read(text, text.size() + 1), cut = read(text, 1 + data[0] % 64U);
  if (whole.size() != cut.size()) std::abort();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    if (whole[i].urls != cut[i].urls || whole[i].checksum != cut[i].checksum) std::abort();
    if (whole[i].urls.size() > trawl::limits::mirrors_max) std::abort();
    for (const auto& url : whole[i].urls)
      if ((url.at(0) | 0x20) != 'h') std::abort();
  }
  return 0;
}
