// Retry-After and HTTP dates: any bytes are read or refused, and what is read can be added to a
// clock, or sent.
#include "core/crawl/state/retry_after.hpp"
#include "core/crawl/state/validator.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trawl;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Wall now{std::chrono::seconds{1'750'000'000}};
  if (const auto wait = crawl::parse_retry_after(text, now)) {
    if (*wait < Millis{0} || now + *wait < now) std::abort();
  }
  const std::string date = crawl::to_fixdate(text, now);
  if (!date.empty() && !crawl::is_fixdate(date)) std::abort();
  return 0;
}
