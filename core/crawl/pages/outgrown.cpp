// Two fetches can't both have had more than half of the bytes, so a run that fetches many pages
// blames hardly one of them; and one that has had half will not do much better in the next run.
#include "core/crawl/pages/outgrown.hpp"

#include "core/base/units.hpp"

#include <fmt/format.h>

namespace trawl::crawl {
namespace {

template <class T>
bool is_half(T share, const std::optional<T>& limit) {
  return limit && share >= *limit - *limit / 2;
}

}  // namespace

std::optional<std::string> outgrown(const LimitSpec& limits, std::string_view stopped_by,
                                    const FetchShare& share) {
  if (stopped_by.starts_with("limits.bytes") && is_half(share.bytes, limits.bytes))
    return fmt::format("{} broke it off after {}", stopped_by, human_bytes(share.bytes));
  if (stopped_by.starts_with("limits.duration") && is_half(share.time, limits.duration))
    return fmt::format("{} broke it off after {}", stopped_by, human_duration(share.time));
  return std::nullopt;
}

}  // namespace trawl::crawl
