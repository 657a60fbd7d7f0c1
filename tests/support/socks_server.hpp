#pragma once
// A SOCKS5 proxy on 127.0.0.1 (RFC 1928, RFC 1929), which notes what it was asked for. Names are
// not looked up: whatever is asked for, it connects to 127.0.0.1 on that port.

#include <atomic>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace trawl::support {

class SocksServer {
 public:
  // user: "name:password" that a client must give, or nothing. refuse: the code that every request
  // is answered with (5: connection refused); 0: none.
  explicit SocksServer(std::string user = {}, std::uint8_t refuse = 0);
  ~SocksServer();
  SocksServer(const SocksServer&) = delete;
  SocksServer& operator=(const SocksServer&) = delete;

  std::uint16_t port() const { return port_; }
  std::vector<std::string> asked() const;  // "name.test:80", "127.0.0.1:80", in order

 private:
  void run();
  void serve(int client);
  bool greet(int client) const;
  int connect_as_asked(int client);

  std::string user_;
  std::uint8_t refuse_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stop_ = false;
  mutable std::mutex mutex_;
  std::vector<std::string> asked_;
  std::list<std::thread> threads_;  // the listener's thread only
  std::thread thread_;
};

}  // namespace trawl::support
