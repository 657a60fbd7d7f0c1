#pragma once
// SocketPoll: the sockets of many transfers behind one descriptor of the event loop. A
// level-triggered epoll instance of our own, watched by Asio: a batch of ready sockets costs one
// wake-up of the loop, and a kept-alive connection stays registered between transfers. Loop thread
// only.

#include "core/coro/task.hpp"

#include <cstddef>
#include <memory>

namespace trawl::http {

class SocketPoll {
 public:
  // Told of its ready sockets, then once that the batch is over.
  class Owner {
   public:
    virtual void on_ready(int fd, bool readable, bool writable, bool failed) = 0;
    virtual void on_batch_end() = 0;

   protected:
    ~Owner() = default;
  };

  explicit SocketPoll(const coro::Executor& executor);  // throws std::system_error
  ~SocketPoll();
  SocketPoll(const SocketPoll&) = delete;
  SocketPoll& operator=(const SocketPoll&) = delete;

  // What is wanted of a socket from now on; neither keeps it registered but quiet.
  void watch(int fd, bool read, bool write, Owner& owner);
  // The socket is about to be closed, or is no longer the owner's.
  void forget(int fd);
  void forget_all(const Owner& owner);

 private:
  struct State;
  // Shared with the pending wait's handler, which may run after this object is gone.
  std::shared_ptr<State> state_;
};

}  // namespace trawl::http
