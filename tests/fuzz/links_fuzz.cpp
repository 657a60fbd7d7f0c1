// Any bytes are a page: nothing crashes, the title is UTF-8, the links are http and bounded, and
// without repeats it leads where it leads with them. Anchors have names, in UTF-8. What it says is
// UTF-8, and no more than it has.

#include "core/base/limits.hpp"
#include "core/web/charset/content.hpp"
#include "core/web/html/anchors.hpp"
#include "core/web/html/page_text.hpp"
#include "core/web/links/link_texts.hpp"
#include "core/web/links/links.hpp"
#include "core/web/links/page_reader.hpp"
#include "core/web/utf8.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

namespace {

using namespace trawl::web;

std::set<std::tuple<std::string, LinkKind, bool>> leads_to(const PageLinks& page) {
  std::set<std::tuple<std::string, LinkKind, bool>> targets;
  for (const Link& link : page.links)
    targets.emplace(link.url.substr(0, link.url.find('#')), link.kind, link.nofollow);
  return targets;
}

PageLinks without_repeats(std::string_view text, const Url& base) {
  PageReader reader("trawl");
  reader.skip_repeats();
  reader.read(text, true);
  return resolve_links(reader, base, "");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Url base = *Url::parse("http://host.example/folder/page?query");
  const std::string_view body(reinterpret_cast<const char*>(data), size);

  const PageLinks raw = extract_links(body, base, "trawl");
  std::string storage;
  const std::string_view text = to_utf8(body, detect_charset(body, ""), storage);
  const PageLinks page = extract_links(text, base, "trawl");
  for (const PageLinks* result : {&raw, &page}) {
    if (!utf8::is_valid(result->title)) std::abort();
    if (result->title.size() > trawl::limits::title_bytes_max) std::abort();
    if (result->links.size() > trawl::limits::links_per_page_max) std::abort();
    for (const Link& link : result->links) {
      if (!link.url.starts_with("http")) std::abort();
    }
  }
  if (!utf8::is_valid(text)) std::abort();
  const PageLinks once = without_repeats(text, base);
  if (once.links.size() > page.links.size()) std::abort();
  if (!page.links_cut && leads_to(once) != leads_to(page)) std::abort();
  for (const bool xhtml : {false, true}) {
    for (const LinkText& link : link_texts(text, xhtml, base))
      if ((!link.url.empty() && !link.url.starts_with("http")) || !utf8::is_valid(link.text))
        std::abort();
    for (const TextPart part : {TextPart::all, TextPart::main}) {
      const PageText said = read_page_text(text, xhtml, base, part);
      for (const std::string* one : {&said.text, &said.description, &said.language})
        if (!utf8::is_valid(*one)) std::abort();
      if (said.text.size() > 8 * text.size() + 8) std::abort();
      for (const Heading& heading : said.headings)
        if (heading.text.empty() || !utf8::is_valid(heading.text)) std::abort();
    }
    each_anchor(text, xhtml, [](std::string_view name) {
      if (name.empty() || !utf8::is_valid(name)) std::abort();
    });
  }
  return 0;
}
