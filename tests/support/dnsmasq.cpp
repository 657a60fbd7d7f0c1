// Like nginx it can't be told "any port", so a free one is looked for.
#include "tests/support/dnsmasq.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

namespace trawl::support {
namespace {

constexpr const char* program = "/usr/sbin/dnsmasq";  // not in everybody's PATH
constexpr int starts_max = 5;

std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool bound = ::bind(fd, generic, size) == 0 && ::getsockname(fd, generic, &size) == 0;
  ::close(fd);
  if (!bound) throw std::runtime_error("no free port on 127.0.0.1");
  return ntohs(address.sin_port);
}

}  // namespace

Dnsmasq::Dnsmasq(const std::vector<std::string>& options) {
  for (int start = 1;; ++start) {
    port_ = free_port();
    std::vector<std::string> args{program,
                                  "--keep-in-foreground",
                                  "--conf-file=/dev/null",
                                  "--pid-file",
                                  "--no-resolv",
                                  "--no-hosts",
                                  "--local=/test/",
                                  "--listen-address=127.0.0.1",
                                  "--bind-interfaces",
                                  "--log-facility=-",
                                  "--log-queries",
                                  fmt::format("--port={}", port_)};
    args.insert(args.end(), options.begin(), options.end());
    process_ = std::make_unique<Subprocess>(
        Command{.args = std::move(args), .timeout = std::chrono::hours{1}});
    // Its sockets are bound before it says so.
    if (process_->wait_for_output("started, version")) return;
    if (start == starts_max) throw std::runtime_error("dnsmasq: " + process_->err());
  }
}

std::string Dnsmasq::address() const {
  return fmt::format("127.0.0.1:{}", port_);
}

std::size_t Dnsmasq::count(std::string_view name, std::string_view type) const {
  const std::string line = fmt::format("query[{}] {} from", type, name);
  const std::string log = process_->err();
  std::size_t count = 0;
  for (auto at = log.find(line); at != log.npos; at = log.find(line, at + 1)) ++count;
  return count;
}

void Dnsmasq::pause() {
  process_->send_signal(SIGSTOP);
}

void Dnsmasq::resume() {
  process_->send_signal(SIGCONT);
}

}  // namespace trawl::support
