#pragma once
// CookieJar: the cookies of one job (RFC 6265bis, sections 5.7 and 5.8). Pure: time comes in with
// each call. Bounded: of a registrable domain at most limits::cookies_per_domain_max, of all at
// most limits::cookie_jar_bytes_max; what was used longest ago goes first. One thread at a time.

#include "core/base/clock.hpp"
#include "core/web/headers/cookie.hpp"
#include "core/web/url/url.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace trawl::web {

struct CookieChange {
  Cookie cookie;  // removed: only its name, domain, path and host_only count
  bool removed = false;
};

class CookieJar {
 public:
  // keep_changes: for take_changes(), when somebody stores them.
  explicit CookieJar(bool keep_changes = false) : keep_changes_(keep_changes) {}

  // Takes in the Set-Cookie line of an answer from that URL. False: it sets no cookie, or one that
  // the URL may not set (another domain, a public suffix, Secure without https, a prefix's rule).
  bool accept(const Url& url, std::string_view line, Wall now);
  // The Cookie field for a request of the URL, longest path first; empty: none. What doesn't fit
  // into limits::cookie_field_bytes_max is left out.
  std::string field_for(const Url& url, Wall now);

  // A cookie of an earlier run or of a file, in the order of its own. False: it is expired or is
  // for a whole public suffix.
  bool restore(Cookie cookie, Wall now);

  void each(const std::function<void(const Cookie&)>& visit) const;
  std::size_t size() const { return size_; }
  // Of all texts and entries.
  std::size_t memory_bytes() const { return bytes_; }
  // What changed since the last call, in order.
  std::vector<CookieChange> take_changes() { return std::exchange(changes_, {}); }

 private:
  struct Entry {
    Cookie cookie;
    std::uint64_t used = 0;
  };
  using Names = std::list<std::string>;
  struct Domain {
    std::vector<Entry> entries;
    Names::iterator place;  // in recent_
  };
  using Domains = std::unordered_map<std::string, Domain>;

  void keep(Cookie cookie, Wall now);
  Domain& domain_for(const std::string& name);
  void remove(Domain& domain, std::size_t place);
  void make_room(Domain& domain, Wall now);
  void make_room();
  void note(const Cookie& cookie, bool removed);

  Domains domains_;  // by registrable domain
  Names recent_;     // of domains_, the one used last in front
  std::vector<CookieChange> changes_;
  std::uint64_t next_order_ = 1;
  std::uint64_t uses_ = 0;
  std::size_t size_ = 0;
  std::size_t bytes_ = 0;
  bool keep_changes_;
};

}  // namespace trawl::web
