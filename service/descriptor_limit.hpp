#pragma once
// How many files and sockets this process may have open.

#include <cstdint>

namespace trawl::service {

// Raises the soft limit to the hard one, as far as is of use; returns what holds then.
std::uint64_t raise_descriptor_limit(std::uint64_t wanted);

// What a job with so many fetches in flight may need: a socket each, half as many kept open for
// reuse beside them, and some for the program. A multi handle of libcurl counts those in use among
// what it keeps, so that only where hosts are spread unevenly over the handles there are any beside
// them; files of bodies are open only while they are written to.
constexpr std::uint64_t descriptors_for(std::uint64_t concurrency) {
  return concurrency + concurrency / 2 + 128;
}

// How many fetches at once so many descriptors are enough for; at least one.
constexpr std::uint64_t concurrency_for(std::uint64_t descriptors) {
  return descriptors > 130 ? (descriptors - 128) * 2 / 3 : 1;
}

}  // namespace trawl::service
