// Like nginx they can't be told "any port", so a free one is looked for.
#include "tests/support/real_name_servers.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

namespace trawl::support {
namespace {

// Not in everybody's PATH.
constexpr const char* dnsmasq = "/usr/sbin/dnsmasq";
constexpr const char* knotd = "/usr/sbin/knotd";
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

std::string knot_configuration(const std::string& dir, std::uint16_t port) {
  return fmt::format(R"(server:
    listen: 127.0.0.1@{1}
    rundir: "{0}"
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
database:
    storage: "{0}"
log:
  - target: stderr
    any: info
zone:
  - domain: test
    storage: "{0}"
    file: zone
    zonefile-sync: -1
)",
                     dir, port);
}

}  // namespace

Dnsmasq::Dnsmasq(const std::vector<std::string>& options) {
  for (int start = 1;; ++start) {
    port_ = free_port();
    std::vector<std::string> args{dnsmasq,
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

Knot::Knot(const std::string& records) {
  dir_.write("zone",
             "$ORIGIN test.\n$TTL 300\n@ SOA ns hostmaster 1 3600 600 86400 42\n"
             "@ NS ns\nns A 192.0.2.53\n" +
                 records);
  for (int start = 1;; ++start) {
    port_ = free_port();
    const auto file = dir_.write("knot.conf", knot_configuration(dir_.string(), port_));
    process_ = std::make_unique<Subprocess>(
        Command{.args = {knotd, "-c", file.string()}, .timeout = std::chrono::hours{1}});
    if (process_->wait_for_output("server started")) return;
    if (start == starts_max) throw std::runtime_error("knotd: " + process_->err());
  }
}

std::string Knot::address() const {
  return fmt::format("127.0.0.1:{}", port_);
}

}  // namespace trawl::support
