#pragma once
// Easy handles with the options that never change, pooled, because setting them up costs 3 µs.

#include "core/http/transport_options.hpp"

#include <curl/curl.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace trawl::http {

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;

struct HeaderListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, HeaderListDeleter>;

// libcurl's process-wide set-up; made on first use.
void require_curl();

class EasyPool {
 public:
  EasyPool(std::size_t handles_max, TransportOptions transport)
      : handles_max_(handles_max), transport_(std::move(transport)) {
    require_curl();
  }

  // A handle with: no redirects, no content decoding, no configuration from the environment, http
  // and https alone, the URL sent as given, the pool's transport. Per-transfer options are the
  // caller's and must be set again each time.
  Easy take();
  void give_back(Easy easy);

 private:
  std::size_t handles_max_;
  TransportOptions transport_;
  std::vector<Easy> handles_;
};

}  // namespace trawl::http
