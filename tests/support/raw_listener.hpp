#pragma once
// A listening socket that accepts only when told to, for looking at a connection from the other
// end.

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace trawl::support {

class RawListener {
 public:
  explicit RawListener(int backlog = 16)
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), address_(loopback(0)) {
    socklen_t size = sizeof address_;
    if (::bind(fd_, generic(), size) != 0 || ::listen(fd_, backlog) != 0 ||
        ::getsockname(fd_, generic(), &size) != 0)
      throw std::runtime_error("no listening socket on 127.0.0.1");
  }
  ~RawListener() {
    for (const int fd : fillers_) ::close(fd);
    close();
  }
  RawListener(const RawListener&) = delete;
  RawListener& operator=(const RawListener&) = delete;

  std::string url() const { return fmt::format("http://127.0.0.1:{}/", ntohs(address_.sin_port)); }
  int port() const { return ntohs(address_.sin_port); }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  // Fills the backlog, so that further connections are neither made nor refused.
  void fill() {
    for (int i = 0; i < 8; ++i) {
      fillers_.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      ::connect(fillers_.back(), generic(), sizeof address_);
    }
  }
  // Takes the next connection and reads until its end; what came. Waits for both.
  std::string accept_and_read_to_end() {
    const int connection = ::accept(fd_, nullptr, nullptr);
    std::string bytes;
    char block[4096];
    for (;;) {
      const auto got = ::recv(connection, block, sizeof block, 0);
      if (got <= 0) break;
      bytes.append(block, static_cast<std::size_t>(got));
    }
    ::close(connection);
    return bytes;
  }

 private:
  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
  }
  sockaddr* generic() { return reinterpret_cast<sockaddr*>(&address_); }

  int fd_;
  sockaddr_in address_;
  std::vector<int> fillers_;
};

}  // namespace trawl::support
