// Any bytes are tried as a feed of any kind, in blocks of any size: the links are http, bounded,
// and the same however the bytes are cut.

#include "core/base/limits.hpp"
#include "core/web/feeds/feed.hpp"
#include "core/web/utf8.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace trawl::web;

PageLinks read(const char* content_type, std::string_view body, std::size_t block) {
  static const Url url = *Url::parse("http://host.example/folder/feed");
  const MediaType type = parse_media_type(content_type);
  FeedReader reader(*feed_format(type), type, url);
  for (std::size_t at = 0; at < body.size(); at += block)
    if (!reader.feed(body.substr(at, block))) break;
  return reader.finish();
}

void check(const char* content_type, std::string_view body, std::size_t block) {
  const PageLinks whole = read(content_type, body, body.size() + 1);
  const PageLinks cut = read(content_type, body, block);
  if (whole.links.size() != cut.links.size()) std::abort();
  if (whole.links.size() > trawl::limits::links_per_page_max) std::abort();
  if (!utf8::is_valid(whole.title)) std::abort();
  for (std::size_t i = 0; i < whole.links.size(); ++i) {
    if (!whole.links[i].url.starts_with("http")) std::abort();
    if (whole.links[i].url != cut.links[i].url) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::size_t block = 1 + data[0] % 64U;
  check("application/rss+xml", body, block);
  check("application/feed+json", body, block);
  check("application/json", body, block);
  return 0;
}
