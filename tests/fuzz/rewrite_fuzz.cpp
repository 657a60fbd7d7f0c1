// Any bytes are a page or a style sheet: rewriting makes links absolute once, and a second time
// changes nothing.

#include "core/web/links/link_rewriter.hpp"
#include "core/web/links/links.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace trawl::web;

// Every link gets an absolute form that tells which it was.
NewLink marked(const Url& target, LinkUse) {
  return {.text = target.href()};
}

NewLink local(const Url&, LinkUse) {
  return {.text = "x/y%2520z.html#f", .local = true};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Url url = *Url::parse("http://host.example/folder/page?query");
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  for (const std::string_view charset : {"UTF-8", "windows-1252", "Shift_JIS"}) {
    const SourceText source{.text = body, .charset = charset, .url = url};
    const std::string once = rewrite_page(source, "", marked);
    // Absolute links need no second change.
    if (rewrite_page({.text = once, .charset = charset, .url = url}, "", marked) != once)
      std::abort();
    const std::string changed = rewrite_page(source, "UTF-8", local);
    if (changed.size() > (body.size() + 64) * 32) std::abort();
    const std::string sheet = rewrite_css(source, marked);
    if (rewrite_css({.text = sheet, .charset = charset, .url = url}, marked) != sheet) std::abort();
  }
  return 0;
}
