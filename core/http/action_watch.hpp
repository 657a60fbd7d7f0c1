#pragma once
// ActionWatch: cuts the connection that libcurl does not come back from. Its HTTP/2 (7.88) reads
// what a socket has until there is nothing, so a server that sends frames without content faster
// than they are read holds the loop, and all its other transfers, for as long as it likes.

#include <atomic>
#include <cstdint>

namespace trawl::http {

class ActionWatch {
 public:
  // What one thread does with a socket, for as long as this lives. Two writes; a thread of the
  // process looks every half second, and shuts a socket down that it has seen the same action on
  // for 2 s.
  class Action {
   public:
    explicit Action(int fd);
    ~Action();
    Action(const Action&) = delete;
    Action& operator=(const Action&) = delete;

   private:
    std::atomic<std::uint64_t>& slot_;
  };
};

}  // namespace trawl::http
