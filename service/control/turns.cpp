// The gate is held while the first one waits; the others wait for the gate, in order.
#include "service/control/turns.hpp"

#include "core/coro/time.hpp"
#include "service/control/bounds.hpp"

#include <algorithm>
#include <ctime>
#include <thread>
#include <utility>

namespace trawl::service::control {

using std::chrono::nanoseconds;

CpuTime thread_cpu() {
  timespec time{};
  if (::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) != 0) return CpuTime{0};
  return std::chrono::seconds{time.tv_sec} + nanoseconds{time.tv_nsec};
}

Turns::Turns(const coro::Executor& executor, Clock& clock, std::function<CpuTime()> process_cpu,
             SharedCpu others)
    : clock_(clock),
      others_(std::move(others)),
      share_(std::max(1U, std::thread::hardware_concurrency()), std::move(process_cpu)),
      gate_(executor, 1),
      ahead_gates_{coro::Semaphore{executor, 1}, coro::Semaphore{executor, 1}} {}

nanoseconds Turns::time_left() {
  return share_.wait(clock_.now(), thread_cpu() + nanoseconds{others_->load()});
}

coro::Task<> Turns::wait() {
  auto queueing = gate_.acquire();
  const coro::Permit permit = co_await std::move(queueing);
  for (nanoseconds left = time_left(); left > nanoseconds{0}; left = time_left()) {
    auto sleeping = coro::sleep_for(left);
    co_await std::move(sleeping);
  }
}

coro::Task<> Turns::go_ahead(Ahead kind) {
  constexpr std::chrono::seconds second{1};
  auto queueing = ahead_gates_[static_cast<std::size_t>(kind)].acquire();
  const coro::Permit permit = co_await std::move(queueing);
  for (;;) {
    const Mono now = clock_.now();
    if (now - second_ >= second) {
      second_ = now;
      ahead_ = {};
    }
    if (ahead_[static_cast<std::size_t>(kind)]++ < bounds::ahead_per_second_max) co_return;
    if (time_left() <= nanoseconds{0}) co_return;
    auto sleeping = coro::sleep_for(second_ + second - now);
    co_await std::move(sleeping);
  }
}

}  // namespace trawl::service::control
