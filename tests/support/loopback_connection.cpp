// No blocking call anywhere, so that one thread serves hundreds of misbehaving connections and
// still stops at once.
#include "tests/support/loopback_connection.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>

namespace trawl::support {
namespace {

constexpr std::size_t request_bytes_max = 1024 * 1024;

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Head lines without the empty one at the end. Tolerant: tests look at what was sent.
SeenRequest parse_head(std::string_view head) {
  SeenRequest request;
  auto end = head.find("\r\n");
  const auto line = head.substr(0, end);
  const auto first = line.find(' ');
  const auto second = line.find(' ', first + 1);
  request.method = line.substr(0, first);
  if (first != std::string_view::npos)
    request.target =
        line.substr(first + 1, second == std::string_view::npos ? second : second - first - 1);
  request.path = request.target.substr(0, request.target.find('?'));
  while (end != std::string_view::npos) {
    head.remove_prefix(end + 2);
    end = head.find("\r\n");
    const auto field = head.substr(0, end);
    const auto colon = field.find(':');
    if (colon != std::string_view::npos)
      request.headers.emplace_back(trim(field.substr(0, colon)), trim(field.substr(colon + 1)));
  }
  return request;
}

}  // namespace

LoopbackConnection::LoopbackConnection(int socket, std::size_t number)
    : socket_(socket), number_(number) {}

LoopbackConnection::~LoopbackConnection() {
  close();
}

short LoopbackConnection::poll_events(Mono now) const {
  short events = 0;
  if (!peer_closed_ && in_.size() < request_bytes_max) events |= POLLIN;
  const bool waiting = wait_until_ && *wait_until_ > now;
  if (!steps_.empty() && !waiting && steps_.front().kind != Step::Kind::hang) events |= POLLOUT;
  return events;
}

std::optional<Mono> LoopbackConnection::wakes_at() const {
  return wait_until_;
}

void LoopbackConnection::advance(short events, Mono now, const Answer& answer) {
  if (!is_open()) return;
  if ((events & (POLLERR | POLLNVAL)) != 0) return close();
  if ((events & (POLLIN | POLLHUP)) != 0) read();
  if (is_open()) play(now);
  while (is_open() && !answering_) {
    auto request = take_request(now);
    if (!request) break;
    const Reply reply = answer(*request);
    for (auto& step : steps_of(reply, *request)) steps_.push_back(std::move(step));
    answering_ = true;
    play(now);
  }
  // A client that only closed its sending side may still want the answer.
  if (is_open() && peer_closed_ &&
      (!answering_ || (!steps_.empty() && steps_.front().kind == Step::Kind::hang)))
    close();
}

void LoopbackConnection::read() {
  std::array<char, 16 * 1024> block;
  while (in_.size() < request_bytes_max) {
    const auto got = ::recv(socket_, block.data(), block.size(), 0);
    if (got > 0) {
      in_.append(block.data(), static_cast<std::size_t>(got));
    } else if (got == 0) {
      peer_closed_ = true;
      return;
    } else if (errno != EINTR) {
      if (errno != EAGAIN) close();
      return;
    }
  }
}

std::optional<SeenRequest> LoopbackConnection::take_request(Mono now) {
  const auto end = in_.find("\r\n\r\n");
  if (end == std::string::npos) {
    if (in_.size() >= request_bytes_max) close();
    return std::nullopt;
  }
  SeenRequest request = parse_head(std::string_view{in_}.substr(0, end));
  std::size_t body = 0;
  const auto length = request.header("Content-Length");
  std::from_chars(length.data(), length.data() + length.size(), body);
  if (body > request_bytes_max) {
    close();
    return std::nullopt;
  }
  if (in_.size() - end - 4 < body) return std::nullopt;
  request.body = in_.substr(end + 4, body);
  in_.erase(0, end + 4 + body);
  request.time = now;
  request.connection = number_;
  return request;
}

void LoopbackConnection::play(Mono now) {
  while (is_open() && !steps_.empty()) {
    const Step& step = steps_.front();
    switch (step.kind) {
      case Step::Kind::send:
        if (!send_some(step.bytes)) return;
        break;
      case Step::Kind::repeat:
        // One round a turn, so that an endless body starves nobody.
        if (send_some(step.bytes)) sent_ = 0;
        return;
      case Step::Kind::wait:
        if (!wait_until_) wait_until_ = now + step.time;
        if (*wait_until_ > now) return;
        wait_until_.reset();
        break;
      case Step::Kind::hang:
        return;
      case Step::Kind::close:
        return close();
      case Step::Kind::reset:
        return reset();
    }
    steps_.pop_front();
    sent_ = 0;
  }
  answering_ = !steps_.empty();
}

bool LoopbackConnection::send_some(const std::string& bytes) {
  while (sent_ < bytes.size()) {
    const auto put = ::send(socket_, bytes.data() + sent_, bytes.size() - sent_, MSG_NOSIGNAL);
    if (put >= 0) {
      sent_ += static_cast<std::size_t>(put);
    } else if (errno != EINTR) {
      if (errno != EAGAIN) close();
      return false;
    }
  }
  return true;
}

void LoopbackConnection::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  answering_ = false;
  wait_until_.reset();
}

void LoopbackConnection::reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

}  // namespace trawl::support
