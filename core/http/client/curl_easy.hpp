#pragma once
// Easy handles with the options that never change, a fresh one for each transfer. libcurl 7.88
// keeps things of a handle's last transfer that a next one falls over: a pointer to a header that
// is freed by then, which any server reaches with a head whose first field begins with a space
// (curl pull request 11103), and how often it replaced a connection that had died, of which the
// sixth fails.

#include "core/http/client/transport_options.hpp"

#include <curl/curl.h>

#include <memory>
#include <utility>

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

class EasyMaker {
 public:
  explicit EasyMaker(TransportOptions transport) : transport_(std::move(transport)) {
    require_curl();
  }

  // A handle with: no redirects, no content decoding, no configuration from the environment, http
  // and https alone, the URL sent as given, the maker's transport.
  Easy make() const;

 private:
  TransportOptions transport_;
};

}  // namespace trawl::http
