// Everything is said explicitly, "none" too: what libcurl would take from the environment instead
// (http_proxy, SSL_CERT_FILE) is nobody's choice, and a proxy from there would pass the guard by.
#include "core/http/client/transport_options.hpp"

#include "core/http/address/ip_address.hpp"
#include "core/http/tls/tls_end.hpp"
#include "core/http/tls/trust_store.hpp"
#include "core/web/url/url.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <memory>
#include <system_error>

namespace trawl::http {
namespace {

struct KindFacts {
  std::string_view scheme;
  std::uint16_t port;
};
constexpr std::array<KindFacts, 4> kinds{
    {{"http", 80}, {"https", 443}, {"socks5", 1080}, {"socks5h", 1080}}};

const KindFacts& facts(ProxyKind kind) {
  return kinds[static_cast<std::size_t>(kind)];
}

std::uint16_t port_of(const sockaddr* address) {
  if (address->sa_family == AF_INET)
    return ntohs(reinterpret_cast<const sockaddr_in*>(address)->sin_port);
  if (address->sa_family == AF_INET6)
    return ntohs(reinterpret_cast<const sockaddr_in6*>(address)->sin6_port);
  return 0;
}

// OpenSSL's reason for the last failure, or the system's where that was the cause; then forgotten.
std::string reason() {
  if (const auto cause = ERR_peek_error(); ERR_SYSTEM_ERROR(cause)) {
    ERR_clear_error();
    return std::generic_category().message(ERR_GET_REASON(cause));
  }
  const char* text = ERR_reason_error_string(ERR_peek_last_error());
  std::string copy = text != nullptr ? text : "unreadable";
  ERR_clear_error();
  return copy;
}

// libcurl switches tickets off; but a server that keeps no sessions itself, as nginx by default,
// resumes none without.
CURLcode on_context(CURL*, void* pointer, void* trusted) noexcept {
  auto* const context = static_cast<SSL_CTX*>(pointer);
  SSL_CTX_clear_options(context, SSL_OP_NO_TICKET);
  TlsEnd::watch(context);
  if (SSL_CTX_get_verify_mode(context) == SSL_VERIFY_NONE) return CURLE_OK;
  if (static_cast<TrustStore*>(trusted)->give_to(context)) return CURLE_OK;
  ERR_clear_error();
  return CURLE_SSL_CACERT_BADFILE;
}

const char* or_null(const std::string& text) {
  return text.empty() ? nullptr : text.c_str();
}

}  // namespace

Result<Proxy> Proxy::parse(std::string_view text) {
  const auto url = web::Url::parse(text);
  Proxy proxy;
  const auto known = [&] {
    for (std::size_t i = 0; url && i < kinds.size(); ++i) {
      proxy.kind = static_cast<ProxyKind>(i);
      if (url->scheme() == kinds[i].scheme) return true;
    }
    return false;
  };
  if (!known()) return fail(Errc::config, "its scheme is not http, https, socks5 or socks5h");
  const bool more = !url->search().empty() || !url->hash().empty() ||
                    (!url->pathname().empty() && url->pathname() != "/");
  if (url->hostname().empty() || more) return fail(Errc::config, "it is not a host and a port");
  proxy.host = url->hostname();
  // The parser leaves out the default port of http and https, and knows none for SOCKS.
  const auto port = url->effective_port();
  proxy.port = port != 0 ? port : facts(proxy.kind).port;
  proxy.username = decoded(url->username());
  proxy.password = decoded(url->password());
  return proxy;
}

std::string Proxy::url() const {
  return fmt::format("{}://{}", facts(kind).scheme, address());
}

std::string Proxy::address() const {
  return fmt::format("{}:{}", host, port);
}

std::optional<IpAddress> Proxy::literal() const {
  std::string_view text = host;
  if (text.starts_with('[')) text = text.substr(1, text.size() - 2);
  return IpAddress::parse(text);
}

bool Proxy::is_at(const sockaddr* address) const {
  if (port_of(address) != port) return false;
  const auto wanted = literal();
  return !wanted || IpAddress::from_sockaddr(address) == wanted;
}

bool Proxy::may_be_at(const sockaddr* address, const AddressGuard& guard) const {
  return is_at(address) && (!guarded || literal() || guard.allows(address));
}

Result<> check_certificates(const TransportOptions& options) {
  if (options.ca_file.empty() && options.client_cert_file.empty()) return {};
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{SSL_CTX_new(TLS_client_method()),
                                                                  &SSL_CTX_free};
  if (!context) return fail(Errc::internal, "OpenSSL gave no context");
  const auto refuse = [](std::string_view what, const std::string& file) {
    return fail(Errc::config, fmt::format("{} holds no {} in PEM form: {}", file, what, reason()));
  };
  if (!options.ca_file.empty() && !TrustStore::of(options.ca_file).give_to(context.get()))
    return refuse("certificates", options.ca_file);
  if (options.client_cert_file.empty()) return {};
  if (SSL_CTX_use_certificate_chain_file(context.get(), options.client_cert_file.c_str()) != 1)
    return refuse("certificate", options.client_cert_file);
  const std::string& key =
      options.client_key_file.empty() ? options.client_cert_file : options.client_key_file;
  if (SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) != 1)
    return refuse("private key of the certificate", key);
  return {};
}

void set_transport(CURL* easy, const TransportOptions& options) {
  // libcurl has no certificates of its own to parse, nor any to keep.
  curl_easy_setopt(easy, CURLOPT_CAINFO, nullptr);
  curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, nullptr);
  curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, nullptr);
  curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, &on_context);
  curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, &TrustStore::of(options.ca_file));
  curl_easy_setopt(easy, CURLOPT_SSLCERT, or_null(options.client_cert_file));
  curl_easy_setopt(easy, CURLOPT_SSLKEY, or_null(options.client_key_file));
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
  if (!options.proxy) {
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    return;
  }
  const Proxy& proxy = *options.proxy;
  curl_easy_setopt(easy, CURLOPT_PROXY, proxy.url().c_str());
  curl_easy_setopt(easy, CURLOPT_PROXYUSERNAME, or_null(proxy.username));
  curl_easy_setopt(easy, CURLOPT_PROXYPASSWORD, or_null(proxy.password));
  curl_easy_setopt(easy, CURLOPT_PROXYAUTH, CURLAUTH_BASIC);
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy, CURLOPT_HEADEROPT, static_cast<long>(CURLHEADER_SEPARATE));
}

void set_version(CURL* easy, HttpVersion version) {
  long wanted = CURL_HTTP_VERSION_2TLS;
  if (version == HttpVersion::http1_1) wanted = CURL_HTTP_VERSION_1_1;
  if (version == HttpVersion::http3) wanted = CURL_HTTP_VERSION_3;
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, wanted);
  if (version == HttpVersion::automatic && has_http3())
    curl_easy_setopt(easy, CURLOPT_ALTSVC_CTRL, static_cast<long>(CURLALTSVC_H3));
}

std::string decoded(std::string_view text) {
  if (text.empty()) return {};  // zero would have libcurl look for the end itself
  int length = 0;
  const std::unique_ptr<char, decltype(&curl_free)> plain{
      curl_easy_unescape(nullptr, text.data(), static_cast<int>(text.size()), &length), &curl_free};
  return plain ? std::string{plain.get(), static_cast<std::size_t>(length)} : std::string{};
}

bool has_http3() {
  static const bool has = (curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_HTTP3) != 0;
  return has;
}

std::string curl_name() {
  return fmt::format("libcurl {}", curl_version_info(CURLVERSION_NOW)->version);
}

}  // namespace trawl::http
