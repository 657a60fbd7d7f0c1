// Nothing of a library's: what is tested is what goes over the wire.
#include "tests/service/control/client.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

namespace trawl::test {

Client::Client(std::uint16_t port, int receive_bytes)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (receive_bytes > 0)
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd_ < 0 || ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("no connection to the control server");
}

Client::~Client() {
  if (fd_ >= 0) ::close(fd_);
}

Client::Client(Client&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), buffer_(std::move(other.buffer_)) {}

bool Client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

void Client::ask(std::string_view method_and_target, std::string_view fields,
                 std::string_view body) {
  std::string text = fmt::format("{} HTTP/1.1\r\n", method_and_target);
  if (!fields.contains("Host:")) text += "Host: localhost\r\n";
  text += fields;
  if (!body.empty()) text += fmt::format("Content-Length: {}\r\n", body.size());
  text += "\r\n";
  text += body;
  send(text);
}

bool Client::fill(int timeout_ms) {
  pollfd waiting{fd_, POLLIN, 0};
  if (::poll(&waiting, 1, timeout_ms) <= 0) return false;
  char bytes[16 * 1024];
  const ssize_t count = ::recv(fd_, bytes, sizeof bytes, 0);
  if (count <= 0) return false;
  buffer_.append(bytes, static_cast<std::size_t>(count));
  return true;
}

std::optional<std::string> Client::line() {
  for (;;) {
    if (const std::size_t end = buffer_.find("\r\n"); end != buffer_.npos) {
      std::string text = buffer_.substr(0, end);
      buffer_.erase(0, end + 2);
      return text;
    }
    if (!fill(10'000)) return std::nullopt;
  }
}

bool Client::take(std::string& out, std::size_t count) {
  while (buffer_.size() < count)
    if (!fill(10'000)) return false;
  out += buffer_.substr(0, count);
  buffer_.erase(0, count);
  return true;
}

Received Client::receive(bool head_only) {
  Received received;
  const auto first = line();
  if (!first || first->size() < 12) return received;
  std::from_chars(first->data() + 9, first->data() + 12, received.status);
  for (auto text = line(); text && !text->empty(); text = line()) {
    const std::size_t colon = text->find(':');
    std::string name = text->substr(0, colon);
    std::ranges::transform(name, name.begin(), [](char c) { return std::tolower(c); });
    received.fields[name] = text->substr(std::min(colon + 2, text->size()));
  }
  if (head_only || received.status == 204 || received.status == 304 || received.status == 100) {
    received.whole = true;
  } else if (received.field("transfer-encoding") == "chunked") {
    for (auto size = line(); size; size = line()) {
      const std::size_t count = std::stoul(*size, nullptr, 16);
      if (!take(received.body, count) || !line()) break;
      if (count == 0) received.whole = true;
      if (count == 0) break;
    }
  } else if (received.fields.contains("content-length")) {
    received.whole = take(received.body, std::stoul(received.field("content-length")));
  } else {
    while (fill(10'000)) continue;
    received.body = std::exchange(buffer_, {});
    received.whole = true;
  }
  return received;
}

std::string Client::read_until(std::string_view text, int timeout_ms) {
  while (!buffer_.contains(text))
    if (!fill(timeout_ms)) break;
  return std::exchange(buffer_, {});
}

bool Client::is_closed(int timeout_ms) {
  for (;;) {
    pollfd waiting{fd_, POLLIN, 0};
    if (::poll(&waiting, 1, timeout_ms) <= 0) return false;
    char bytes[64 * 1024];
    if (::recv(fd_, bytes, sizeof bytes, 0) <= 0) return true;
  }
}

void Client::reset() {
  const linger at_once{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::close(std::exchange(fd_, -1));
}

void Client::close_sending() {
  ::shutdown(fd_, SHUT_WR);
}

Received ask(std::uint16_t port, std::string_view method_and_target, std::string_view fields,
             std::string_view body) {
  Client client{port};
  client.ask(method_and_target, fields, body);
  return client.receive(method_and_target.starts_with("HEAD"));
}

}  // namespace trawl::test
