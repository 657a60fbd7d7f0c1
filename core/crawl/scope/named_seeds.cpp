// What a job no longer names can only be known from what it named before; a record says of a seed
// neither who asked for it nor whether anybody still does.
#include "core/crawl/scope/named_seeds.hpp"

#include <algorithm>
#include <utility>

namespace trawl::crawl {

NamedSeeds NamedSeeds::parse(std::string_view named, std::string_view former) {
  NamedSeeds seeds;
  seeds.named_ = read_print_set(named);
  seeds.former_ = read_print_set(former);
  return seeds;
}

bool NamedSeeds::begin(const std::vector<std::uint64_t>& now, bool has_more) {
  const PrintSet before = std::exchange(former_, {});
  PrintSet known = std::exchange(named_, PrintSet{now.begin(), now.end()});
  known.insert(before.begin(), before.end());
  for (const std::uint64_t seed : known) {
    if (has_more)
      named_.insert(seed);
    else if (!named_.contains(seed))
      former_.insert(seed);
  }
  return std::ranges::any_of(before, [this](auto seed) { return !former_.contains(seed); });
}

void NamedSeeds::add(const std::vector<std::uint64_t>& now) {
  for (const std::uint64_t seed : now)
    if (!former_.contains(seed)) named_.insert(seed);
}

// Named from then on, so that it goes when the job names its other form no more.
bool NamedSeeds::note_spelling(std::uint64_t spelling, std::uint64_t canonical) {
  if (!former_.contains(spelling) || !named_.contains(canonical)) return false;
  former_.erase(spelling);
  return named_.insert(spelling).second;
}

}  // namespace trawl::crawl
