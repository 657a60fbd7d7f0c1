// A port is free when the system gives it; between that and its use somebody may take it, so those
// who use one start again then.
#include "tests/support/ports.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <thread>

namespace trawl::support {
namespace {

struct Socket {
  Socket() : fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  ~Socket() { ::close(fd); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int fd;
};

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

}  // namespace

std::uint16_t free_port() {
  const Socket socket;
  auto address = loopback(0);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(socket.fd, generic, size) != 0 || ::getsockname(socket.fd, generic, &size) != 0)
    throw std::runtime_error("no free port on 127.0.0.1");
  return ntohs(address.sin_port);
}

bool answers(std::uint16_t port) {
  const Socket socket;
  const auto address = loopback(port);
  return ::connect(socket.fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

bool wait_for_port(std::uint16_t port, Millis within) {
  const Mono until = system_clock().now() + within;
  while (!answers(port)) {
    if (system_clock().now() > until) return false;
    std::this_thread::sleep_for(Millis{10});
  }
  return true;
}

}  // namespace trawl::support
