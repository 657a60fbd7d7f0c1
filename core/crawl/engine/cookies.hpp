#pragma once
// SharedCookies: the one jar of a job. A host belongs to one shard, but a domain's cookies cross
// hosts, so all shards share it behind a lock, which is held for a look into one bucket.

#include "core/base/clock.hpp"
#include "core/http/message/message.hpp"
#include "core/web/headers/cookie_jar.hpp"
#include "core/web/url/url.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::crawl {

class SharedCookies {
 public:
  // cookies: what the jar begins with; of those that are too many, the first ones go.
  // keep_changes: they are to be stored, so somebody calls take_changes().
  SharedCookies(std::vector<web::Cookie> cookies, bool keep_changes, Wall now);

  // The Cookie field for a request; empty: none. Any thread, as the others.
  std::string field_for(const web::Url& url, Wall now);
  // Takes in the Set-Cookie fields of an answer, at most limits::cookies_per_answer_max.
  void on_answer(const web::Url& url, const http::Headers& headers, Wall now);
  // Of a request that was redirected, by its fingerprint: the field that went with it.
  void note_redirected(std::uint64_t request, std::string_view field);
  // Whether the field is another one now. Of requests that are forgotten: whether there is one.
  bool has_changed_for(std::uint64_t request, const web::Url& url, Wall now);
  // What changed since the last call, in the order in which it did.
  std::vector<web::CookieChange> take_changes();

 private:
  std::mutex mutex_;
  web::CookieJar jar_;  // guarded by mutex_, as the next
  // Fingerprints of fields; the older half is forgotten when the younger is full.
  boost::unordered_flat_map<std::uint64_t, std::uint64_t> redirected_, redirected_earlier_;
};

}  // namespace trawl::crawl
