#pragma once
// The demo's hostile site, or scripts of a test's own, on 127.0.0.1 with a thread of its own; over
// TLS with a certificate made at run time when asked for. All members may be called from any
// thread.

#include "core/coro/loop.hpp"
#include "service/demo/hostile_site.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace trawl::support {

class HostileServer {
 public:
  using Answer = service::demo::ScriptServer::Answer;
  enum class Transport { tcp, tls };

  // answer: called on the server's thread.
  explicit HostileServer(Answer answer = service::demo::hostile_answer,
                         Transport transport = Transport::tcp);
  ~HostileServer();  // at once, whatever the connections are doing
  HostileServer(const HostileServer&) = delete;
  HostileServer& operator=(const HostileServer&) = delete;

  std::string url(std::string_view target = "/") const;
  std::size_t count(std::string_view target) const;  // requests for it
  std::size_t connections() const;                   // that have sent a request
  // The server's certificate, for clients that are to trust it.
  const std::string& certificate_pem() const { return certificate_pem_; }

 private:
  service::demo::Script answer(const service::demo::ScriptRequest& request);
  void run();

  Answer answer_;
  std::string certificate_pem_;
  std::unique_ptr<boost::asio::ssl::context> tls_;
  coro::Loop loop_;
  std::unique_ptr<service::demo::ScriptServer> server_;

  // Under mutex_.
  mutable std::mutex mutex_;
  std::map<std::string, std::size_t, std::less<>> counts_;
  std::size_t connections_ = 0;

  std::thread thread_;
};

}  // namespace trawl::support
