#pragma once
// How many files and sockets this process may have open.

#include "core/base/limits.hpp"

#include <algorithm>
#include <cstdint>

namespace trawl::service {

// Raises the soft limit to the hard one, as far as is of use; returns what holds then.
std::uint64_t raise_descriptor_limit(std::uint64_t wanted);

// What a job with so many fetches in flight may need: a socket each, connections kept open for
// reuse beside them (http::Session: as many again in two handles while they are few, half as many
// when they are many), and some for the program. Files of bodies are open only while they are
// written to.
constexpr std::uint64_t descriptors_for(std::uint64_t concurrency) {
  const std::uint64_t few = std::min<std::uint64_t>(concurrency, limits::connections_kept_cheap);
  return concurrency + std::max(concurrency / 2, 2 * few) + 128;
}

// Beside its fetches: its database, its archive, its loops and its folder.
inline constexpr std::uint64_t descriptors_per_job = 32;

// How many fetches at once so many descriptors are enough for; at least one.
constexpr std::uint64_t concurrency_for(std::uint64_t descriptors) {
  std::uint64_t enough = 1, too_many = descriptors + 2;
  while (too_many - enough > 1) {
    const std::uint64_t middle = (enough + too_many) / 2;
    (descriptors_for(middle) <= descriptors ? enough : too_many) = middle;
  }
  return enough;
}

}  // namespace trawl::service
