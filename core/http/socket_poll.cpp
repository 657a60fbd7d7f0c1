// Measured in the prototype: a registration changed for every transfer costs 4 µs of 30. So a
// socket that libcurl stops watching is only marked, and leaves the epoll set when it wakes up
// unwanted or is closed.
#include "core/http/socket_poll.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <vector>

namespace trawl::http {
namespace {

constexpr int batch_events = 256;
// After so long the loop's other work has its turn: sockets that are faster than we are stay ready
// for ever. What is left of a batch is reported again.
constexpr auto batch_time = std::chrono::milliseconds{5};

int create_epoll() {
  const int fd = ::epoll_create1(EPOLL_CLOEXEC);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  return fd;
}

}  // namespace

struct SocketPoll::State : std::enable_shared_from_this<SocketPoll::State> {
  struct Socket {
    Owner* owner = nullptr;
    std::uint32_t wanted = 0;      // what the owner wants now
    std::uint32_t registered = 0;  // what the epoll set knows
    std::uint32_t round = 0;       // an event of an earlier socket of this number is stale
    bool in_set = false;
  };

  explicit State(const coro::Executor& executor) : descriptor(executor, create_epoll()) {}

  void arm();
  void drain();
  void apply(int fd, Socket& socket);
  Socket& at(int fd) {
    const auto index = static_cast<std::size_t>(fd);
    if (index >= sockets.size()) sockets.resize(index + 64);
    return sockets[index];
  }

  coro::asio::posix::stream_descriptor descriptor;
  std::vector<Socket> sockets;  // by descriptor number
  std::vector<Owner*> owners;   // with ready sockets in this batch
  bool closed = false;
};

SocketPoll::SocketPoll(const coro::Executor& executor) : state_(std::make_shared<State>(executor)) {
  state_->arm();
}

SocketPoll::~SocketPoll() {
  state_->closed = true;
  state_->descriptor.close();
}

void SocketPoll::watch(int fd, bool read, bool write, Owner& owner) {
  auto& socket = state_->at(fd);
  socket.owner = &owner;
  socket.wanted = (read ? EPOLLIN : 0u) | (write ? EPOLLOUT : 0u);
  if (socket.wanted != 0 && socket.wanted != socket.registered) state_->apply(fd, socket);
}

void SocketPoll::forget(int fd) {
  auto& socket = state_->at(fd);
  if (socket.in_set) ::epoll_ctl(state_->descriptor.native_handle(), EPOLL_CTL_DEL, fd, nullptr);
  socket = {.round = socket.round + 1};
}

void SocketPoll::forget_all(const Owner& owner) {
  for (std::size_t fd = 0; fd < state_->sockets.size(); ++fd)
    if (state_->sockets[fd].owner == &owner) forget(static_cast<int>(fd));
}

void SocketPoll::State::apply(int fd, Socket& socket) {
  epoll_event event{};
  event.events = socket.wanted;
  event.data.u64 = static_cast<std::uint64_t>(socket.round) << 32 | static_cast<std::uint32_t>(fd);
  const int epoll = descriptor.native_handle();
  int failed = ::epoll_ctl(epoll, socket.in_set ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
  // The number may have been closed and given out again behind our back.
  if (failed && errno == ENOENT) failed = ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
  if (failed && errno == EEXIST) failed = ::epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event);
  socket.in_set = failed == 0;
  socket.registered = failed == 0 ? socket.wanted : 0;
}

void SocketPoll::State::arm() {
  descriptor.async_wait(coro::asio::posix::descriptor_base::wait_read,
                        [self = shared_from_this()](const boost::system::error_code& error) {
                          if (error || self->closed) return;
                          self->drain();
                          if (!self->closed) self->arm();
                        });
}

void SocketPoll::State::drain() {
  std::array<epoll_event, batch_events> events;
  const int count = ::epoll_wait(descriptor.native_handle(), events.data(), batch_events, 0);
  owners.clear();
  const auto end = std::chrono::steady_clock::now() + batch_time;
  for (int i = 0; i < count && !closed; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    const int fd = static_cast<int>(static_cast<std::uint32_t>(event.data.u64));
    auto& socket = at(fd);
    // Forgotten earlier in this batch; the number may even be another connection's by now.
    if (socket.owner == nullptr || socket.round != event.data.u64 >> 32) continue;
    if (socket.wanted == 0) {
      // Nobody waits for it: a server closed an idle connection, or said something unasked. Both
      // are seen before the next request (ConnectionEnds).
      ::epoll_ctl(descriptor.native_handle(), EPOLL_CTL_DEL, fd, nullptr);
      socket.in_set = false;
      socket.registered = 0;
      continue;
    }
    Owner* owner = socket.owner;
    owner->on_ready(fd, event.events & EPOLLIN, event.events & EPOLLOUT,
                    event.events & (EPOLLERR | EPOLLHUP));
    if (std::ranges::find(owners, owner) == owners.end()) owners.push_back(owner);
    if (std::chrono::steady_clock::now() >= end) break;
  }
  if (closed) return;
  for (Owner* owner : owners) owner->on_batch_end();
}

}  // namespace trawl::http
