// The trap rules see every URL that a hostile page can make up.
#include "core/crawl/scope/traps.hpp"

#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trawl;
  if (size == 0) return 0;
  const auto url = web::Url::parse(
      std::string("http://h/").append(reinterpret_cast<const char*>(data + 1), size - 1));
  crawl::UrlSpec spec;
  spec.max_segment_repeats = data[0] % 8;
  if (url) (void)crawl::trap_rule(*url, spec, trawl::Wall{});
  return 0;
}
