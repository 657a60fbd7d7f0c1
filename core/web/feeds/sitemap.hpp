#pragma once
// Sitemaps in all forms that the protocol knows (https://www.sitemaps.org/protocol.html): urlset,
// index, RSS 2.0 and RSS 1.0 and Atom feeds, a text file of URLs; gzipped or not. Read as a stream:
// entries come out while bytes go in. Lenient: what can be read around damage is kept, and the
// summary says what was wrong. Bounds are in limits.hpp (sitemap_…). Pure; one thread at a time.

#include "core/base/clock.hpp"
#include "core/web/url/url.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::web {

enum class SitemapType : std::uint8_t { urlset, index, feed, text };
std::string_view to_string(SitemapType type);

struct SitemapEntry {
  std::string loc;  // absolute, http or https, without fragment; of an index: another sitemap
  // A W3C datetime as it was written (a feed's RFC 822 date: rewritten as one); empty when there
  // was none that can be read.
  std::string lastmod;
  std::optional<Wall> lastmod_time;  // the same
  std::optional<double> priority;    // 0 to 1
  std::string changefreq;            // "daily" and the like: one of the protocol's words, or empty
};

struct SitemapSummary {
  std::optional<SitemapType> type;  // absent: the body is no sitemap
  std::uint64_t entries = 0;
  std::string error;  // a sentence about the first damage; empty when there was none
};

class SitemapReader {
 public:
  using OnEntry = std::function<void(SitemapEntry entry)>;

  // url: of the sitemap; locs that are not absolute are resolved against it.
  // charset: of the Content-Type header, empty when it had none.
  SitemapReader(const Url& url, std::string_view charset, OnEntry on_entry);
  ~SitemapReader();
  SitemapReader(const SitemapReader&) = delete;
  SitemapReader& operator=(const SitemapReader&) = delete;

  // Bytes without HTTP's content coding; a gzip file is recognised by its first bytes. False once
  // nothing more will come of it. Entries are told from within.
  bool feed(std::string_view bytes);
  // whole: the body didn't end early. Once, at the end.
  SitemapSummary finish(bool whole = true);
  // Known early; as in the summary.
  std::optional<SitemapType> type() const;

 private:
  class Body;
  std::unique_ptr<Body> body_;
};

struct Sitemap {
  SitemapSummary summary;
  std::vector<SitemapEntry> entries;
};

// A whole sitemap at once.
Sitemap parse_sitemap(std::string_view body, const Url& url, std::string_view charset = {});

}  // namespace trawl::web
