// The few reasons that WARC knows.
#include "core/crawl/state/archive.hpp"

namespace trawl::crawl {

std::string_view truncated_reason(const http::Response& response, bool cut) {
  if (cut) return "length";
  if (!response.broken) return {};
  switch (response.broken->code) {
    case Errc::total_timeout:
    case Errc::too_slow:
    case Errc::first_byte_timeout:
      return "time";
    case Errc::protocol:
    case Errc::header_too_large:
      return "unspecified";
    default:
      return "disconnect";
  }
}

}  // namespace trawl::crawl
