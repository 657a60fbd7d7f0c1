#pragma once
// A TLS server on 127.0.0.1 that says one thing: a script for what goes wrong in and around TLS.
// One connection at a time, on a thread of its own, unless the script has them side by side.

#include "tests/support/certificates.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace trawl::support {

struct TlsScript {
  CertificateFiles files;
  std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";  // to every request
  bool keep_alive = false;
  bool close_notify = true;    // before the connection is closed
  int version_max = 0;         // TLS1_VERSION or so; 0: any
  std::string client_ca;       // a client must show a certificate that this file vouches for
  std::string instead_of_tls;  // sent at once, without any handshake
  bool close_at_once = false;  // after the client's first bytes
  bool http2 = false;          // one request; answer is the frames for it
  // Instead of answer: of the request's head. Any thread.
  std::function<std::string(const std::string&)> respond = {};
  bool side_by_side = false;  // connections
  std::string without_end;    // after the answer, again and again for as long as it is taken
};

class TlsServer {
 public:
  explicit TlsServer(TlsScript script);
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  std::uint16_t port() const { return port_; }
  std::string url(std::string_view target = "/", std::string_view host = "127.0.0.1") const;
  int connections() const { return connections_; }
  int requests() const { return requests_; }

 private:
  void run();
  void serve(int connection);
  void serve_and_close(int connection);

  TlsScript script_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  std::atomic<int> requests_ = 0;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

}  // namespace trawl::support
