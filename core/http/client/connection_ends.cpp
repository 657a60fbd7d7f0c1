// A port of ours alone is no name: the system gives it out again towards another server.
#include "core/http/client/connection_ends.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <utility>

namespace trawl::http {
namespace {

struct End {
  std::string ip;
  int port = 0;
};

// Empty: the socket has no such end, or it is none of the internet's.
End read_end(int fd, int (*get)(int, sockaddr*, socklen_t*)) {
  sockaddr_storage storage{};
  socklen_t size = sizeof(storage);
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  if (get(fd, address, &size) != 0) return {};
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* bytes = nullptr;
  in_port_t port = 0;
  if (address->sa_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(address);
    bytes = &v4->sin_addr;
    port = v4->sin_port;
  } else if (address->sa_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address);
    bytes = &v6->sin6_addr;
    port = v6->sin6_port;
  }
  if (bytes == nullptr || !::inet_ntop(address->sa_family, bytes, text.data(), text.size()))
    return {};
  return {text.data(), ntohs(port)};
}

std::string name_of(std::string_view server_ip, int server_port, int own_port) {
  return fmt::format("{} {} {}", server_ip, server_port, own_port);
}

}  // namespace

void ConnectionEnds::note(int fd) {
  if (names_.contains(fd)) return;
  const End server = read_end(fd, ::getpeername);
  const End own = read_end(fd, ::getsockname);
  if (server.ip.empty() || own.ip.empty()) return;
  std::string name = name_of(server.ip, server.port, own.port);
  sockets_[name] = fd;
  names_.emplace(fd, std::move(name));
}

void ConnectionEnds::forget(int fd) {
  const auto name = names_.find(fd);
  if (name == names_.end()) return;
  if (const auto socket = sockets_.find(name->second);
      socket != sockets_.end() && socket->second == fd)
    sockets_.erase(socket);
  names_.erase(name);
}

bool ConnectionEnds::has_unread(std::string_view server_ip, int server_port, int own_port) const {
  const auto socket = sockets_.find(name_of(server_ip, server_port, own_port));
  if (socket == sockets_.end()) return false;
  char byte = 0;
  return ::recv(socket->second, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

}  // namespace trawl::http
