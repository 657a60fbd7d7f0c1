#pragma once
// Channel<T>: a bounded queue between tasks, of one loop or of several threads. A full channel
// makes the sender wait, an empty one the receiver; that is how back-pressure travels. Values are
// received in the order in which send() was called: a room that falls free, and a value that comes,
// is promised to whoever waits longest, and who comes later does not overtake.
//
// Our own, since Asio 1.81's concurrent_channel was seen to drop what is buffered when it is
// closed. The mutex is held for a few instructions, never across a suspension.

#include "core/coro/event.hpp"
#include "core/coro/task.hpp"

#include <boost/asio/post.hpp>

#include <cstddef>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>

namespace trawl::coro {

// Tasks of any loop that wait for a turn. Every method is called with the owner's mutex held.
class WaitList {
 public:
  struct Waiter {
    explicit Waiter(const Executor& waiting_on) : executor(waiting_on), turn(waiting_on) {}
    Executor executor;
    Event turn;           // executor's thread only
    bool called = false;  // guarded by the owner's mutex
    std::list<std::shared_ptr<Waiter>>::iterator place;
  };

  std::shared_ptr<Waiter> join(const Executor& executor);
  bool leave(Waiter& waiter);  // whether the waiter had been called, and left unserved
  bool call_one();             // false when nobody waits
  void call_all();
  bool empty() const { return waiting_.empty(); }

 private:
  std::list<std::shared_ptr<Waiter>> waiting_;
};

template <class T>
class Channel {
 public:
  // capacity: at least 1.
  explicit Channel(std::size_t capacity) : capacity_(capacity) {
    if (capacity == 0) throw std::invalid_argument("a channel without room for a value");
  }
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // False when the channel was closed; the value is then dropped. Any thread.
  Task<bool> send(T value) {
    const auto executor = co_await asio::this_coro::executor;
    Place place{*this, senders_};
    {
      const std::lock_guard lock{mutex_};
      if (closed_) co_return false;
      if (promised_ == 0 && senders_.empty() && push(value)) co_return true;
      place.waiter = senders_.join(executor);
      promise_rooms();
    }
    co_await place.waiter->turn.wait();
    place.woken = true;
    const std::lock_guard lock{mutex_};
    if (closed_) co_return false;
    --promised_;
    co_return push(value);
  }

  // False when full or closed; the value is then still the caller's. Any thread.
  bool try_send(T& value) {
    const std::lock_guard lock{mutex_};
    return !closed_ && push(value);
  }

  // The async iterator of the channel: nothing once it is closed and empty. Any thread. Who is
  // cancelled before it returns leaves the value in the channel.
  Task<std::optional<T>> next() {
    const auto executor = co_await asio::this_coro::executor;
    Place place{*this, receivers_};
    {
      const std::lock_guard lock{mutex_};
      if (auto item = pop_free()) co_return item;
      if (closed_) co_return std::nullopt;
      place.waiter = receivers_.join(executor);
    }
    co_await place.waiter->turn.wait();
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) throw cancelled_error();
    place.woken = true;
    const std::lock_guard lock{mutex_};
    if (!closed_) --owed_;
    co_return pop();
  }

  // Nothing while what is inside is promised to others.
  std::optional<T> try_next() {
    const std::lock_guard lock{mutex_};
    return pop_free();
  }

  // No more sends; what is inside is still received. Any thread.
  void close() {
    const std::lock_guard lock{mutex_};
    closed_ = true;
    owed_ = 0;  // the values are for whoever comes
    senders_.call_all();
    receivers_.call_all();
  }

 private:
  // A place in a wait list for the length of a scope. Left unserved, it passes its call on.
  struct Place {
    Place(Channel& of, WaitList& wait_list) : channel(of), list(wait_list) {}
    ~Place() {
      if (!waiter || woken) return;
      const std::lock_guard lock{channel.mutex_};
      if (list.leave(*waiter)) channel.pass_on(list);
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    Channel& channel;
    WaitList& list;
    std::shared_ptr<WaitList::Waiter> waiter;
    bool woken = false;  // the call was answered: nothing to pass on
  };

  // All with the mutex held.
  bool push(T& value) {
    if (items_.size() + promised_ >= capacity_) return false;
    items_.push_back(std::move(value));
    promise_items();
    return true;
  }
  std::optional<T> pop() {
    if (items_.empty()) return std::nullopt;
    std::optional<T> item{std::move(items_.front())};
    items_.pop_front();
    promise_rooms();
    return item;
  }
  std::optional<T> pop_free() { return items_.size() > owed_ ? pop() : std::nullopt; }
  void promise_items() {
    while (items_.size() > owed_ && receivers_.call_one()) ++owed_;
  }
  void promise_rooms() {
    while (items_.size() + promised_ < capacity_ && senders_.call_one()) ++promised_;
  }
  void pass_on(WaitList& list) {
    if (closed_) return;  // all were called
    if (&list == &receivers_) {
      --owed_;
      promise_items();
    } else {
      --promised_;
      promise_rooms();
    }
  }

  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::deque<T> items_;       // this and all below guarded by mutex_
  std::size_t promised_ = 0;  // rooms of senders that were called and have not come yet
  std::size_t owed_ = 0;      // values of receivers likewise
  WaitList senders_;
  WaitList receivers_;
  bool closed_ = false;
};

}  // namespace trawl::coro
