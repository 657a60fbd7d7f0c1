// All connections drip in ten groups, one after the other, so that the work is even over the time.
#include "tests/support/drip_server.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>

namespace trawl::support {
namespace {

constexpr std::size_t slices = 10;
constexpr std::uint32_t first_host = 0x7F000101;  // 127.0.1.1

void send_text(int fd, std::string_view text) {
  // The client's window is larger than anything that is sent at once here.
  [[maybe_unused]] const auto sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
}

}  // namespace

DripServer::DripServer(DripOptions options)
    : options_(options), poll_(::epoll_create1(EPOLL_CLOEXEC)) {
  listen_on(INADDR_LOOPBACK);
  for (int host = 0; host < options_.hosts; ++host)
    listen_on(first_host + static_cast<std::uint32_t>(host));
  thread_ = std::thread{[this] { run(); }};
}

DripServer::~DripServer() {
  stop_ = true;
  thread_.join();
  for (const auto& connection : open_)
    if (connection) ::close(connection->fd);
  for (const int fd : listeners_) ::close(fd);
  ::close(poll_);
}

// The first one gets any port, the others the same.
void DripServer::listen_on(std::uint32_t address) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(address);
  name.sin_port = htons(port_);
  socklen_t size = sizeof name;
  auto* generic = reinterpret_cast<sockaddr*>(&name);
  if (::bind(fd, generic, size) != 0 || ::listen(fd, 4096) != 0 ||
      ::getsockname(fd, generic, &size) != 0)
    throw std::runtime_error("can't listen on 127.0.0.0/8");
  port_ = ntohs(name.sin_port);
  listeners_.push_back(fd);
  epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
  ::epoll_ctl(poll_, EPOLL_CTL_ADD, fd, &event);
}

std::string DripServer::slow_url(int number) const {
  return fmt::format("http://127.0.1.{}:{}/slow/{}", number % options_.hosts + 1, port_, number);
}

std::string DripServer::fast_url(int number) const {
  return fmt::format("http://127.0.0.1:{}/fast/{}", port_, number);
}

void DripServer::run() {
  std::array<epoll_event, 256> events;
  const Millis step = options_.drip_every / slices;
  Mono next = system_clock().now() + step;
  for (std::size_t slice = 0; !stop_;) {
    const auto wait = std::chrono::ceil<Millis>(next - system_clock().now());
    const int count = ::epoll_wait(poll_, events.data(), events.size(),
                                   static_cast<int>(std::max<std::int64_t>(wait.count(), 0)));
    for (int i = 0; i < count; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      std::ranges::find(listeners_, fd) != listeners_.end() ? accept_all(fd) : read_from(fd);
    }
    if (system_clock().now() < next) continue;
    drip(slice++ % slices);
    next += step;
  }
}

void DripServer::accept_all(int listener) {
  for (;;) {
    const int fd = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    const auto place = static_cast<std::size_t>(fd);
    if (open_.size() <= place) open_.resize(place + 1);
    open_[place] = std::make_unique<Connection>();
    open_[place]->fd = fd;
    epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
    ::epoll_ctl(poll_, EPOLL_CTL_ADD, fd, &event);
  }
}

void DripServer::read_from(int fd) {
  Connection* connection = open_[static_cast<std::size_t>(fd)].get();
  if (connection == nullptr) return;
  std::array<char, 4096> block;
  const ssize_t count = ::recv(fd, block.data(), block.size(), 0);
  if (count < 0 && errno == EAGAIN) return;  // told of a descriptor's former connection
  if (count <= 0) return close(fd);
  connection->request.append(block.data(), static_cast<std::size_t>(count));
  const auto end = connection->request.find("\r\n\r\n");
  if (end == std::string::npos) return;
  const auto begin = connection->request.find(' ') + 1;
  const auto target =
      connection->request.substr(begin, connection->request.find(' ', begin) - begin);
  connection->request.erase(0, end + 4);
  if (connection->request.empty()) connection->request.shrink_to_fit();
  answer(*connection, target);
}

void DripServer::answer(Connection& connection, std::string_view target) {
  const bool slow = target.starts_with("/slow"), fast = target.starts_with("/fast");
  const std::size_t bytes =
      slow ? options_.drip_bytes * static_cast<std::size_t>(options_.drips) : 4;
  send_text(connection.fd,
            fmt::format("HTTP/1.1 {}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{}",
                        slow || fast ? "200 OK" : "404 Not Found", bytes, slow ? "" : "fast"));
  if (!slow) {
    ++answered_;
    return;
  }
  connection.drips_left = options_.drips;
  ++slow_;
  slow_max_ = std::max(slow_max_.load(), slow_);
}

void DripServer::drip(std::size_t slice) {
  if (slow_max_ < options_.begin_at) return;
  const std::string bytes(options_.drip_bytes, 'x');
  for (std::size_t place = slice; place < open_.size(); place += slices) {
    Connection* connection = open_[place].get();
    if (connection == nullptr || connection->drips_left == 0) continue;
    send_text(connection->fd, bytes);
    if (--connection->drips_left > 0) continue;
    --slow_;
    ++answered_;
  }
}

void DripServer::close(int fd) {
  auto& connection = open_[static_cast<std::size_t>(fd)];
  if (connection->drips_left > 0) --slow_;
  connection.reset();
  ::close(fd);
}

}  // namespace trawl::support
