#pragma once
// Two SHA-256 digests in the time of one: a processor's SHA instructions wait for each other, and
// two digests fill the gaps.

#include <array>
#include <optional>
#include <string_view>

namespace trawl::web {

using Sha256 = std::array<unsigned char, 32>;

struct Sha256Pair {
  Sha256 block;  // of head and body together
  Sha256 body;
  bool operator==(const Sha256Pair&) const = default;
};

// Absent where it can't be done or doesn't pay: without the library or a processor with SHA
// instructions, and of bodies that are very short or longer than the library takes.
std::optional<Sha256Pair> sha256_pair(std::string_view head, std::string_view body);

}  // namespace trawl::web
