// Any bytes are a sitemap, in blocks of any size: nothing crashes, entries are http URLs of bounded
// length, their number is bounded, and blocks make no difference. The last byte is the block size.

#include "core/base/limits.hpp"
#include "core/web/feeds/sitemap.hpp"
#include "core/web/utf8.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace trawl::web;

void check(const SitemapEntry& entry) {
  if (!entry.loc.starts_with("http")) std::abort();
  if (entry.loc.size() > trawl::limits::sitemap_loc_bytes_max) std::abort();
  if (entry.lastmod.empty() == entry.lastmod_time.has_value()) std::abort();
  if (!utf8::is_valid(entry.loc) || !utf8::is_valid(entry.lastmod)) std::abort();
  if (entry.priority && !(*entry.priority >= 0 && *entry.priority <= 1)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static const Url base = *Url::parse("http://host.example/folder/sitemap.xml");
  const std::size_t block = std::max<std::size_t>(data[size - 1], 1);
  const std::string_view body(reinterpret_cast<const char*>(data), size - 1);

  const Sitemap whole = parse_sitemap(body, base);
  if (whole.entries.size() != whole.summary.entries) std::abort();
  if (whole.entries.size() > trawl::limits::sitemap_urls_max) std::abort();
  if (!whole.summary.type && whole.summary.error.empty()) std::abort();
  if (!utf8::is_valid(whole.summary.error)) std::abort();
  for (const SitemapEntry& entry : whole.entries) check(entry);

  std::size_t at = 0;
  bool same = true;
  SitemapReader reader{base, {}, [&](const SitemapEntry& entry) {
                         same = same && at < whole.entries.size() &&
                                whole.entries[at].loc == entry.loc &&
                                whole.entries[at].lastmod == entry.lastmod;
                         ++at;
                       }};
  for (std::string_view rest = body; !rest.empty();
       rest.remove_prefix(std::min(block, rest.size())))
    reader.feed(rest.substr(0, block));
  reader.finish();
  if (!same || at != whole.entries.size()) std::abort();
  return 0;
}
