#pragma once
// CpuShare: how much processor time the API may take while a crawl has use for it. A bucket of
// processor time: it fills at the API's share, and what the API really took is taken out of it. A
// machine whose crawl is mostly waiting is nobody's loss, so nothing is held back then.
//
// Pure: time comes in. Not for several threads.

#include "core/base/clock.hpp"

#include <chrono>
#include <cstddef>
#include <functional>

namespace trawl::service::control {

using CpuTime = std::chrono::nanoseconds;

class CpuShare {
 public:
  // process_cpu: what the whole process has taken so far; asked a few times a second. Empty: there
  // is no crawl to be protected.
  CpuShare(std::size_t processors, std::function<CpuTime()> process_cpu)
      : processors_(static_cast<long>(processors)), process_cpu_(std::move(process_cpu)) {}

  // How long whoever is next has to wait; 0: not at all. api_cpu: what the API has taken so far.
  std::chrono::nanoseconds wait(Mono now, CpuTime api_cpu);

 private:
  void look_at_crawl(Mono now, CpuTime api_cpu);

  long processors_;
  std::function<CpuTime()> process_cpu_;
  bool begun_ = false;

  Mono now_{};            // of the last call
  CpuTime api_cpu_{0};    // then
  CpuTime balance_{0};    // below 0: taken in advance
  Mono looked_{};         // when the crawl was looked at
  CpuTime crawl_cpu_{0};  // then
  Mono busy_until_{};     // the crawl has use for the processors
};

}  // namespace trawl::service::control
