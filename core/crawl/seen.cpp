// The set's layout (Boost.Unordered, open addressing): groups of 15 slots with 16 bytes of
// metadata.
#include "core/crawl/seen.hpp"

namespace trawl::crawl {

std::size_t SeenFilter::memory_bytes() const {
  constexpr std::size_t group_slots = 15;
  constexpr std::size_t group_metadata_bytes = 16;
  const std::size_t groups = (set_.bucket_count() + group_slots - 1) / group_slots;
  return sizeof(*this) + groups * (group_slots * sizeof(std::uint64_t) + group_metadata_bytes);
}

}  // namespace trawl::crawl
