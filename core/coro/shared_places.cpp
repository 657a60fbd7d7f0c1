// A place is handed to the one who waits, not offered: nobody wakes up in vain, and nobody who
// comes later overtakes. The waiter takes the lock on its way out in every case, so that whoever
// called it has left its loop alone by then.
#include "core/coro/shared_places.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>

namespace trawl::coro {

struct SharedPlaces::Waiter {
  explicit Waiter(const Executor& waiting_on) : executor(waiting_on), turn(waiting_on) {}
  Executor executor;
  Event turn;           // executor's thread only
  bool called = false;  // guarded by the places' mutex; it has a place
};

// A place in the queue. Left without the place being used, it passes the place on.
class SharedPlaces::WaitPlace {
 public:
  explicit WaitPlace(Member& member) : member_(member) {}
  ~WaitPlace() {
    if (!waiter_) return;
    SharedPlaces& places = member_.places_;
    const std::lock_guard lock{places.mutex_};
    if (used_) return;
    if (waiter_->called) {
      places.shares_.release(member_.id_);
      places.call_next();
      return;
    }
    places.shares_.leave(member_.id_, ticket_);
    places.waiters_.erase(ticket_);
  }
  WaitPlace(const WaitPlace&) = delete;
  WaitPlace& operator=(const WaitPlace&) = delete;

  // Both with the mutex held.
  bool acquire() { return member_.places_.shares_.acquire(member_.id_); }
  void join(const Executor& executor) {
    SharedPlaces& places = member_.places_;
    ticket_ = ++places.last_ticket_;
    waiter_ = std::make_shared<Waiter>(executor);
    places.waiters_.emplace(ticket_, waiter_);
    places.shares_.wait(member_.id_, ticket_);
  }

  Task<> wait() { return waiter_->turn.wait(); }
  void use() { used_ = true; }

 private:
  Member& member_;
  PlaceShares::Ticket ticket_ = 0;
  std::shared_ptr<Waiter> waiter_;
  bool used_ = false;
};

SharedPlaces::SharedPlaces(std::size_t total) : shares_(std::max<std::size_t>(total, 1)) {}
SharedPlaces::~SharedPlaces() = default;

void SharedPlaces::set_total(std::size_t total) {
  const std::lock_guard lock{mutex_};
  shares_.set_total(std::max<std::size_t>(total, 1));
  call_next();
}

std::size_t SharedPlaces::taken() const {
  const std::lock_guard lock{mutex_};
  return shares_.taken();
}

void SharedPlaces::release(PlaceShares::Member member) {
  const std::lock_guard lock{mutex_};
  shares_.release(member);
  call_next();
}

void SharedPlaces::call_next() {
  while (const auto ticket = shares_.next()) {
    auto place = waiters_.extract(*ticket);
    std::shared_ptr<Waiter> waiter = std::move(place.mapped());
    waiter->called = true;
    // Given away, so that it dies on its own loop's thread: it has an event of that loop.
    const Executor executor = waiter->executor;
    asio::post(executor, [waiter = std::move(waiter)] { waiter->turn.set(); });
  }
}

SharedPlaces::Place& SharedPlaces::Place::operator=(Place&& other) noexcept {
  if (this != &other) {
    release();
    member_ = std::exchange(other.member_, nullptr);
  }
  return *this;
}

void SharedPlaces::Place::release() {
  if (Member* member = std::exchange(member_, nullptr)) member->places_.release(member->id_);
}

SharedPlaces::Member::Member(SharedPlaces& places, const Share& share) : places_(places) {
  const std::lock_guard lock{places_.mutex_};
  id_ = places_.shares_.add(share);
}

SharedPlaces::Member::~Member() {
  const std::lock_guard lock{places_.mutex_};
  places_.shares_.remove(id_);
}

Task<SharedPlaces::Place> SharedPlaces::Member::acquire() {
  const auto executor = co_await asio::this_coro::executor;
  WaitPlace place{*this};
  {
    const std::lock_guard lock{places_.mutex_};
    if (place.acquire()) co_return Place{*this};
    place.join(executor);
  }
  auto waiting = place.wait();
  co_await std::move(waiting);
  place.use();
  co_return Place{*this};
}

void SharedPlaces::Member::change(const Share& share) {
  const std::lock_guard lock{places_.mutex_};
  places_.shares_.change(id_, share);
  places_.call_next();
}

std::size_t SharedPlaces::Member::taken() const {
  const std::lock_guard lock{places_.mutex_};
  return places_.shares_.taken_by(id_);
}

std::size_t SharedPlaces::Member::waiting() const {
  const std::lock_guard lock{places_.mutex_};
  return places_.shares_.waiting(id_);
}

}  // namespace trawl::coro
