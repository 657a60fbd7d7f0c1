#pragma once
// Plays scripts to whoever connects to it on 127.0.0.1, over TCP or TLS. It reads a request's head
// and nothing more of HTTP: what is answered, and whether it is HTTP at all, is the script's.
// Loop thread only, but for port() and origin().

#include "core/coro/task.hpp"
#include "service/demo/listener.hpp"
#include "service/demo/script.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace boost::asio::ssl {
class context;
}

namespace trawl::service::demo {

struct ScriptRequest {
  std::string_view method;
  std::string_view target;     // as sent
  std::string_view head;       // all of it
  std::size_t connection = 0;  // counted from 1
};

class ScriptServer {
 public:
  using Answer = std::function<Script(const ScriptRequest&)>;
  struct Options {
    std::uint16_t port = 0;                    // 0: a free one
    boost::asio::ssl::context* tls = nullptr;  // outlives the server; null: plain TCP
  };

  // Listens at once. Throws Failure{io} when the port is taken.
  ScriptServer(const coro::Executor& executor, Answer answer, Options options);
  ScriptServer(const ScriptServer&) = delete;
  ScriptServer& operator=(const ScriptServer&) = delete;

  std::uint16_t port() const { return listener_.port(); }
  const std::string& origin() const { return origin_; }  // "http://127.0.0.1:PORT"

  // Serves until it is cancelled, and ends when its connections have.
  coro::Task<> serve();

 private:
  using Socket = Listener::Socket;

  coro::Task<> converse(Socket socket);
  coro::Task<> converse_tls(Socket socket);
  template <class Stream>
  coro::Task<> answer_all(Stream& stream);

  Answer answer_;
  Options options_;
  Listener listener_;
  std::string origin_;
  std::size_t accepted_ = 0;
};

}  // namespace trawl::service::demo
