#pragma once
// A scriptable name server on 127.0.0.1, over UDP and TCP on one port, with a thread of its own:
//   server.on("a.test", {"127.0.0.1", "::1"});
//   server.on("slow.test", [](const DnsQuestion&) { return DnsReply{.silent = true}; });
// What it was not told of is NXDOMAIN. Handlers run on the server's thread; all members may be
// called from any thread.

#include "tests/support/dns_message.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace trawl::support {

class DnsServer {
 public:
  using Handler = std::function<DnsReply(const DnsQuestion&)>;

  DnsServer();
  ~DnsServer();
  DnsServer(const DnsServer&) = delete;
  DnsServer& operator=(const DnsServer&) = delete;

  void on(const std::string& name, std::vector<std::string> addresses);
  void on(const std::string& name, Handler handler);
  void otherwise(Handler handler);

  std::uint16_t port() const { return port_; }
  std::string address() const;  // "127.0.0.1:port"

  std::vector<DnsQuestion> questions() const;  // in order of arrival
  std::size_t count() const;
  std::size_t count(std::string_view name, DnsType type = DnsType::a) const;

 private:
  struct Due {
    Mono at;
    std::string bytes;
    std::string to;  // a socket address
  };

  void run();
  void serve_datagrams(std::vector<Due>& due);
  void serve_connection();
  DnsReply answer(DnsQuestion& question);

  int udp_ = -1;
  int tcp_ = -1;
  int wake_ = -1;
  std::uint16_t port_ = 0;

  mutable std::mutex mutex_;
  std::map<std::string, Handler, std::less<>> names_;
  Handler otherwise_;
  std::vector<DnsQuestion> questions_;
  std::map<std::pair<std::string, DnsType>, std::size_t> counts_;

  std::thread thread_;
};

}  // namespace trawl::support
