#pragma once
// How many files and sockets this process may have open.

#include <cstdint>

namespace trawl::service {

// Raises the soft limit to the hard one, as far as is of use; returns what holds then.
std::uint64_t raise_descriptor_limit(std::uint64_t wanted);

// What a job with so many fetches in flight may need: a socket each, as many kept open for reuse, a
// body's file each, and some for the program.
constexpr std::uint64_t descriptors_for(std::uint64_t concurrency) {
  return 3 * concurrency + 128;
}

// How many fetches at once so many descriptors are enough for; at least one.
constexpr std::uint64_t concurrency_for(std::uint64_t descriptors) {
  return descriptors > 131 ? (descriptors - 128) / 3 : 1;
}

}  // namespace trawl::service
