// Tried against libcurl 7.88.1 answer by answer; where one code has two causes, only its text tells
// them apart.
#include "core/http/client/curl_error.hpp"

#include <fmt/format.h>

#include <optional>
#include <string_view>

namespace trawl::http {
namespace {

// CURLE_RECV_ERROR: a reset, a damaged chunk, or a TLS alert that came
// after the handshake, as when a server wants a certificate from us.
Errc receive_error(std::string_view text, bool answered) {
  if (text.contains("chunked-encoding")) return Errc::protocol;
  if (answered) return Errc::body_truncated;
  return text.contains("alert") ? Errc::tls : Errc::reset;
}

Errc timeout_error(const CurlFailure& failure) {
  if (failure.answering) return Errc::too_slow;
  if (failure.requested) return Errc::first_byte_timeout;
  return failure.resolved ? Errc::connect_timeout : Errc::dns_timeout;
}

// RFC 9113 8.1.1: what libcurl says of an answer that is not as HTTP/2 has it.
bool is_malformed(std::string_view text) {
  return text.contains("PROTOCOL_ERROR") || text.contains("COMPRESSION_ERROR") ||
         text.contains("FRAME_SIZE_ERROR");
}

Errc errc_of(const CurlFailure& failure) {
  switch (failure.code) {
    case CURLE_OK:  // libcurl takes a head that breaks off for an answer
      return Errc::reset;
    case CURLE_URL_MALFORMAT:
      return Errc::bad_url;
    case CURLE_COULDNT_RESOLVE_HOST:
      return Errc::dns;
    case CURLE_COULDNT_RESOLVE_PROXY:
      return Errc::proxy;
    case CURLE_COULDNT_CONNECT:
      return Errc::connect_refused;
    case CURLE_OPERATION_TIMEDOUT:
      return timeout_error(failure);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return Errc::tls_cert;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CLIENTCERT:
    case CURLE_USE_SSL_FAILED:
      return Errc::tls;
    case CURLE_OUT_OF_MEMORY:
      return Errc::header_too_large;
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_HTTP2_STREAM:
      if (failure.code == CURLE_HTTP2_STREAM && is_malformed(failure.text)) return Errc::protocol;
      return failure.answered ? Errc::body_truncated : Errc::reset;
    case CURLE_RECV_ERROR:
      return receive_error(failure.text, failure.answered);
    default:
      return Errc::protocol;
  }
}

// What the proxy did wrong; a failure behind it is what it would be without one.
std::optional<std::string> proxy_fault(const CurlFailure& failure) {
  if (failure.proxy.empty() || failure.requested || failure.answering) return std::nullopt;
  const std::string& proxy = failure.proxy;
  const long status = failure.connect_status;
  if (status == 407) return proxy_wants_credentials(proxy);
  if (status >= 300)
    return fmt::format("the proxy {} answered CONNECT with status {}", proxy, status);
  if (failure.code == CURLE_COULDNT_RESOLVE_PROXY)
    return fmt::format("the proxy's name has no address: {}", proxy);
  if (failure.code == CURLE_COULDNT_CONNECT || failure.code == CURLE_PROXY)
    return fmt::format("the proxy {}: {}", proxy, failure.text);
  if (failure.socks) return std::nullopt;
  // TLS with the proxy, or a proxy that is none: nothing of the server was seen yet.
  const bool tls =
      failure.code == CURLE_SSL_CONNECT_ERROR || failure.code == CURLE_PEER_FAILED_VERIFICATION;
  if (failure.over_tls ? status != 0 : !tls) return std::nullopt;
  return fmt::format("the proxy {}: {}", proxy, failure.text);
}

}  // namespace

std::string proxy_wants_credentials(std::string_view proxy) {
  return fmt::format(
      "the proxy {} wants other credentials (407); fetch.proxy_credentials_file gives them", proxy);
}

Error curl_error(CurlFailure failure) {
  if (failure.code == CURLE_COULDNT_CONNECT && !failure.refused.empty())
    return {Errc::private_address,
            fmt::format("{} is not a public address; fetch.allow_private_networks can allow it",
                        failure.refused)};
  if (failure.switching) return {Errc::protocol, "the answer is 101, a switch nobody asked for"};
  const bool cut_head = failure.code == CURLE_OK || failure.code == CURLE_PARTIAL_FILE;
  if (cut_head && !failure.answered) failure.text = "the connection ended within the answer's head";
  if (failure.code == CURLE_BAD_FUNCTION_ARGUMENT && !failure.answered)  // RFC 9112, 2.2 and 5
    failure.text = "a line of the head is no header field";
  if (failure.text.contains("HTTP/0.9"))
    failure.text = "what came is not HTTP: it has no status line";
  if (failure.text.empty()) failure.text = curl_easy_strerror(failure.code);
  if (auto fault = proxy_fault(failure)) return {Errc::proxy, std::move(*fault)};
  const Errc code = errc_of(failure);
  if (code == Errc::tls_cert && failure.verify_result != 0)
    return {code, fmt::format("{} (verify result {})", failure.text, failure.verify_result)};
  if (failure.code == CURLE_OUT_OF_MEMORY)
    return {code, "a line of the answer's head is over libcurl's bound"};
  return {code, std::move(failure.text)};
}

}  // namespace trawl::http
