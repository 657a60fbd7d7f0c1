#pragma once
// Event: a flag that tasks of one loop can wait for. set() wakes all waiters through the loop; no
// waiter runs inside set(), so it may be called from a C callback. Who waits when it is set has
// been woken, also when it is reset before he runs. Loop thread only.

#include "core/coro/task.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>

#include <chrono>
#include <utility>

namespace trawl::coro {

class Event {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit Event(Executor executor) : executor_(std::move(executor)) {}
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  bool is_set() const { return set_; }
  void set();
  void reset() { set_ = false; }

  // Returns at once when set. Throws cancelled_error() when cancelled first.
  Task<> wait();
  // Waits at most until the time; returns whether it was set. Throws cancelled_error() when
  // cancelled.
  Task<bool> wait_until(Time time);

 private:
  // In the waiting task's frame, which may be dropped after the event, as all frames with a loop.
  // A timer of its own for each: Asio looks through all waits of a timer to cancel one of them.
  struct Waiter : boost::intrusive::list_base_hook<
                      boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
    Waiter(const Executor& executor, Time until) : timer(executor, until) {}
    asio::steady_timer timer;
    bool woken = false;
  };

  Executor executor_;
  boost::intrusive::list<Waiter, boost::intrusive::constant_time_size<false>> waiters_;
  bool set_ = false;
};

}  // namespace trawl::coro
