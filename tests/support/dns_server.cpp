// One poll over both sockets. A TCP connection is served at once, question by question: a test has
// one of them at a time.
#include "tests/support/dns_server.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace trawl::support {
namespace {

constexpr std::size_t udp_bytes_max = 1232;
constexpr int tries_max = 20;

sockaddr* generic(sockaddr_in& address) {
  return reinterpret_cast<sockaddr*>(&address);
}

int make_socket(int type, std::uint16_t port) {
  const int fd = ::socket(AF_INET, type | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  const int size = 1 << 20;
  ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  if (::bind(fd, generic(address), sizeof address) == 0) return fd;
  ::close(fd);
  return -1;
}

std::uint16_t port_of(int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(fd, generic(address), &size);
  return ntohs(address.sin_port);
}

bool read_all(int fd, char* bytes, std::size_t size) {
  while (size > 0) {
    const auto got = ::recv(fd, bytes, size, 0);
    if (got <= 0) return false;
    bytes += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

}  // namespace

DnsServer::DnsServer() : wake_(::eventfd(0, EFD_CLOEXEC)) {
  // The same number has to be free for both.
  for (int i = 0; i < tries_max && tcp_ < 0; ++i) {
    if (udp_ >= 0) ::close(udp_);
    udp_ = make_socket(SOCK_DGRAM, 0);
    port_ = port_of(udp_);
    tcp_ = make_socket(SOCK_STREAM, port_);
  }
  if (tcp_ < 0 || ::listen(tcp_, 64) != 0) throw std::runtime_error("no free port on 127.0.0.1");
  thread_ = std::thread([this] { run(); });
}

DnsServer::~DnsServer() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
  thread_.join();
  for (const int fd : {udp_, tcp_, wake_}) ::close(fd);
}

void DnsServer::on(const std::string& name, std::vector<std::string> addresses) {
  on(name, [addresses = std::move(addresses)](const DnsQuestion& question) {
    return dns_addresses(question, addresses);
  });
}

void DnsServer::on(const std::string& name, Handler handler) {
  const std::lock_guard lock{mutex_};
  names_[name] = std::move(handler);
}

void DnsServer::otherwise(Handler handler) {
  const std::lock_guard lock{mutex_};
  otherwise_ = std::move(handler);
}

std::string DnsServer::address() const {
  return fmt::format("127.0.0.1:{}", port_);
}

std::vector<DnsQuestion> DnsServer::questions() const {
  const std::lock_guard lock{mutex_};
  return questions_;
}

std::size_t DnsServer::count() const {
  const std::lock_guard lock{mutex_};
  return questions_.size();
}

std::size_t DnsServer::count(std::string_view name, DnsType type) const {
  const std::lock_guard lock{mutex_};
  const auto found = counts_.find({std::string{name}, type});
  return found == counts_.end() ? 0 : found->second;
}

DnsReply DnsServer::answer(DnsQuestion& question) {
  const std::lock_guard lock{mutex_};
  question.time = system_clock().now();
  question.before = counts_[{question.name, question.type}]++;
  questions_.push_back(question);
  const auto named = names_.find(question.name);
  if (named != names_.end()) return named->second(question);
  return otherwise_ ? otherwise_(question) : DnsReply{.rcode = 3, .soa_minimum_s = 60};
}

void DnsServer::run() {
  std::vector<Due> due;
  for (;;) {
    const Mono now = system_clock().now();
    int wait_ms = -1;
    for (auto& reply : due) {
      if (reply.at <= now)
        ::sendto(udp_, reply.bytes.data(), reply.bytes.size(), 0,
                 reinterpret_cast<const sockaddr*>(reply.to.data()),
                 static_cast<socklen_t>(reply.to.size()));
      else
        wait_ms = std::max(1, static_cast<int>(std::chrono::ceil<Millis>(reply.at - now).count()));
    }
    std::erase_if(due, [&](const Due& reply) { return reply.at <= now; });
    if (due.size() > 1) wait_ms = 1;
    std::array<pollfd, 3> fds{{{udp_, POLLIN, 0}, {tcp_, POLLIN, 0}, {wake_, POLLIN, 0}}};
    ::poll(fds.data(), fds.size(), wait_ms);
    if (fds[2].revents != 0) return;
    if (fds[0].revents != 0) serve_datagrams(due);
    if (fds[1].revents != 0) serve_connection();
  }
}

void DnsServer::serve_datagrams(std::vector<Due>& due) {
  std::array<char, 4096> bytes;
  sockaddr_in from{};
  socklen_t size = sizeof from;
  for (;;) {
    const auto got =
        ::recvfrom(udp_, bytes.data(), bytes.size(), MSG_DONTWAIT, generic(from), &size);
    if (got < 0) return;
    auto query = read_dns_query({bytes.data(), static_cast<std::size_t>(got)});
    if (!query) continue;
    DnsReply reply = answer(query->question);
    if (reply.silent) continue;
    std::string message = dns_message(query->id, query->question, reply);
    if (message.size() > udp_bytes_max) {
      reply.truncated = true;
      message = dns_message(query->id, query->question, reply);
    }
    const std::string to{reinterpret_cast<const char*>(&from), size};
    if (reply.delay > Millis{0})
      due.push_back({query->question.time + reply.delay, std::move(message), to});
    else
      ::sendto(udp_, message.data(), message.size(), 0, generic(from), size);
  }
}

void DnsServer::serve_connection() {
  const int fd = ::accept4(tcp_, nullptr, nullptr, SOCK_CLOEXEC);
  const timeval patience{.tv_sec = 0, .tv_usec = 200'000};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  for (;;) {
    std::array<char, 2> length;
    if (!read_all(fd, length.data(), length.size())) break;
    std::string bytes(
        static_cast<unsigned char>(length[0]) * 256U + static_cast<unsigned char>(length[1]), '\0');
    if (!read_all(fd, bytes.data(), bytes.size())) break;
    auto query = read_dns_query(bytes);
    if (!query) break;
    query->question.tcp = true;
    DnsReply reply = answer(query->question);
    if (reply.silent) break;
    reply.truncated = false;
    const std::string message = dns_message(query->id, query->question, reply);
    const std::string framed = {static_cast<char>(message.size() >> 8 & 0xFF),
                                static_cast<char>(message.size() & 0xFF)};
    ::send(fd, (framed + message).data(), message.size() + 2, MSG_NOSIGNAL);
  }
  ::close(fd);
}

}  // namespace trawl::support
