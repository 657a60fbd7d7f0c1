// Names are kept as fingerprints, so that the anchors of a million pages fit into memory.
#include "service/links/page_anchors.hpp"

#include "core/web/charset/content.hpp"
#include "core/web/digest.hpp"
#include "core/web/html/anchors.hpp"
#include "service/records/page_links.hpp"
#include "service/records/stored_body.hpp"

#include <string>

namespace trawl::service {
namespace {

std::uint64_t fingerprint_of(std::uint64_t url, std::string_view name) {
  constexpr std::uint64_t odd = 0x9E3779B97F4A7C15;  // 2^64 by the golden ratio
  return web::fingerprint(name) ^ url * odd;
}

}  // namespace

Result<> PageAnchors::add(const std::filesystem::path& folder, const crawl::Record& record) {
  const crawl::Outcome& outcome = record.outcome;
  if (!has_stored_page(outcome) || outcome.truncated || !outcome.redirect_to.empty()) return {};
  const auto type = web::parse_media_type(outcome.content_type);
  if (!type.is_html()) return {};
  const auto page = read_stored_page(folder, record);
  if (!page) return std::unexpected(page.error());
  std::string storage;
  const auto charset =
      outcome.charset.empty() ? web::detect_charset(page->body, "") : outcome.charset;
  const auto html = web::to_utf8(page->body, charset, storage);
  const std::uint64_t url = web::fingerprint(record.url);
  pages_.insert(url);
  web::each_anchor(html, type.is_xhtml(),
                   [&](std::string_view name) { anchors_.insert(fingerprint_of(url, name)); });
  return {};
}

std::optional<bool> PageAnchors::has(std::uint64_t url, std::string_view fragment) const {
  const std::string_view anchor = web::anchor_of(fragment);
  if (anchor.empty() || !pages_.contains(url)) return std::nullopt;
  const web::AnchorNames names = web::anchor_names(anchor);
  return anchors_.contains(fingerprint_of(url, names.written)) ||
         anchors_.contains(fingerprint_of(url, names.decoded));
}

}  // namespace trawl::service
