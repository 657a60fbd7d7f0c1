#pragma once
// What a transfer's CURLcode means, in trawl's terms. Codes alone mislead: 27 is a long header, 56
// is a reset or a damaged chunk, 1 is an SSH banner; so how far the transfer was counts too.

#include "core/base/error.hpp"

#include <curl/curl.h>

#include <string>

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
};

Error curl_error(CurlFailure failure);

}  // namespace trawl::http
