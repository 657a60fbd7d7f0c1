#pragma once
// Gives what happens to jobs to every client that listens. Queues are bounded: of progress the last
// of each job is kept, and a client that falls behind loses events and is told how many. Loop
// thread only, but for what Jobs calls.

#include "core/coro/event.hpp"
#include "core/coro/generator.hpp"
#include "core/coro/semaphore.hpp"
#include "core/coro/task.hpp"
#include "service/daemon/jobs.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace trawl::service::control {

class EventHub;

// One client's queue.
class Subscription {
 public:
  // One event as it is written, shared by all who get it.
  struct Item {
    std::shared_ptr<const std::string> text;
    std::shared_ptr<const std::string> job;
    bool progress = false;
    bool state = false;
  };

  // job: only this one's events; empty: all. The hub must outlive it.
  Subscription(EventHub& hub, std::string job);
  ~Subscription();
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

  void offer(const Item& item);
  void add_dropped(std::uint64_t count);
  // Waits for events, at most as long as a heartbeat; gives all that wait, or a comment.
  coro::Task<std::string> next();
  std::size_t queued() const { return queue_.size(); }

 private:
  EventHub& hub_;
  std::string job_;
  coro::Event arrived_;
  std::deque<Item> queue_;
  std::size_t queued_bytes_ = 0;
  std::uint64_t dropped_ = 0;
  std::list<Subscription*>::iterator place_;
};

class EventHub {
 public:
  // on_state: a job's state has changed; called before any client is told.
  EventHub(coro::Executor executor, Jobs& jobs, std::function<void()> on_state = {})
      : executor_(std::move(executor)), jobs_(jobs), on_state_(std::move(on_state)) {}
  EventHub(const EventHub&) = delete;
  EventHub& operator=(const EventHub&) = delete;

  // Listens to the jobs until it is cancelled.
  coro::Task<> run();
  std::size_t listeners() const { return listeners_.size(); }

 private:
  friend class Subscription;

  void take(const JobEvent& event);  // any thread
  void hand_out();

  coro::Executor executor_;
  Jobs& jobs_;
  std::function<void()> on_state_;
  std::list<Subscription*> listeners_;

  std::mutex mutex_;
  std::vector<Subscription::Item> arrived_;  // guarded by mutex_
  std::uint64_t overflowed_ = 0;             // guarded by mutex_
  bool posted_ = false;                      // guarded by mutex_
};

// As text/event-stream, for as long as it is asked.
coro::AsyncGenerator<std::string> event_text(std::unique_ptr<Subscription> subscription,
                                             coro::Permit permit);

}  // namespace trawl::service::control
