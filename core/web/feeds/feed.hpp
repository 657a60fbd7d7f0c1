#pragma once
// The links of feeds: RSS 0.9x and 2.0, RSS 1.0 (RDF), Atom (RFC 4287, RFC 5005), JSON Feed 1.1.
// Entries are `page`; enclosures, attachments and pictures `embed`; the feed itself and its other
// pages `feed`. The HTML that entries carry is not read: it is that of the entry's own page.

#include "core/web/charset/content.hpp"
#include "core/web/links/links.hpp"
#include "core/web/url/url.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace trawl::web {

enum class FeedFormat : std::uint8_t { xml, json };

// How a body of this type is to be tried as a feed; absent when it can be none. The general types
// (text/xml, application/xml, application/json) are tried too: what is no feed gives no links.
std::optional<FeedFormat> feed_format(const MediaType& type);

class FeedSource;

class FeedReader {
 public:
  // charset: of the Content-Type. url: where the feed was; outlives the reader.
  FeedReader(FeedFormat format, const MediaType& type, const Url& url);
  ~FeedReader();
  FeedReader(const FeedReader&) = delete;
  FeedReader& operator=(const FeedReader&) = delete;

  // False once the rest can give nothing. Linear; memory does not grow with the feed but for its
  // links, of which at most limits::links_per_page_max are kept.
  bool feed(std::string_view bytes);

  // The whole. No links when it was no feed; those before the damage when it was a damaged one.
  PageLinks finish();
  // The encoding it was read in; empty before the first bytes.
  const std::string& charset() const { return charset_; }

 private:
  std::unique_ptr<FeedSource> source_;
  FeedFormat format_;
  std::string header_charset_;
  std::string charset_;
  std::string head_;  // the first bytes, which say the encoding
};

}  // namespace trawl::web
