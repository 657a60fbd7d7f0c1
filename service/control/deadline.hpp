#pragma once
// How long a connection's next steps may take together: then its socket's operations end with
// operation_aborted, those that begin later too, until it is set anew or lifted. A timer of its
// own, since within() costs two tasks and a connection would need several for each request. Loop
// thread only.

#include "core/coro/task.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <memory>

namespace trawl::service::control {

class Deadline {
 public:
  // socket must outlive it.
  explicit Deadline(boost::asio::ip::tcp::socket& socket);
  ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  void set(std::chrono::steady_clock::duration time);
  void lift();
  bool passed() const { return state_->passed; }

 private:
  // Shared with the timer's handler, which may run after the connection has ended.
  struct State {
    explicit State(boost::asio::ip::tcp::socket& of) : socket(&of), timer(of.get_executor()) {}
    boost::asio::ip::tcp::socket* socket;
    boost::asio::steady_timer timer;
    std::chrono::steady_clock::time_point time;
    bool passed = false;
  };
  static void wait(const std::shared_ptr<State>& state);

  std::shared_ptr<State> state_;
};

}  // namespace trawl::service::control
