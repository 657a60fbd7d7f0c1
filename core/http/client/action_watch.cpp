// The number of an action has a bit for the watch's hold on it, which the end of the action waits
// for: so the sockets are there for as long as they are looked at. Which one it is that libcurl
// reads from is nowhere to be had; it is the one that goes on to receive while the others are full.
#include "core/http/client/action_watch.hpp"

#include "core/base/log.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <list>
#include <stop_token>
#include <thread>

namespace trawl::http {
namespace {

using Slot = WatchedAction::Slot;

constexpr std::chrono::milliseconds look_interval{500};
constexpr int looks_max = 4;
constexpr std::uint64_t held = 1;
constexpr std::uint64_t number_step = 2;

// The beginning of the kernel's tcp_info (linux/tcp.h), of which glibc's header has a part.
struct TcpInfo {
  tcp_info known;
  std::uint64_t pacing_rate, max_pacing_rate, bytes_acked, bytes_received;
};
static_assert(offsetof(TcpInfo, pacing_rate) == 104);

struct Seen {
  Slot slot;
  std::uint64_t action = 0;
  int looks = 0;  // that saw the same action
  WatchedSockets::Received received;
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
  std::uint64_t now = seen.slot.action.load();
  seen.looks = now != 0 && now == seen.action ? seen.looks + 1 : 0;
  seen.action = now;
  if (seen.looks == 0 || !seen.slot.action.compare_exchange_strong(now, now | held)) return;
  const WatchedSockets& sockets = *seen.slot.sockets.load(std::memory_order_relaxed);
  if (seen.looks < looks_max) {
    seen.received = sockets.received();
  } else {
    sockets.cut_busiest(seen.received);
    seen.looks = 0;
  }
  seen.slot.action.store(now);
}

Slot& slot_of_thread() {
  thread_local Watcher::Place place{Watcher::instance()};
  return place.slot();
}

std::uint64_t next_number() {
  thread_local std::uint64_t number = 0;
  return number += number_step;
}

}  // namespace

void WatchedSockets::insert(int fd) {
  const std::lock_guard lock{mutex_};
  fds_.insert(fd);
}

void WatchedSockets::erase(int fd) {
  const std::lock_guard lock{mutex_};
  fds_.erase(fd);
}

WatchedSockets::Received WatchedSockets::received() const {
  const std::lock_guard lock{mutex_};
  return received_locked();
}

WatchedSockets::Received WatchedSockets::received_locked() const {
  Received received;
  for (const int fd : fds_) {
    TcpInfo info{};
    socklen_t size = sizeof info;
    if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0)
      received[fd] = info.bytes_received;
  }
  return received;
}

void WatchedSockets::cut_busiest(const Received& before) const {
  const std::lock_guard lock{mutex_};
  int busiest = -1;
  std::uint64_t most = 0;
  for (const auto& [fd, bytes] : received_locked()) {
    const auto earlier = before.find(fd);
    const std::uint64_t since = earlier == before.end() ? bytes : bytes - earlier->second;
    if (since <= most) continue;
    busiest = fd;
    most = since;
  }
  if (busiest < 0) return;
  ::shutdown(busiest, SHUT_RDWR);
  log("http")->warn("a server kept its connection busy for 2 s without an answer; it is cut");
}

WatchedAction::WatchedAction(const WatchedSockets& sockets) : slot_(slot_of_thread()) {
  slot_.sockets.store(&sockets, std::memory_order_relaxed);
  slot_.action.store(next_number(), std::memory_order_release);
}

WatchedAction::~WatchedAction() {
  std::uint64_t now = slot_.action.load(std::memory_order_relaxed) & ~held;
  while (!slot_.action.compare_exchange_weak(now, 0, std::memory_order_acq_rel,
                                             std::memory_order_relaxed))
    now &= ~held;
}

}  // namespace trawl::http
