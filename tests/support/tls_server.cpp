// Blocking calls with a timeout on each, so that a client that hangs does not hang the test.
#include "tests/support/tls_server.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <stdexcept>
#include <vector>

namespace trawl::support {
namespace {

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using Connection = std::unique_ptr<SSL, decltype(&SSL_free)>;

// RFC 9113 3.4 and 4.1: up to the head of the first request.
bool read_http2_request(SSL* ssl) {
  constexpr std::size_t preface_bytes = 24, head_bytes = 9;
  constexpr unsigned char of_headers = 1;
  std::string bytes;
  char block[4096];
  for (std::size_t at = preface_bytes;;) {
    while (bytes.size() >= at + head_bytes) {
      const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[at + i]); };
      if (byte(3) == of_headers) return true;
      at += head_bytes + (std::size_t{byte(0)} << 16 | std::size_t{byte(1)} << 8 | byte(2));
    }
    const int got = SSL_read(ssl, block, sizeof block);
    if (got <= 0) return false;
    bytes.append(block, static_cast<std::size_t>(got));
  }
}

int choose_http2(SSL*, const unsigned char** chosen, unsigned char* bytes, const unsigned char*,
                 unsigned, void*) {
  *chosen = reinterpret_cast<const unsigned char*>("h2");
  *bytes = 2;
  return SSL_TLSEXT_ERR_OK;
}

Context make_context(const TlsScript& script) {
  Context context{SSL_CTX_new(TLS_server_method()), &SSL_CTX_free};
  if (script.version_max != 0) {
    SSL_CTX_set_security_level(context.get(), 0);
    SSL_CTX_set_min_proto_version(context.get(), script.version_max);
    SSL_CTX_set_max_proto_version(context.get(), script.version_max);
  }
  if (SSL_CTX_use_certificate_file(context.get(), script.files.certificate.c_str(),
                                   SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_use_PrivateKey_file(context.get(), script.files.key.c_str(), SSL_FILETYPE_PEM) != 1)
    throw std::runtime_error("TlsServer: no certificate");
  if (script.http2) SSL_CTX_set_alpn_select_cb(context.get(), choose_http2, nullptr);
  if (!script.client_ca.empty()) {
    SSL_CTX_load_verify_locations(context.get(), script.client_ca.c_str(), nullptr);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  return context;
}

// One request's head; false when none came.
bool read_request(SSL* ssl, std::string& head) {
  head.clear();
  char block[4096];
  while (!head.contains("\r\n\r\n")) {
    const int got = SSL_read(ssl, block, sizeof block);
    if (got <= 0) return false;
    head.append(block, static_cast<std::size_t>(got));
  }
  return true;
}

}  // namespace

TlsServer::TlsServer(TlsScript script) : script_(std::move(script)) {
  std::signal(SIGPIPE, SIG_IGN);
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, generic, &size) != 0)
    throw std::runtime_error("TlsServer: no listening socket");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread{[this] { run(); }};
}

TlsServer::~TlsServer() {
  stop_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
}

std::string TlsServer::url(std::string_view target, std::string_view host) const {
  return fmt::format("https://{}:{}{}", host, port_, target);
}

void TlsServer::run() {
  std::vector<std::jthread> side_by_side;
  while (!stop_) {
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    ++connections_;
    const timeval patience{.tv_sec = 5, .tv_usec = 0}, for_sending{.tv_sec = 1, .tv_usec = 0};
    ::setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &for_sending, sizeof for_sending);
    if (!script_.side_by_side)
      serve_and_close(connection);
    else
      side_by_side.emplace_back([this, connection] { serve_and_close(connection); });
  }
}

void TlsServer::serve_and_close(int connection) {
  serve(connection);
  ::close(connection);
}

void TlsServer::serve(int connection) {
  char block[4096];
  if (!script_.instead_of_tls.empty() || script_.close_at_once) {
    ::recv(connection, block, sizeof block, 0);
    const auto& bytes = script_.instead_of_tls;
    ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    return;
  }
  const Context context = make_context(script_);
  const Connection ssl{SSL_new(context.get()), &SSL_free};
  SSL_set_fd(ssl.get(), connection);
  if (SSL_accept(ssl.get()) == 1) {
    const auto say = [&](const std::string& bytes) {
      return SSL_write(ssl.get(), bytes.data(), static_cast<int>(bytes.size())) > 0;
    };
    std::string head;
    while (script_.http2 ? read_http2_request(ssl.get()) : read_request(ssl.get(), head)) {
      ++requests_;
      say(script_.respond ? script_.respond(head) : script_.answer);
      const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{20};
      while (!script_.without_end.empty() && !stop_ && std::chrono::steady_clock::now() < end)
        if (!say(script_.without_end)) break;
      if (!script_.keep_alive) break;
    }
    if (script_.close_notify) SSL_shutdown(ssl.get());
  } else {
    // The client's alert, if it sends one, is read before the close, which else is a reset.
    ::shutdown(connection, SHUT_WR);
    ::recv(connection, block, sizeof block, 0);
  }
  ERR_clear_error();
}

}  // namespace trawl::support
