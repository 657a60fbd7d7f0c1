#pragma once
// What a transfer's CURLcode means, in trawl's terms. Codes alone mislead: 27 is a long header, 56
// is a reset or a damaged chunk, 1 is an SSH banner; so how far the transfer was counts too.

#include "core/base/error.hpp"

#include <curl/curl.h>

#include <string>
#include <string_view>

namespace trawl::http {

struct CurlFailure {
  CURLcode code = CURLE_OK;
  std::string text;          // of CURLOPT_ERRORBUFFER; may be empty
  bool resolved = false;     // the name has an address
  bool requested = false;    // the connection stood
  bool answering = false;    // the answer's head has begun
  bool answered = false;     // the final answer's head is complete
  bool switching = false;    // the answer was 101, which nobody asked for
  std::string refused = {};  // the address that the guard refused, when it refused all
  std::string proxy = {};    // host and port of the proxy, if there is one
  bool socks = false;        // the proxy is one of SOCKS
  bool over_tls = false;     // the URL is https
  long connect_status = 0;   // of the proxy's answer to CONNECT; 0: none
  long verify_result = 0;    // X509_V_ERR_…, as `openssl verify` numbers them; 0: none
};

Error curl_error(CurlFailure failure);

// The detail of Errc::proxy for status 407.
std::string proxy_wants_credentials(std::string_view proxy);

}  // namespace trawl::http
