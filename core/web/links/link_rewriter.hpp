#pragma once
// Gives the links of a page or style sheet new texts, and leaves every other byte as it is. The
// encoding stays too: what is put in is ASCII, so any encoding that has ASCII as its lower half
// will do; others must be transcoded first (is_ascii_superset).

#include "core/web/url/url.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace trawl::web {

enum class LinkUse : std::uint8_t {
  resource,
  action,  // where a form is sent to
};

struct NewLink {
  std::string text;    // ASCII, unescaped; escapes are added as its place needs them
  bool local = false;  // a file beside the page: what only servers can answer for goes away with it
};

// Asked of each link, as an absolute http(s) URL with its fragment.
using LinkChange = std::function<NewLink(const Url& target, LinkUse use)>;

struct SourceText {
  std::string_view text;
  std::string_view charset;  // name of the Encoding standard; empty: UTF-8
  const Url& url;            // where it came from
  bool xhtml = false;        // read as XML: "<script/>" is whole
  // The page's own encoding, in which queries are sent, if the text is another; empty: charset.
  std::string_view query_charset = {};
};

// Links are what extract_links() finds, and those inside templates; resolved against <base href>,
// whose value is then emptied (one of another scheme stays, and all links become absolute). Links
// to a part of the same page stay. Where an element's link became local, `integrity` and
// `crossorigin` go away: no browser grants either to files; so does the effect of a <meta> with a
// Content-Security-Policy. declare_charset: the name that a <meta charset> at the page's start is
// to give; empty: none. Linear, no recursion, any bytes are a page.
std::string rewrite_page(const SourceText& page, std::string_view declare_charset,
                         const LinkChange& change);

// url() and @import of a style sheet.
std::string rewrite_css(const SourceText& sheet, const LinkChange& change);

// False for UTF-16 and the stateful encodings.
bool is_ascii_superset(std::string_view charset);

}  // namespace trawl::web
