// Links are gathered from the page first and resolved then, because a <base> counts for all of
// them, wherever it stands.

#include "core/web/links/links.hpp"

#include "core/base/limits.hpp"
#include "core/web/charset/query_encoding.hpp"
#include "core/web/digest.hpp"
#include "core/web/html/html_attribute.hpp"
#include "core/web/links/page_reader.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

namespace trawl::web {
namespace {

// Resolved with UTF-8 in its query, whatever the page is in: CSS and JSON-LD know but that.
bool is_utf8(const LinkCandidate& link) {
  return link.element == Element::style || link.attribute == Attribute::style || !link.key.empty();
}

// The links a page has had, as written. Each has one place in the table, from which another may
// have pushed it: no page makes a look into it cost more.
class LinksHad {
 public:
  // True where a link that differs in its fragment alone was noted and is still there.
  bool note(const LinkCandidate& link) {
    const auto traits = static_cast<std::uint64_t>(link.kind) << 2 |
                        static_cast<std::uint64_t>(link.nofollow) << 1 |
                        static_cast<std::uint64_t>(is_utf8(link));
    const std::uint64_t print =
        fingerprint(link.url.substr(0, link.url.find('#'))) + (traits + 1) * spread;
    return std::exchange(prints_[print >> (64 - places_log2)], print) == print;
  }

 private:
  static constexpr int places_log2 = 9;
  static constexpr std::uint64_t spread = 0x9E37'79B9'7F4A'7C15;  // 2^64 / golden ratio
  std::array<std::uint64_t, 1U << places_log2> prints_{};
};

}  // namespace

std::string_view to_string(LinkKind kind) {
  switch (kind) {
    case LinkKind::page:
      return "page";
    case LinkKind::embed:
      return "embed";
    case LinkKind::style:
      return "style";
    case LinkKind::script:
      return "script";
    case LinkKind::redirect:
      return "redirect";
    case LinkKind::canonical:
      return "canonical";
    case LinkKind::alternate:
      return "alternate";
    case LinkKind::feed:
      return "feed";
    case LinkKind::other:
      break;
  }
  return "other";
}

PageLinks resolve_links(PageReader& page, const Url& base, std::string_view charset) {
  const std::optional<Url> element_base =
      page.base_href() ? base_element_url(*page.base_href(), base) : std::nullopt;
  const Url& document_base = element_base ? *element_base : base;

  PageLinks result;
  result.title = page.take_title();
  result.base_url = document_base.href();
  result.robots = page.robots();
  result.links_cut = page.cut();
  QueryEncoder query(charset);
  std::optional<LinksHad> had;
  if (!page.repeats_wanted()) had.emplace();
  result.links.reserve(page.candidates().size());
  std::size_t bytes = 0;  // a long base makes long URLs of short links
  for (const LinkCandidate& candidate : page.candidates()) {
    if (had && had->note(candidate)) continue;
    Result<Url> url = Url::parse(is_utf8(candidate) ? candidate.url : query.encode(candidate.url),
                                 &document_base);
    if (!url || !url->is_http()) continue;
    bytes += url->href().size() + candidate.rel.size();
    if (bytes > limits::link_bytes_per_page_max) {
      result.links_cut = true;
      break;
    }
    result.links.push_back(
        {.url = std::move(*url).take_href(),
         .kind = candidate.kind,
         .tag = to_string(candidate.element),
         .attribute = candidate.key.empty() ? to_string(candidate.attribute) : candidate.key,
         .rel = std::string(candidate.rel),
         .nofollow = candidate.nofollow});
  }
  return result;
}

PageLinks extract_links(std::string_view html, const Url& base, std::string_view robots_token,
                        std::string_view charset) {
  PageReader page(robots_token);
  page.read(html, true);
  return resolve_links(page, base, charset);
}

}  // namespace trawl::web
