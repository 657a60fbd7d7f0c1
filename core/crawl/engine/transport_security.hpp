#pragma once
// TransportSecurity: the hosts of a job that ask for https alone. A domain's word holds for its
// subdomains, which may be other shards', so all share one table behind a lock.

#include "core/base/clock.hpp"
#include "core/http/message/message.hpp"
#include "core/web/headers/hsts.hpp"
#include "core/web/url/url.hpp"

#include <atomic>
#include <mutex>
#include <optional>
#include <vector>

namespace trawl::crawl {

class TransportSecurity {
 public:
  explicit TransportSecurity(std::size_t hosts_max);

  // What an earlier run has learnt; once, before anything is asked.
  void restore(std::vector<web::HstsHost> hosts, Wall now);

  // The URL to ask instead of this one; absent: it may be asked as it is. Any thread, as the
  // others.
  std::optional<web::Url> secured(const web::Url& url, Wall now);
  // An answer of the URL. verified: its certificate was checked.
  void on_answer(const web::Url& url, const http::Headers& headers, bool verified, Wall now);
  // What changed since the last call, in the order in which it did.
  std::vector<web::HstsChange> take_changes();

 private:
  std::mutex mutex_;
  web::HstsHosts hosts_;               // guarded by mutex_
  std::atomic<bool> is_empty_ = true;  // so that a job without any asks no lock
};

}  // namespace trawl::crawl
