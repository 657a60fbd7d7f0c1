// Any selector is an error or an expression that libxml2 takes; any expression asks any page, and
// ends. The first line is the question, the rest the page.

#include "core/web/css_selector.hpp"
#include "core/web/page_query.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trawl::web;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto end = std::min(text.find('\n'), size);
  const std::string_view question = text.substr(0, end);
  const PageTree page{text.substr(std::min(end + 1, size))};
  if (const auto path = selector_as_xpath(question)) {
    const auto query = PageQuery::xpath(*path);
    if (!query && path->size() < 8192) std::abort();
    if (query) static_cast<void>(page.ask(*query));
  }
  if (const auto query = PageQuery::xpath(question)) static_cast<void>(page.ask(*query));
  return 0;
}
