// What libcurl would do on its own is switched off: redirects, decoding, configuration files.
#include "core/http/client/curl_easy.hpp"

#include <new>

namespace trawl::http {

void require_curl() {
  // Never undone: a name look-up that was given up may still run when main() has returned.
  [[maybe_unused]] static const CURLcode done = curl_global_init(CURL_GLOBAL_DEFAULT);
}

Easy EasyMaker::make() const {
  Easy easy{curl_easy_init()};
  if (!easy) throw std::bad_alloc();
  CURL* handle = easy.get();
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  // Without it, giving up a name look-up blocks the loop until getaddrinfo() comes back.
  curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_HTTP_CONTENT_DECODING, 0L);
  curl_easy_setopt(handle, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set_transport(handle, transport_);
  curl_easy_setopt(handle, CURLOPT_HTTP09_ALLOWED, 0L);
  curl_easy_setopt(handle, CURLOPT_TCP_NODELAY, 1L);
  // libcurl reads up to a hundred buffers from one fast socket before it lets the others have a
  // turn; with 64 KiB that was seen to hold the loop for 240 ms, and no fetch was quicker for it.
  curl_easy_setopt(handle, CURLOPT_BUFFERSIZE, 16L * 1024);
  return easy;
}

}  // namespace trawl::http
