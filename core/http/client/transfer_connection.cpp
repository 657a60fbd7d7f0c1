// The connection that a transfer gets: opened to an address that the guard lets through, or kept
// from an earlier one, and looked at before the request goes over it.
#include "core/http/client/request_fields.hpp"
#include "core/http/client/transfer.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace trawl::http {
namespace {

std::string address_text(const sockaddr* address) {
  char text[INET6_ADDRSTRLEN] = "?";
  if (address->sa_family == AF_INET)
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, text,
                sizeof text);
  else if (address->sa_family == AF_INET6)
    ::inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, text,
                sizeof text);
  return text;
}

}  // namespace

int Transfer::on_request_ready(void* self, char* server_ip, char*, int server_port,
                               int own_port) noexcept {
  auto& transfer = *static_cast<Transfer*>(self);
  transfer.watch_.on_request();
  transfer.note_tls();
  if (!transfer.may_send() || transfer.has_stale_bytes(server_ip, server_port, own_port)) {
    transfer.refused_connection_ = true;
    return CURL_PREREQFUNC_ABORT;
  }
  if (transfer.parts_.place != nullptr) transfer.parts_.place->on_connected();
  return CURL_PREREQFUNC_OK;
}

// A connection of HTTP/1.1 that this transfer did not open may be in use, if it offers more.
bool Transfer::may_send() {
  if (alpn_ != Alpn::http1) return true;
  parts_.http1_origins.add(authority_of(parts_.request.url));
  return opened_ || parts_.version == HttpVersion::http1_1;
}

// What came on a kept connection since its last answer, such as more bytes than that announced, or
// a 408 before a server closes it, would be read as the answer to this request, and each answer
// after it as that of the next: libcurl (7.88) takes a connection with unread bytes for a live one.
// HTTP/2 has frames between answers.
bool Transfer::has_stale_bytes(const char* server_ip, int server_port, int own_port) const {
  const bool plain = !parts_.request.url.starts_with("https:");
  if (opened_ || (!plain && alpn_ != Alpn::http1)) return false;
  return tls_unread_ || parts_.multi.has_unread(server_ip, server_port, own_port);
}

int Transfer::on_resolve(void*, void*, void* names) noexcept {
  return names == nullptr ? 0 : 1;
}

// A proxy that the job's owner names is allowed as such, on its port; all else is as public as it
// must be.
bool Transfer::may_connect(const curl_sockaddr& address) {
  const bool first = !std::exchange(opened_, true);
  watch_.on_resolved();
  const auto& proxy = parts_.proxy;
  if (proxy ? proxy->may_be_at(&address.addr, parts_.guard) : parts_.guard.allows(&address.addr)) {
    refused_address_.clear();
    return true;
  }
  if (first) refused_address_ = address_text(&address.addr);
  return false;
}

curl_socket_t Transfer::on_open(void* self, curlsocktype, curl_sockaddr* address) noexcept {
  auto& transfer = *static_cast<Transfer*>(self);
  if (!transfer.may_connect(*address)) return CURL_SOCKET_BAD;
  const int fd = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (fd < 0) {
    transfer.open_errno_ = errno;
    return CURL_SOCKET_BAD;
  }
  transfer.parts_.multi.on_socket_open(fd);
  return fd;
}

int Transfer::on_close(void* multi, curl_socket_t fd) noexcept {
  static_cast<CurlMulti*>(multi)->on_socket_close(fd);
  return ::close(fd);
}

// While the connection is this transfer's; when it is done libcurl no longer says.
void Transfer::note_tls() {
  if (!parts_.request.url.starts_with("https:")) return;  // the proxy's
  curl_tlssessioninfo* session = nullptr;
  curl_easy_getinfo(easy_.get(), CURLINFO_TLS_SSL_PTR, &session);
  if (session == nullptr || session->backend != CURLSSLBACKEND_OPENSSL || !session->internals)
    return;
  auto* ssl = static_cast<SSL*>(session->internals);
  tls_end_ = TlsEnd::of(ssl);
  tls_unread_ = SSL_pending(ssl) > 0;
  const unsigned char* protocol = nullptr;
  unsigned int length = 0;
  SSL_get0_alpn_selected(ssl, &protocol, &length);
  const std::string_view chosen{reinterpret_cast<const char*>(protocol), length};
  if (chosen != "h3") alpn_ = chosen == "h2" ? Alpn::http2 : Alpn::http1;
  const std::string_view version = SSL_get_version(ssl);
  if (version.starts_with("TLSv1")) response_.tls_version = version.substr(4);
  if (response_.tls_version == "1") response_.tls_version = "1.0";
  if (const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl))
    if (const char* name = SSL_CIPHER_standard_name(cipher)) response_.tls_cipher = name;
}

}  // namespace trawl::http
