// Any text is tried as a line of a list. What is taken can be sent as it is: no field of it breaks
// the request's head, and a body that says nothing is that of a plain GET.

#include "core/crawl/job/list_line.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

constexpr std::string_view line_breaks{"\r\n\0", 3};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto line = trawl::crawl::parse_list_line(text);
  if (!line && line.error().detail.empty()) std::abort();
  if (!line) return 0;
  if (line->urls.empty()) std::abort();
  const auto& request = line->request;
  if (request.method.empty() || request.method.find_first_of(line_breaks) != text.npos)
    std::abort();
  for (const auto& [name, value] : request.headers)
    if (name.empty() || name.find_first_of(line_breaks) != text.npos ||
        value.find_first_of(line_breaks) != text.npos)
      std::abort();
  const auto& [algorithm, hex] = request.checksum;
  if (!hex.empty() && hex.size() != 2 * trawl::web::digest_bytes(algorithm)) std::abort();
  if (line->urls.size() > 1 && trawl::crawl::identity_of(request) != 0) std::abort();
  return 0;
}
