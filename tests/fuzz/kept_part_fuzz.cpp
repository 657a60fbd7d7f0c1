// A status and fields of any text, as an answer to a request for the rest of a body: what is
// appended is exactly what is missing.

#include "core/crawl/state/kept_part.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trawl;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto headers = crawl::headers_from_lines(text);
  if (crawl::headers_from_lines(crawl::to_lines(headers)) != headers) std::abort();
  const Wall now{Millis{1'800'000'000'000}};
  const auto fresh = crawl::continuable("http://a/", 200, headers, now);
  if (fresh && fresh->validator.empty()) std::abort();
  const crawl::KeptPart part{.url = "http://a/", .bytes = 40, .total = 100, .validator = "\"v\""};
  for (const bool same : {false, true}) {
    const auto meaning = crawl::judge_continuation(part, same, (data[0] & 1) != 0, 206, headers);
    if (meaning != http::Continuation::append) continue;
    if (!http::find_header(headers, "content-range").contains("40-")) std::abort();
    if (same && http::find_header(headers, "etag") != part.validator) std::abort();
    http::Response response{.status = 206, .headers = headers};
    response.bytes_body = 100;
    if (!crawl::restore_whole(part, response)) continue;
    if (response.status != 200 || response.broken) std::abort();
  }
  return 0;
}
