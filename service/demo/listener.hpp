#pragma once
// Accepts connections on 127.0.0.1 for the servers of the demo, so many at once. Loop thread only,
// but for port().

#include "core/coro/group.hpp"
#include "core/coro/semaphore.hpp"
#include "core/coro/task.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <functional>
#include <string_view>

namespace trawl::service::demo {

class Listener {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  // Talks to one client until it ends. That the client goes away, falls silent or speaks no HTTP is
  // no trouble of the site's: what it throws of errors of the network ends the connection alone.
  using Converse = std::function<coro::Task<>(Socket)>;

  // Listens at once; 0 takes a free port. what: for the message, when it can't ("the demo site").
  // Throws Failure{io}.
  Listener(const coro::Executor& executor, std::uint16_t port, std::string_view what);

  std::uint16_t port() const { return port_; }

  // Serves until it is cancelled, and ends when its connections have.
  coro::Task<> serve(Converse converse);

 private:
  coro::Task<> accept(const Converse& converse, coro::Group& connections);
  static coro::Task<> talk(const Converse& converse, Socket socket, coro::Permit permit);

  boost::asio::ip::tcp::acceptor acceptor_;
  coro::Semaphore permits_;
  std::uint16_t port_;
};

}  // namespace trawl::service::demo
