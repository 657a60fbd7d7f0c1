// A slot holds the action's number, the descriptor, and whether it is being cut: the end of an
// action waits for that, so that no descriptor is cut that was closed and is somebody else's.
#include "core/http/action_watch.hpp"

#include "core/base/log.hpp"

#include <sys/socket.h>

#include <chrono>
#include <condition_variable>
#include <list>
#include <mutex>
#include <stop_token>
#include <thread>

namespace trawl::http {
namespace {

using Slot = std::atomic<std::uint64_t>;

constexpr std::chrono::milliseconds look_interval{500};
constexpr int looks_max = 4;

constexpr std::uint64_t cutting = 1;
constexpr int fd_shift = 1, number_shift = 32;

std::uint64_t text_of(std::uint64_t number, int fd) {
  return number << number_shift | std::uint64_t(fd) << fd_shift;
}
int fd_of(std::uint64_t text) {
  return static_cast<int>((text & 0xffff'ffff) >> fd_shift);
}

struct Seen {
  Slot slot = 0;
  std::uint64_t last = 0;
  int looks = 0;  // that saw the same action
};

class Watcher {
 public:
  // Lives until the thread that it is for ends.
  class Place {
   public:
    explicit Place(Watcher& watcher) : watcher_(watcher), seen_(watcher.add()) {}
    ~Place() { watcher_.remove(seen_); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    Slot& slot() { return seen_->slot; }

   private:
    friend class Watcher;
    Watcher& watcher_;
    std::list<Seen>::iterator seen_;
  };

  static Watcher& instance() {
    static Watcher watcher;
    return watcher;
  }

 private:
  std::list<Seen>::iterator add();
  void remove(std::list<Seen>::iterator seen);
  void run(const std::stop_token& stop);
  static void look(Seen& seen);

  std::mutex mutex_;
  std::condition_variable_any stopped_;
  std::list<Seen> seen_;  // guarded by mutex_
  std::jthread thread_{[this](const std::stop_token& stop) { run(stop); }};
};

std::list<Seen>::iterator Watcher::add() {
  const std::lock_guard lock{mutex_};
  return seen_.emplace(seen_.end());
}

void Watcher::remove(std::list<Seen>::iterator seen) {
  const std::lock_guard lock{mutex_};
  seen_.erase(seen);
}

void Watcher::run(const std::stop_token& stop) {
  std::unique_lock lock{mutex_};
  while (!stop.stop_requested()) {
    stopped_.wait_for(lock, stop, look_interval, [] { return false; });
    for (Seen& seen : seen_) look(seen);
  }
}

void Watcher::look(Seen& seen) {
  std::uint64_t now = seen.slot.load();
  seen.looks = now != 0 && now == seen.last ? seen.looks + 1 : 0;
  seen.last = now;
  if (seen.looks < looks_max || !seen.slot.compare_exchange_strong(now, now | cutting)) return;
  ::shutdown(fd_of(now), SHUT_RDWR);
  seen.slot.store(now);
  seen.looks = 0;
  log("http")->warn("a server kept its connection busy for 2 s without an answer; it is cut");
}

Slot& slot_of_thread() {
  thread_local Watcher::Place place{Watcher::instance()};
  return place.slot();
}

// Of this thread's actions.
std::uint64_t next_number() {
  thread_local std::uint32_t number = 0;
  return ++number;
}

}  // namespace

ActionWatch::Action::Action(int fd) : slot_(slot_of_thread()) {
  slot_.store(text_of(next_number(), fd), std::memory_order_relaxed);
}

ActionWatch::Action::~Action() {
  std::uint64_t now = slot_.load(std::memory_order_relaxed) & ~cutting;
  while (!slot_.compare_exchange_weak(now, 0, std::memory_order_release, std::memory_order_relaxed))
    now &= ~cutting;
}

}  // namespace trawl::http
