#pragma once
// What the kernel says about this process. Cheap: a few files of /proc.

#include <chrono>
#include <cstdint>

namespace trawl::service {

struct ProcessFigures {
  std::uint64_t resident_bytes = 0;
  std::uint64_t open_fds = 0;
  std::uint64_t max_fds = 0;  // the soft limit
  std::uint64_t threads = 0;
  double cpu_s = 0;           // user and system, since the start
  double started_unix_s = 0;  // when the process began
};

// User and system, of all threads since the start.
std::chrono::nanoseconds process_cpu();

// What can't be read is 0.
ProcessFigures read_process_figures();

}  // namespace trawl::service
