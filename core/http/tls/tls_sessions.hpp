#pragma once
// TlsSessions: TLS sessions that a session's transfers share, so that a second connection to a host
// resumes the first one's (half the CPU of a full handshake). Loop thread only; must outlive every
// easy handle that has one of its shares set.

#include <curl/curl.h>

#include <array>
#include <memory>
#include <string_view>

namespace trawl::http {

class TlsSessions {
 public:
  // For CURLOPT_SHARE; a host's is always the same. Never null.
  CURLSH* share_for(std::string_view authority);

 private:
  struct Deleter {
    void operator()(CURLSH* share) const { curl_share_cleanup(share); }
  };
  // libcurl remembers eight sessions a share, so there are many.
  std::array<std::unique_ptr<CURLSH, Deleter>, 64> shares_;
};

}  // namespace trawl::http
