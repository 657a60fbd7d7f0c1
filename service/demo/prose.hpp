#pragma once
// Made-up technical prose for the demo site, the same for the same seed.

#include <cstdint>
#include <string>

namespace trawl::service::demo {

// A small repeatable generator (splitmix64); std's distributions differ between libraries.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::uint64_t below(std::uint64_t bound);  // 0 … bound - 1

 private:
  std::uint64_t state_;
};

std::string topic(Dice& dice);  // "Mooring a floating gauge"
std::string sentence(Dice& dice);
std::string paragraph(Dice& dice);  // three to six sentences

}  // namespace trawl::service::demo
