#pragma once
// Whether what a limit of the run broke off is too large for that limit, or was only begun late.
// Pure.

#include "core/base/clock.hpp"
#include "core/crawl/job/job.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trawl::crawl {

// What a run gave to one fetch.
struct FetchShare {
  std::uint64_t bytes = 0;
  Millis time{0};
};

// One that had half of limits.bytes or limits.duration for itself: "limits.bytes = 1MiB broke it
// off after 1.1 MB". stopped_by: CrawlControl::detail(), which begins with the limit's key.
std::optional<std::string> outgrown(const LimitSpec& limits, std::string_view stopped_by,
                                    const FetchShare& share);

}  // namespace trawl::crawl
