// Any bytes are a page: nothing crashes, the title is UTF-8, the links are http and bounded.

#include "core/base/limits.hpp"
#include "core/web/content.hpp"
#include "core/web/links.hpp"
#include "core/web/utf8.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trawl::web;
  static const Url base = *Url::parse("http://host.example/folder/page?query");
  const std::string_view body(reinterpret_cast<const char*>(data), size);

  const PageLinks raw = extract_links(body, base, "trawl");
  std::string storage;
  const std::string_view text = to_utf8(body, detect_charset(body, ""), storage);
  const PageLinks page = extract_links(text, base, "trawl");
  for (const PageLinks* result : {&raw, &page}) {
    if (!utf8::is_valid(result->title)) std::abort();
    if (result->title.size() > trawl::limits::title_bytes_max) std::abort();
    if (result->links.size() > trawl::limits::links_per_page_max) std::abort();
    for (const Link& link : result->links) {
      if (!link.url.starts_with("http")) std::abort();
    }
  }
  if (!utf8::is_valid(text)) std::abort();
  return 0;
}
