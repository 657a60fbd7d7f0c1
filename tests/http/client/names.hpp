#pragma once
// The names of these tests, so that none asks a real name server:
//   mixed.test            10.0.0.1 first, then 127.0.0.1
//   private.test          10.0.0.1 and 10.0.0.2
//   dual.test             ::1 first, then 127.0.0.1
//   a!b.test              127.0.0.1
//   every other name:     a name server that never answers

#include "core/http/dns/resolver.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <memory>

namespace trawl::http {

// A UDP socket that nobody reads.
class SilentNameServer {
 public:
  SilentNameServer() : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    ::bind(fd_, generic, size);
    ::getsockname(fd_, generic, &size);
    port_ = ntohs(address.sin_port);
  }
  ~SilentNameServer() { ::close(fd_); }
  SilentNameServer(const SilentNameServer&) = delete;
  SilentNameServer& operator=(const SilentNameServer&) = delete;
  dns::ServerAddress address() const { return {IpAddress::v4(0x7F000001), port_}; }

 private:
  int fd_;
  std::uint16_t port_ = 0;
};

inline dns::ResolverOptions test_names() {
  static const SilentNameServer silent;
  return {.servers = {silent.address()},
          .hosts = std::make_shared<const dns::HostsFile>(dns::HostsFile::parse(R"(
10.0.0.1   mixed.test
127.0.0.1  mixed.test
10.0.0.1   private.test
10.0.0.2   private.test
::1        dual.test
127.0.0.1  dual.test
127.0.0.1  a!b.test
)"))};
}

}  // namespace trawl::http
