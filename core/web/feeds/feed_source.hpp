#pragma once
// What the formats of feeds have in common: bytes in, links gathered.

#include "core/web/links/links.hpp"
#include "core/web/url/url.hpp"

#include <memory>
#include <string_view>

namespace trawl::web {

class FeedSource {
 public:
  virtual ~FeedSource() = default;
  virtual bool feed(std::string_view bytes) = 0;
  virtual PageLinks finish() = 0;
};

std::unique_ptr<FeedSource> make_xml_feed(std::string_view charset, const Url& url);
// sure: the content type says that it is a feed; else its version member has to.
std::unique_ptr<FeedSource> make_json_feed(const Url& url, bool sure);

// The links of a feed as they are found.
class FeedLinks {
 public:
  // Adds what is a http(s) URL. tag, attribute: static storage.
  void add(std::string_view url, const Url& base, LinkKind kind, std::string_view tag,
           std::string_view attribute, std::string_view rel = {});
  // The first counts.
  void set_title(std::string_view text);
  PageLinks take(const Url& base);
  bool full() const { return page_.links_cut; }

 private:
  PageLinks page_;
  std::size_t bytes_ = 0;  // of URLs and rels
};

}  // namespace trawl::web
