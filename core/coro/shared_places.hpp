#pragma once
// SharedPlaces: a semaphore for the tasks of many loops, whose members have weights: the fetches of
// all jobs of a process share one, as PlaceShares has it. One lock, held for a few instructions.
// One that waits sleeps on its own loop until it has its place. Outlives its members.

#include "core/coro/event.hpp"
#include "core/coro/place_shares.hpp"
#include "core/coro/task.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace trawl::coro {

class SharedPlaces {
 public:
  explicit SharedPlaces(std::size_t total);
  ~SharedPlaces();
  SharedPlaces(const SharedPlaces&) = delete;
  SharedPlaces& operator=(const SharedPlaces&) = delete;

  // Any thread.
  void set_total(std::size_t total);
  std::size_t taken() const;

  class Member;

  // A place held; given back by the destructor, on any thread.
  class [[nodiscard]] Place {
   public:
    Place() = default;
    Place(Place&& other) noexcept : member_(std::exchange(other.member_, nullptr)) {}
    Place& operator=(Place&& other) noexcept;
    ~Place() { release(); }

    void release();
    explicit operator bool() const { return member_ != nullptr; }

   private:
    friend Member;
    explicit Place(Member& member) : member_(&member) {}
    Member* member_ = nullptr;  // outlives this
  };

  // One who asks: a job, or a shard of it. Outlives its places and those who wait for them.
  class Member {
   public:
    Member(SharedPlaces& places, const Share& share);
    ~Member();
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;

    // Cancelled while it waits, it leaves no place taken. Any loop.
    Task<Place> acquire();
    void change(const Share& share);  // any thread
    std::size_t taken() const;
    std::size_t waiting() const;

   private:
    friend SharedPlaces;
    SharedPlaces& places_;
    PlaceShares::Member id_;
  };

 private:
  struct Waiter;
  class WaitPlace;

  void release(PlaceShares::Member member);
  void call_next();  // mutex_ held

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  PlaceShares shares_;
  PlaceShares::Ticket last_ticket_ = 0;
  std::map<PlaceShares::Ticket, std::shared_ptr<Waiter>> waiters_;
};

}  // namespace trawl::coro
