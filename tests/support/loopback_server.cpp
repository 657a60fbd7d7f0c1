// One poll loop over all connections; an eventfd ends it. poll is plain and quick enough for the
// few hundred connections of a test.
#include "tests/support/loopback_server.hpp"

#include "tests/support/loopback_connection.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

namespace trawl::support {
namespace {

constexpr std::size_t connections_max = 2000;
constexpr std::size_t requests_kept_max = 100'000;

[[noreturn]] void throw_errno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

LoopbackServer::LoopbackServer(std::string host) : host_(std::move(host)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listener_ < 0) throw_errno("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  if (::inet_pton(AF_INET, host_.c_str(), &address.sin_addr) != 1) throw_errno("inet_pton");
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 512) != 0 ||
      ::getsockname(listener_, generic, &size) != 0)
    throw_errno("listen on loopback");
  port_ = ntohs(address.sin_port);
  wake_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (wake_ < 0) throw_errno("eventfd");
  otherwise_ = [](const SeenRequest&) { return Reply{.status = 404, .body = "no such page"}; };
  thread_ = std::thread{[this] { run(); }};
}

LoopbackServer::~LoopbackServer() {
  stop_ = true;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto put = ::write(wake_, &one, sizeof one);
  thread_.join();
  open_.clear();
  ::close(listener_);
  ::close(wake_);
}

void LoopbackServer::on(std::string path, Reply reply) {
  on(std::move(path), [reply = std::move(reply)](const SeenRequest&) { return reply; });
}

void LoopbackServer::on(std::string path, Handler handler) {
  const std::lock_guard lock{mutex_};
  routes_.insert_or_assign(std::move(path), std::move(handler));
}

void LoopbackServer::otherwise(Handler handler) {
  const std::lock_guard lock{mutex_};
  otherwise_ = std::move(handler);
}

std::string LoopbackServer::url(std::string_view target) const {
  return fmt::format("http://{}:{}{}", host_, port_, target);
}

std::vector<SeenRequest> LoopbackServer::requests() const {
  const std::lock_guard lock{mutex_};
  return requests_;
}

std::size_t LoopbackServer::count(std::string_view path) const {
  const std::lock_guard lock{mutex_};
  const auto found = counts_.find(path);
  return found == counts_.end() ? 0 : found->second;
}

std::size_t LoopbackServer::count() const {
  const std::lock_guard lock{mutex_};
  return total_;
}

std::size_t LoopbackServer::connections() const {
  const std::lock_guard lock{mutex_};
  return accepted_;
}

std::size_t LoopbackServer::at_once_max() const {
  const std::lock_guard lock{mutex_};
  return at_once_max_;
}

bool LoopbackServer::wait_for(std::string_view path, std::size_t requests, Millis within) const {
  std::unique_lock lock{mutex_};
  return arrived_.wait_for(lock, within, [&] {
    const auto found = counts_.find(path);
    return (found == counts_.end() ? 0 : found->second) >= requests;
  });
}

void LoopbackServer::run() {
  while (!stop_) {
    std::vector<pollfd> polled{{wake_, POLLIN, 0},
                               {listener_, short(open_.size() < connections_max ? POLLIN : 0), 0}};
    Mono now = system_clock().now();
    std::optional<Mono> next;
    for (const auto& connection : open_) {
      polled.push_back({connection->socket(), connection->poll_events(now), 0});
      const auto wakes = connection->wakes_at();
      if (wakes && (!next || *wakes < *next)) next = wakes;
    }
    int timeout_ms = -1;
    if (next)
      timeout_ms = static_cast<int>(
          std::clamp(std::chrono::ceil<Millis>(*next - now), Millis{0}, Millis{60'000}).count());
    if (::poll(polled.data(), polled.size(), timeout_ms) < 0 && errno != EINTR) return;
    if (stop_) return;
    now = system_clock().now();
    const auto reply_to = [this](const SeenRequest& request) { return answer(request); };
    const std::size_t known = open_.size();
    for (std::size_t i = 0; i < known; ++i) {
      busy_others_ -= open_[i]->is_answering() ? 1 : 0;
      open_[i]->advance(polled[i + 2].revents, now, reply_to);
      busy_others_ += open_[i]->is_answering() ? 1 : 0;
    }
    std::erase_if(open_, [](const auto& connection) { return !connection->is_open(); });
    if ((polled[1].revents & POLLIN) != 0) accept_all();
  }
}

void LoopbackServer::accept_all() {
  while (open_.size() < connections_max) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) return;
    // A reply goes out in pieces; waiting for the peer's delayed ACK would cost 40 ms each.
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const std::lock_guard lock{mutex_};
    open_.push_back(std::make_unique<LoopbackConnection>(socket, ++accepted_));
  }
}

Reply LoopbackServer::answer(const SeenRequest& request) {
  Handler handler;
  {
    const std::lock_guard lock{mutex_};
    if (requests_.size() < requests_kept_max) requests_.push_back(request);
    ++counts_[request.path];
    ++total_;
    at_once_max_ = std::max(at_once_max_, busy_others_ + 1);
    const auto route = routes_.find(request.path);
    handler = route == routes_.end() ? otherwise_ : route->second;
  }
  arrived_.notify_all();
  return handler(request);
}

}  // namespace trawl::support
