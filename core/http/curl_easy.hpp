#pragma once
// Easy handles with the options that never change, pooled, because setting them up costs 3 µs.

#include <curl/curl.h>

#include <memory>
#include <string>
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
  explicit EasyPool(std::size_t handles_max) : handles_max_(handles_max) { require_curl(); }

  // A handle with: no redirects, no content decoding, no proxy and no configuration from the
  // environment, http and https alone, the URL sent as given. Per-transfer options are the caller's
  // and must be set again each time.
  Easy take();
  void give_back(Easy easy);

 private:
  std::size_t handles_max_;
  std::vector<Easy> handles_;
};

}  // namespace trawl::http
