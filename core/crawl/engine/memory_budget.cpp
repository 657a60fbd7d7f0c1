// Decisions are made on what is reported, not on what the process has from the system: that holds
// what other jobs need, and does not fall when memory is given back.
#include "core/crawl/engine/memory_budget.hpp"

#include "core/base/limits.hpp"

#include <algorithm>

namespace trawl::crawl {
namespace {

// Measured: a crawl of few pages by two shards, the 32 MiB of the database's page cache included.
constexpr std::int64_t program_bytes = 56 * 1024 * 1024;
constexpr std::uint64_t tight_percent = 80;
// Of a body, where there is room for as much of each: a file is written and read once more.
constexpr std::int64_t body_bytes_max = 1024 * 1024;

// Three quarters of what the program leaves are for fetches.
std::size_t body_room(std::optional<std::uint64_t> bytes_max, std::size_t fetches) {
  if (!bytes_max) return limits::body_memory_bytes_max;
  const std::int64_t room = (static_cast<std::int64_t>(*bytes_max) - program_bytes) / 4 * 3;
  const std::int64_t each = room / static_cast<std::int64_t>(std::max<std::size_t>(fetches, 1)) -
                            static_cast<std::int64_t>(MemoryBudget::fetch_rest_bytes +
                                                      MemoryBudget::fetch_unwritten_bytes);
  return static_cast<std::size_t>(
      std::clamp<std::int64_t>(each, limits::body_memory_bytes_min, body_bytes_max));
}

}  // namespace

MemoryBudget::MemoryBudget(std::optional<std::uint64_t> bytes_max, std::size_t fetches)
    : bytes_max_(bytes_max), body_bytes_(body_room(bytes_max, fetches)) {
  change(MemoryUse::program, program_bytes);
}

void MemoryBudget::change(MemoryUse use, std::int64_t bytes) {
  uses_[static_cast<std::size_t>(use)] += bytes;
  used_ += bytes;
}

std::uint64_t MemoryBudget::used(MemoryUse use) const {
  return static_cast<std::uint64_t>(uses_[static_cast<std::size_t>(use)].load());
}

bool MemoryBudget::is_tight() const {
  return bytes_max_ && used() >= *bytes_max_ / 100 * tight_percent;
}

bool MemoryBudget::may_fetch(std::size_t in_flight) const {
  return !bytes_max_ || in_flight == 0 || used() + fetch_bytes() <= *bytes_max_;
}

std::size_t MemoryBudget::part(std::size_t parts, std::size_t most) const {
  if (!bytes_max_) return most;
  return std::min<std::size_t>(*bytes_max_ / parts, most);
}

}  // namespace trawl::crawl
