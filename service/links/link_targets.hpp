#pragma once
// LinkTargets: what became of the URLs that links lead to, over the records of one crawl or more.

#include "core/crawl/state/record.hpp"
#include "core/web/url/canonical.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace trawl::service {

// How a link ends: at its own URL, or where that redirects to.
struct LinkEnd {
  crawl::UrlState state = crawl::UrlState::queued;
  std::optional<int> status;
  std::optional<Errc> error;
  int redirects = 0;      // on the way
  std::uint64_t url = 0;  // fingerprint of where it ends
  bool fragment = false;  // a redirect brings one of its own, which stands for that of the link
  // The canonical URL that redirects lead to in the end, known to a crawl or not; lives with
  // LinkTargets. Empty: there are none.
  std::string_view place = {};
};

// What a checker of links complains of: there is no answer, or an error as one.
bool is_broken(const LinkEnd& end);

class LinkTargets {
 public:
  // rules: of the job that the record is of. Of several records of a URL that counts which knows
  // most: an answer, a failure, one that waits, one that was left out. About 30 bytes of memory
  // each, and for a redirect the URL.
  void add(const crawl::Record& record, const web::CanonicalRules& rules);
  std::size_t size() const { return targets_.size(); }

  // url: fingerprint of the canonical form. Absent: none of the crawls knows the URL.
  std::optional<LinkEnd> end_of(std::uint64_t url) const;
  // Whether a link to `url` comes by `other`, its own URL or one of the redirects.
  bool leads_to(std::uint64_t url, std::uint64_t other) const;

 private:
  struct Target {
    std::uint64_t redirect = 0;  // fingerprint; 0: leads no further
    std::uint16_t status = 0;    // 0: none
    crawl::UrlState state = crawl::UrlState::queued;
    std::uint8_t error = 0;  // one more than the code; 0: none
    bool fragment = false;   // of the redirect
  };
  // Calls visit(fingerprint, target) for the URL and what it redirects to, until that returns
  // false.
  template <class Visit>
  void each_hop(std::uint64_t url, const Visit& visit) const;

  boost::unordered_flat_map<std::uint64_t, Target> targets_;  // by fingerprint
  std::unordered_map<std::uint64_t, std::string> places_;     // of redirects, likewise
};

}  // namespace trawl::service
