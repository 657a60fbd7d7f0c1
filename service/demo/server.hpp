#pragma once
// Serves the demo site on 127.0.0.1, HTTP/1.1 with keep-alive and conditional requests. Loop thread
// only, but for port() and origin().

#include "core/coro/task.hpp"
#include "service/demo/listener.hpp"
#include "service/demo/site.hpp"

#include <cstdint>
#include <string>

namespace trawl::service::demo {

class Server {
 public:
  // Listens at once. Throws Failure{io} when the port is taken; 0 takes a free one.
  Server(const coro::Executor& executor, Site site, std::uint16_t port = 0);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const { return listener_.port(); }
  const std::string& origin() const { return origin_; }  // "http://127.0.0.1:PORT"
  const Site& site() const { return site_; }
  std::uint64_t answered() const { return answered_; }

  // Serves until it is cancelled, and ends when its connections have.
  coro::Task<> serve();

 private:
  using Socket = Listener::Socket;

  coro::Task<> answer_all(Socket socket);

  Site site_;
  Listener listener_;
  std::string origin_;
  std::uint64_t answered_ = 0;
};

}  // namespace trawl::service::demo
