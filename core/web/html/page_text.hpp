#pragma once
// What a page says, for those who make an index or a data set of pages: its text, and what it says
// of itself.

#include "core/web/url/url.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace trawl::web {

struct Heading {
  int level = 0;   // 1 to 6
  std::string id;  // of the element; may be empty
  std::string text;
};

struct PageText {
  // UTF-8, references decoded, about as innerText has it (HTML standard, 3.2.7): blocks on lines of
  // their own, an empty line around paragraphs, a tab between cells; without scripts, styles,
  // templates, form fields, <noscript>, SVG, and what is `hidden` or aria-hidden.
  std::string text;
  std::string description;  // <meta name=description>, else og:description
  std::string language;     // of <html lang>
  std::string canonical;    // <link rel=canonical>, absolute
  // At most 1,000, in document order; of TextPart::main without those of navigation and the like.
  std::vector<Heading> headings;
};

enum class TextPart : bool {
  all,
  // What is in <main>, else what is in <article>, without <nav> and <aside> in it; else the page
  // without those, its <header> and its <footer>; else all of it. Roles (WAI-ARIA) count as their
  // elements do.
  main,
};

// html: UTF-8. base: of the page, before its own <base>. Elements are told apart by their tags
// alone; blocks nested deeper than 256 are read as if they were 256 deep. Never fails.
PageText read_page_text(std::string_view html, bool xhtml, const Url& base, TextPart part);

}  // namespace trawl::web
