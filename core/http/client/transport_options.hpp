#pragma once
// TransportOptions: how the transfers of a session reach their servers: through which proxy, with
// which certificates. The same for all of a session's transfers, so an easy handle gets them once.

#include "core/base/result.hpp"
#include "core/http/address/address_guard.hpp"
#include "core/http/address/ip_address.hpp"
#include "core/http/message/message.hpp"

#include <curl/curl.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

struct sockaddr;

namespace trawl::http {

enum class ProxyKind : std::uint8_t { http, https, socks5, socks5h };

struct Proxy {
  ProxyKind kind = ProxyKind::http;
  std::string host;  // a name or an address; IPv6 in brackets
  std::uint16_t port = 0;
  bool guarded = false;  // named by a stranger, so that its name is no permission
  std::string username;
  std::string password;

  // "http://proxy.example:3128", with a user name and password before an "@" if need be. Without a
  // port: 80, 443, and 1080 for SOCKS. Errors: Errc::config, without the text, which may be secret.
  static Result<Proxy> parse(std::string_view url);

  std::string url() const;      // as parse() takes it, without user name and password
  std::string address() const;  // "proxy.example:3128", for messages
  // The address that the URL itself says; absent for a name.
  std::optional<IpAddress> literal() const;
  // Whether the address can be this proxy's. Its name is not looked up here: while a proxy is set,
  // libcurl connects to nothing else.
  bool is_at(const sockaddr* address) const;
  // The same, and of a guarded one with a name, whether the guard allows what the name leads to. An
  // address was judged by whoever took the URL.
  bool may_be_at(const sockaddr* address, const AddressGuard& guard) const;
};

struct TransportOptions {
  std::string ca_file;           // PEM; empty: the system's
  std::string client_cert_file;  // PEM, the chain; empty: none
  std::string client_key_file;   // PEM; empty: it is in client_cert_file
  std::optional<Proxy> proxy;
};

// Whether the files are what they should be. Errors: Errc::config, naming the file.
Result<> check_certificates(const TransportOptions& options);

void set_transport(CURL* easy, const TransportOptions& options);
// HTTP/2 where TLS offers it, HTTP/3 where this libcurl can and the server has said so (Alt-Svc).
void set_version(CURL* easy, HttpVersion version);

// A user name or password of a URL, its percent-encoding undone.
std::string decoded(std::string_view text);

// Whether this libcurl speaks HTTP/3; Debian 12's doesn't.
bool has_http3();
// "libcurl 7.88.1".
std::string curl_name();

}  // namespace trawl::http
