// Any selector and any expression is an error, or asks any page and ends. The first line is the
// question, the rest the page.

#include "core/web/select/page_query.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trawl::web;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto end = std::min(text.find('\n'), size);
  const std::string_view question = text.substr(0, end);
  const PageTree page{text.substr(std::min(end + 1, size))};
  if (const auto query = PageQuery::css(question)) static_cast<void>(page.ask(*query));
  if (const auto query = PageQuery::xpath(question)) static_cast<void>(page.ask(*query));
  return 0;
}
