// Two generations come close to "least recently used" without a list: nothing is kept per entry but
// the entry. Most hosts of a wide crawl have no rules at all, and all of them share one object.
#include "core/crawl/engine/robots_cache.hpp"

#include <utility>

namespace trawl::crawl {
namespace {

// What a hash table takes for an entry at its usual load.
constexpr std::size_t slot_overhead_bytes = 12;

std::size_t cost_bytes(std::size_t slot_bytes, const web::Robots& rules) {
  return slot_bytes + slot_overhead_bytes + (rules.says_nothing() ? 0 : rules.memory_bytes());
}

RobotsCache::Rules shared_if_empty(RobotsCache::Rules rules) {
  static const auto nothing = std::make_shared<const web::Robots>(web::Robots::allow_all());
  return rules->says_nothing() ? nothing : std::move(rules);
}

}  // namespace

RobotsCache::Slot RobotsCache::Generation::take(std::uint64_t origin) {
  const auto found = slots.find(origin);
  if (found == slots.end()) return {};
  Slot slot = std::move(found->second);
  slots.erase(found);
  bytes -= cost_bytes(sizeof(decltype(slots)::value_type), *slot.rules);
  return slot;
}

void RobotsCache::insert(std::uint64_t origin, Slot slot) {
  const std::size_t cost = cost_bytes(sizeof(decltype(young_.slots)::value_type), *slot.rules);
  if (cost > bytes_max_ / 2) return;  // fetched from the store each time
  if (young_.bytes + cost > bytes_max_ / 2) old_ = std::exchange(young_, {});
  young_.bytes += cost;
  young_.slots.emplace(origin, std::move(slot));
}

void RobotsCache::set_bytes_max(std::size_t bytes_max) {
  bytes_max_ = bytes_max;
  if (memory_bytes() > bytes_max_) old_ = {};
  if (memory_bytes() > bytes_max_) young_ = {};
}

RobotsCache::Rules RobotsCache::find(std::uint64_t origin, Mono now) {
  if (const auto found = young_.slots.find(origin); found != young_.slots.end())
    return now < found->second.fresh_until ? found->second.rules : nullptr;
  Slot slot = old_.take(origin);
  if (!slot.rules || now >= slot.fresh_until) return nullptr;
  Rules rules = slot.rules;
  insert(origin, std::move(slot));
  return rules;
}

void RobotsCache::keep(std::uint64_t origin, Rules rules, Mono fresh_until) {
  young_.take(origin);
  old_.take(origin);
  insert(origin, {shared_if_empty(std::move(rules)), fresh_until});
}

}  // namespace trawl::crawl
