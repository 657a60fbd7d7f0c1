#pragma once
// Semaphore: a number of permits for the tasks of one loop, granted first come, first served. A
// task that is cancelled while it waits neither leaks a permit nor takes one from the next.

#include "core/coro/event.hpp"
#include "core/coro/task.hpp"

#include <cstddef>
#include <list>

namespace trawl::coro {

class Semaphore;

// A permit held; given back by the destructor.
class [[nodiscard]] Permit {
 public:
  Permit() = default;
  explicit Permit(Semaphore& semaphore) : semaphore_(&semaphore) {}
  Permit(Permit&& other) noexcept : semaphore_(std::exchange(other.semaphore_, nullptr)) {}
  Permit& operator=(Permit&& other) noexcept;
  ~Permit() { release(); }

  void release();
  explicit operator bool() const { return semaphore_ != nullptr; }

 private:
  Semaphore* semaphore_ = nullptr;
};

class Semaphore {
 public:
  Semaphore(Executor executor, std::size_t permits)
      : executor_(std::move(executor)), available_(permits) {}
  Semaphore(const Semaphore&) = delete;
  Semaphore& operator=(const Semaphore&) = delete;

  Task<Permit> acquire();
  std::optional<Permit> try_acquire();
  std::size_t available() const { return available_; }
  std::size_t waiting() const { return waiters_.size(); }

 private:
  friend class Permit;
  struct Waiter {
    Event granted;
  };
  class WaitPlace;

  void give_back();

  Executor executor_;
  std::size_t available_;
  std::list<Waiter*> waiters_;
};

}  // namespace trawl::coro
