#pragma once
// One accepted connection of a LoopbackServer: reads requests, plays the steps of their replies.

#include "tests/support/loopback_reply.hpp"

#include <deque>
#include <functional>
#include <optional>
#include <string>

namespace trawl::support {

class LoopbackConnection {
 public:
  using Answer = std::function<Reply(const SeenRequest&)>;

  LoopbackConnection(int socket, std::size_t number);  // takes the socket over; it must not block
  ~LoopbackConnection();
  LoopbackConnection(const LoopbackConnection&) = delete;
  LoopbackConnection& operator=(const LoopbackConnection&) = delete;

  int socket() const { return socket_; }
  bool is_open() const { return socket_ >= 0; }
  bool is_answering() const { return answering_; }
  short poll_events(Mono now) const;
  std::optional<Mono> wakes_at() const;  // when a wait ends

  // Reads what came, answers what is complete, writes what fits.
  void advance(short events, Mono now, const Answer& answer);

 private:
  void read();
  std::optional<SeenRequest> take_request(Mono now);
  void play(Mono now);
  bool send_some(const std::string& bytes);  // true when all of it is out
  void close();
  void reset();

  int socket_;
  std::size_t number_;
  std::string in_;
  std::deque<Step> steps_;
  std::size_t sent_ = 0;  // bytes of the first step
  std::optional<Mono> wait_until_;
  bool answering_ = false;
  bool peer_closed_ = false;
};

}  // namespace trawl::support
