// A thread for each connection: tests have few.
#include "tests/support/socks_server.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace trawl::support {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

// Exactly so many bytes; fewer when the connection ends.
std::string take(int fd, std::size_t count) {
  std::string bytes(count, '\0');
  const auto got = ::recv(fd, bytes.data(), count, MSG_WAITALL);
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return bytes;
}

bool give(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::size_t number(const std::string& byte) {
  return byte.empty() ? 0 : static_cast<unsigned char>(byte[0]);
}

// Both ways, until either side ends.
void relay(int left, int right, const std::atomic<bool>& stop) {
  pollfd ends[]{{left, POLLIN, 0}, {right, POLLIN, 0}};
  char block[16384];
  while (!stop) {
    if (::poll(ends, 2, 20) < 0) return;
    for (int i = 0; i < 2; ++i) {
      if (ends[i].revents == 0) continue;
      const auto got = ::recv(ends[i].fd, block, sizeof block, 0);
      if (got <= 0 || !give(ends[1 - i].fd, {block, static_cast<std::size_t>(got)})) return;
    }
  }
}

}  // namespace

SocksServer::SocksServer(std::string user, std::uint8_t refuse)
    : user_(std::move(user)),
      refuse_(refuse),
      listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  auto address = loopback(0);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, generic, &size) != 0)
    throw std::runtime_error("SocksServer: no listening socket");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread{[this] { run(); }};
}

SocksServer::~SocksServer() {
  stop_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  for (auto& thread : threads_) thread.join();
  ::close(listener_);
}

std::vector<std::string> SocksServer::asked() const {
  const std::lock_guard lock{mutex_};
  return asked_;
}

void SocksServer::run() {
  while (!stop_) {
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    const timeval patience{.tv_sec = 5, .tv_usec = 0};
    ::setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    threads_.emplace_back([this, client] {
      serve(client);
      ::close(client);
    });
  }
}

void SocksServer::serve(int client) {
  if (!greet(client)) return;
  const int server = connect_as_asked(client);
  if (server < 0) return;
  relay(client, server, stop_);
  ::close(server);
}

bool SocksServer::greet(int client) const {
  const auto hello = take(client, 2);
  if (hello.size() != 2 || hello[0] != 5) return false;
  const auto methods = take(client, number(hello.substr(1)));
  const char wanted = user_.empty() ? '\0' : '\2';
  if (!methods.contains(wanted)) {
    give(client, "\x05\xFF");
    return false;
  }
  give(client, std::string{'\5', wanted});
  if (user_.empty()) return true;
  take(client, 1);
  std::string given = take(client, number(take(client, 1)));
  given += ":" + take(client, number(take(client, 1)));
  const bool right = given == user_;
  give(client, std::string{'\1', right ? '\0' : '\1'});
  return right;
}

int SocksServer::connect_as_asked(int client) {
  const auto head = take(client, 4);
  if (head.size() != 4) return -1;
  std::string host;
  if (head[3] == 1) {
    const auto bytes = take(client, 4);
    char text[INET_ADDRSTRLEN] = "?";
    ::inet_ntop(AF_INET, bytes.data(), text, sizeof text);
    host = text;
  } else if (head[3] == 3) {
    host = take(client, number(take(client, 1)));
  } else {
    take(client, 16);
    host = "v6";
  }
  const auto port_bytes = take(client, 2);
  if (port_bytes.size() != 2) return -1;
  const auto port =
      static_cast<std::uint16_t>(number(port_bytes) << 8 | number(port_bytes.substr(1)));
  {
    const std::lock_guard lock{mutex_};
    asked_.push_back(fmt::format("{}:{}", host, port));
  }
  const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = loopback(port);
  std::uint8_t code = refuse_;
  if (code == 0 &&
      ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    code = 5;
  std::string reply{'\5', static_cast<char>(code), '\0', '\1'};
  give(client, reply + std::string(6, '\0'));
  if (code == 0) return server;
  ::close(server);
  return -1;
}

}  // namespace trawl::support
