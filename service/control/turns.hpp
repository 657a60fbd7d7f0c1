#pragma once
// Turns: when a request may be answered. While a crawl needs the processors, the API has a small
// share of them (CpuShare), and requests wait, first come, first served, until they fit into it.
// What steers jobs, and the question whether the daemon lives, goes ahead of them. Loop thread
// only.

#include "core/base/clock.hpp"
#include "core/coro/semaphore.hpp"
#include "core/coro/task.hpp"
#include "service/control/cpu_share.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace trawl::service::control {

// Processor time that other threads have taken for the API, in ns; added to by any of them.
using SharedCpu = std::shared_ptr<std::atomic<CpuTime::rep>>;

// Of the calling thread, so far.
CpuTime thread_cpu();

class Turns {
 public:
  // others: what was taken on other threads than this loop's.
  Turns(const coro::Executor& executor, Clock& clock, std::function<CpuTime()> process_cpu,
        SharedCpu others);

  coro::Task<> wait();
  // Ahead of those, so many of each kind a second; the others have their turns in the next seconds,
  // and wait for nothing that is asked besides.
  enum class Ahead : std::uint8_t { steering, liveness };
  coro::Task<> go_ahead(Ahead kind);

 private:
  std::chrono::nanoseconds time_left();

  Clock& clock_;
  SharedCpu others_;
  CpuShare share_;
  coro::Semaphore gate_;
  Mono second_{};  // since when ahead_ is counted
  std::array<std::size_t, 2> ahead_{};
  std::array<coro::Semaphore, 2> ahead_gates_;
};

}  // namespace trawl::service::control
