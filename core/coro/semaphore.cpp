// A permit is handed to the first waiter directly, so that nobody who comes later overtakes it.
#include "core/coro/semaphore.hpp"

namespace trawl::coro {

Permit& Permit::operator=(Permit&& other) noexcept {
  if (this != &other) {
    release();
    semaphore_ = std::exchange(other.semaphore_, nullptr);
  }
  return *this;
}

void Permit::release() {
  if (auto* semaphore = std::exchange(semaphore_, nullptr)) semaphore->give_back();
}

// A place in the queue. Left without the permit being used, it passes the permit on.
class Semaphore::WaitPlace {
 public:
  WaitPlace(Semaphore& semaphore, Waiter& waiter) : semaphore_(semaphore), waiter_(waiter) {
    semaphore_.waiters_.push_back(&waiter_);
    place_ = std::prev(semaphore_.waiters_.end());
  }
  ~WaitPlace() {
    if (!waiter_.granted.is_set())
      semaphore_.waiters_.erase(place_);
    else if (!used_)
      semaphore_.give_back();
  }
  WaitPlace(const WaitPlace&) = delete;
  WaitPlace& operator=(const WaitPlace&) = delete;

  Permit use() {
    used_ = true;
    return Permit{semaphore_};
  }

 private:
  Semaphore& semaphore_;
  Waiter& waiter_;
  std::list<Waiter*>::iterator place_;
  bool used_ = false;
};

Task<Permit> Semaphore::acquire() {
  if (auto permit = try_acquire()) co_return std::move(*permit);
  Waiter waiter{Event{executor_}};
  WaitPlace place{*this, waiter};
  co_await waiter.granted.wait();
  co_return place.use();
}

std::optional<Permit> Semaphore::try_acquire() {
  if (available_ == 0 || !waiters_.empty()) return std::nullopt;
  --available_;
  return Permit{*this};
}

void Semaphore::give_back() {
  if (waiters_.empty()) {
    ++available_;
    return;
  }
  Waiter* next = waiters_.front();
  waiters_.pop_front();
  next->granted.set();
}

}  // namespace trawl::coro
