#pragma once
// ActionWatch: cuts the connection that libcurl does not come back from. Its HTTP/2 (7.88) reads
// what a socket has until there is nothing, so a server that sends frames without content faster
// than they are read holds the loop, and all its other transfers, for as long as it likes.

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <unordered_set>

namespace trawl::http {

// The connections of a multi handle. Its loop's, but for what is said of the watch.
class WatchedSockets {
 public:
  void insert(int fd);
  void erase(int fd);  // before it is closed
  bool contains(int fd) const { return fds_.contains(fd); }

  // The watch: bytes that each has received so far, and an end to the one that got most since.
  using Received = std::map<int, std::uint64_t>;
  Received received() const;
  void cut_busiest(const Received& before) const;

 private:
  Received received_locked() const;

  mutable std::mutex mutex_;
  std::unordered_set<int> fds_;  // changed with mutex_, by the loop
};

// While it lives, libcurl is at work on the sockets. A few writes; a thread of the process looks
// every half second, and cuts one when it has seen the same action for 2 s.
class WatchedAction {
 public:
  explicit WatchedAction(const WatchedSockets& sockets);
  ~WatchedAction();
  WatchedAction(const WatchedAction&) = delete;
  WatchedAction& operator=(const WatchedAction&) = delete;

  struct Slot {
    std::atomic<std::uint64_t> action = 0;  // its number; 0: none
    std::atomic<const WatchedSockets*> sockets = nullptr;
  };

 private:
  Slot& slot_;
};

}  // namespace trawl::http
