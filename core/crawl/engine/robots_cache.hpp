#pragma once
// RobotsCache: the rules of the origins that were asked last, within a bound of bytes. Pure. What
// is dropped is still in the store. A host without rules costs about 40 bytes.

#include "core/base/clock.hpp"
#include "core/web/robots/robots.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace trawl::crawl {

class RobotsCache {
 public:
  using Rules = std::shared_ptr<const web::Robots>;

  explicit RobotsCache(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  // origin: its fingerprint. Null when they are not known or no longer fresh.
  Rules find(std::uint64_t origin, Mono now);
  void keep(std::uint64_t origin, Rules rules, Mono fresh_until);

  // The bound from now on; what is over it goes at once, the oldest first.
  void set_bytes_max(std::size_t bytes_max);

  std::size_t size() const { return young_.slots.size() + old_.slots.size(); }
  std::size_t memory_bytes() const { return young_.bytes + old_.bytes; }  // at most bytes_max

 private:
  struct Slot {
    Rules rules;
    Mono fresh_until{};
  };
  // When the young ones fill half of the bound, they become the old ones, and those go; what is
  // asked for among the old is young again.
  struct Generation {
    boost::unordered_flat_map<std::uint64_t, Slot> slots;
    std::size_t bytes = 0;
    Slot take(std::uint64_t origin);  // empty when it is not there
  };
  void insert(std::uint64_t origin, Slot slot);

  std::size_t bytes_max_;
  Generation young_, old_;
};

}  // namespace trawl::crawl
