// A feed is read as it arrives, whatever its size; only its links stay.
#include "core/web/feeds/feed.hpp"

#include "core/base/limits.hpp"
#include "core/web/ascii.hpp"
#include "core/web/charset/charset.hpp"
#include "core/web/feeds/feed_source.hpp"
#include "core/web/html/page_title.hpp"
#include "core/web/links/link_relations.hpp"
#include "core/web/xml/xml_reader.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace trawl::web {
namespace {

constexpr std::size_t head_bytes = 1024;
constexpr std::size_t url_bytes_max = 64 * 1024;

}  // namespace

std::optional<FeedFormat> feed_format(const MediaType& type) {
  static constexpr std::array xml_types =
      std::to_array<std::string_view>({"application/rss+xml", "application/atom+xml",
                                       "application/rdf+xml", "application/xml", "text/xml"});
  if (std::ranges::find(xml_types, type.essence) != xml_types.end()) return FeedFormat::xml;
  if (type.essence == "application/feed+json" || type.essence == "application/json")
    return FeedFormat::json;
  return {};
}

FeedReader::FeedReader(FeedFormat format, const MediaType& type, const Url& url)
    : source_(format == FeedFormat::xml
                  ? make_xml_feed(type.charset, url)
                  : make_json_feed(url, type.essence == "application/feed+json")),
      format_(format),
      header_charset_(type.charset) {}

FeedReader::~FeedReader() = default;

bool FeedReader::feed(std::string_view bytes) {
  if (charset_.empty() || head_.size() < head_bytes) {
    head_.append(bytes.substr(0, head_bytes - std::min(head_bytes, head_.size())));
    // JSON is UTF-8 (RFC 8259, section 8.1).
    charset_ = format_ == FeedFormat::json ? "UTF-8" : xml_charset(head_, header_charset_);
  }
  return source_->feed(bytes);
}

PageLinks FeedReader::finish() {
  return source_->finish();
}

void FeedLinks::add(std::string_view url, const Url& base, LinkKind kind, std::string_view tag,
                    std::string_view attribute, std::string_view rel) {
  url = ascii::trim(url);
  if (url.empty() || url.size() > url_bytes_max) return;
  if (page_.links.size() == limits::links_per_page_max) {
    page_.links_cut = true;
    return;
  }
  Result<Url> parsed = Url::parse(url, &base);
  if (!parsed || !parsed->is_http()) return;
  bytes_ += parsed->href().size() + rel.size();
  if (bytes_ > limits::link_bytes_per_page_max) {
    page_.links_cut = true;
    return;
  }
  page_.links.push_back({.url = std::move(*parsed).take_href(),
                         .kind = kind,
                         .tag = tag,
                         .attribute = attribute,
                         .rel = std::string(rel),
                         .nofollow = says_nofollow(rel)});
}

void FeedLinks::set_title(std::string_view text) {
  if (page_.title.empty()) page_.title = page_title(text);
}

PageLinks FeedLinks::take(const Url& base) {
  page_.base_url = base.href();
  return std::move(page_);
}

}  // namespace trawl::web
