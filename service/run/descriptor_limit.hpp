#pragma once
// How many files and sockets this process may have open.

#include "core/base/limits.hpp"

#include <algorithm>
#include <cstdint>

namespace trawl::service {

// Raises the soft limit to the hard one, as far as is of use; returns what holds then.
std::uint64_t raise_descriptor_limit(std::uint64_t wanted);

// What so many fetches in flight may need: a socket each, and connections kept open for reuse
// beside them (http::Session: as many again in two handles while they are few, half as many when
// they are many). Files of bodies are open only while they are written to.
constexpr std::uint64_t sockets_for(std::uint64_t concurrency) {
  const std::uint64_t few = std::min<std::uint64_t>(concurrency, limits::connections_kept_cheap);
  return concurrency + std::max(concurrency / 2, 2 * few);
}

// Of a process beside its jobs: its own loop, its listeners and who is connected to them.
inline constexpr std::uint64_t descriptors_of_process = 128;

// Beside its fetches: its database, its archive, its loops and its folder.
inline constexpr std::uint64_t descriptors_per_job = 32;

// How many fetches at once have sockets enough with so many descriptors; at least one.
constexpr int concurrency_for(std::uint64_t sockets) {
  std::uint64_t enough = 1, too_many = sockets + 2;
  while (too_many - enough > 1) {
    const std::uint64_t middle = (enough + too_many) / 2;
    (sockets_for(middle) <= sockets ? enough : too_many) = middle;
  }
  return static_cast<int>(std::min<std::uint64_t>(enough, 1 << 16));
}

// How many jobs at once a daemon has descriptors for, and how many of them each may have.
struct DescriptorPlan {
  int jobs_at_once = 1;
  std::uint64_t each = descriptors_per_job;
};

// What so many jobs at once need when each has as many fetches in flight as all together may have.
constexpr std::uint64_t descriptors_for_jobs(int jobs_at_once, int concurrency) {
  return descriptors_of_process +
         static_cast<std::uint64_t>(jobs_at_once) *
             (descriptors_per_job + sockets_for(static_cast<std::uint64_t>(concurrency)));
}

// allowed: of the process. Fewer jobs when each would have less than eight fetches; one in any
// case.
constexpr DescriptorPlan plan_descriptors(std::uint64_t allowed, int jobs_at_once) {
  constexpr std::uint64_t job_least = descriptors_per_job + sockets_for(8);
  const std::uint64_t for_jobs = allowed - std::min(descriptors_of_process, allowed / 2);
  const auto jobs =
      std::clamp<std::uint64_t>(for_jobs / job_least, 1, static_cast<std::uint64_t>(jobs_at_once));
  return {.jobs_at_once = static_cast<int>(jobs), .each = for_jobs / jobs};
}

}  // namespace trawl::service
