// Links are gathered from the page first and resolved then, because a <base> counts for all of
// them, wherever it stands.

#include "core/web/links.hpp"

#include "core/base/limits.hpp"
#include "core/web/page_reader.hpp"
#include "core/web/query_encoding.hpp"

#include <optional>
#include <utility>

namespace trawl::web {
namespace {

// The document base URL (HTML standard, section 2.4.3): the first <base href>, unless it is no URL
// or one that could not be a base.
std::optional<Url> base_element_url(const PageReader& page, const Url& document) {
  if (!page.base_href()) return {};
  Result<Url> url = Url::parse(*page.base_href(), &document);
  if (!url || url->scheme() == "data" || url->scheme() == "javascript") return {};
  if (url->href().size() > limits::base_bytes_max) return {};
  return std::move(*url);
}

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
  const std::optional<Url> element_base = base_element_url(page, base);
  const Url& document_base = element_base ? *element_base : base;

  PageLinks result;
  result.title = page.take_title();
  result.base_url = document_base.href();
  result.robots = page.robots();
  result.links_cut = page.cut();
  // The charset is that of HTML's attributes; CSS and JSON-LD know but UTF-8.
  QueryEncoder query(charset);
  result.links.reserve(page.candidates().size());
  std::size_t bytes = 0;  // a long base makes long URLs of short links
  for (const LinkCandidate& candidate : page.candidates()) {
    const bool in_css =
        candidate.element == Element::style || candidate.attribute == Attribute::style;
    const bool as_utf8 = in_css || !candidate.key.empty();
    Result<Url> url =
        Url::parse(as_utf8 ? candidate.url : query.encode(candidate.url), &document_base);
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
