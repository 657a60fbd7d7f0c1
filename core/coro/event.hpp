#pragma once
// Event: a flag that tasks of one loop can wait for. set() wakes all waiters through the loop; no
// waiter runs inside set(), so it may be called from a C callback. Loop thread only.

#include "core/coro/task.hpp"

#include <boost/asio/steady_timer.hpp>

namespace trawl::coro {

class Event {
 public:
  explicit Event(const Executor& executor) : timer_(executor, never) {}

  bool is_set() const { return set_; }
  void set();
  void reset() { set_ = false; }

  // Returns at once when set. Throws cancelled_error() when cancelled first.
  Task<> wait();
  // Waits at most until the time; returns is_set(). Throws cancelled_error() when cancelled.
  Task<bool> wait_until(std::chrono::steady_clock::time_point time);

 private:
  static constexpr auto never = std::chrono::steady_clock::time_point::max();

  asio::steady_timer timer_;  // each change of its expiry makes all waiters look again
  bool set_ = false;
};

}  // namespace trawl::coro
