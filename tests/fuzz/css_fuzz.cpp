// Any bytes are a style sheet.

#include "core/web/links/links.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trawl::web;
  static const Url base = *Url::parse("https://host.example/folder/sheet.css");
  const std::string_view css(reinterpret_cast<const char*>(data), size);
  for (const Link& link : extract_css_links(css, base)) {
    if (!link.url.starts_with("http")) std::abort();
  }
  return 0;
}
