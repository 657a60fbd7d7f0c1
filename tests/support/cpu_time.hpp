#pragma once
// For tests that something takes linear time: a bound that quadratic time misses by far, in CPU
// time of the thread, so that a busy machine makes no difference.

#include <ctime>

namespace trawl::support {

template <class F>
double cpu_seconds_of(F&& function) {
  const auto now = [] {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return double(time.tv_sec) + double(time.tv_nsec) * 1e-9;
  };
  const double start = now();
  function();
  return now() - start;
}

}  // namespace trawl::support
