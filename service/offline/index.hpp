#pragma once
// Which URLs of a crawl have a file in the offline tree: what links are asked for.

#include "core/web/links/link_rewriter.hpp"
#include "core/web/url/canonical.hpp"
#include "core/web/url/url.hpp"
#include "service/offline/names.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trawl::service {

class OfflineIndex {
 public:
  explicit OfflineIndex(web::CanonicalRules rules) : rules_(std::move(rules)) {}

  // url: canonical. 10 to 21 bytes of memory a URL.
  void add_file(std::string_view url, OfflineType type);
  // Where a URL redirects to; keeps the target's text.
  void add_redirect(std::string_view url, std::string target);
  std::size_t files() const { return files_.size(); }

  // The file that the URL's body is in, redirects followed; absent when there is none.
  std::optional<std::string> file_of(const web::Url& url) const;

  // The text of a link in the file `from`: relative where the target has a file, else absolute.
  web::NewLink link_from(std::string_view from, const web::Url& target, web::LinkUse use) const;

 private:
  web::CanonicalRules rules_;
  boost::unordered_flat_map<std::uint64_t, OfflineType> files_;      // by fingerprint
  boost::unordered_flat_map<std::uint64_t, std::string> redirects_;  // by fingerprint
};

}  // namespace trawl::service
