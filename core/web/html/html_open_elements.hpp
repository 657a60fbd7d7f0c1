#pragma once
// The little of tree construction's stack of open elements that links depend on: whether the
// reader is inside a template, and whether names are HTML's, SVG's or MathML's.

#include "core/web/html/html_names.hpp"
#include "core/web/html/html_tokenizer.hpp"

#include <cstddef>
#include <vector>

namespace trawl::web {

enum class HtmlNamespace : std::uint8_t { html, svg, math };

class OpenElements {
 public:
  // Returns the namespace that the new element is in. O(1) amortised.
  HtmlNamespace open(Element element, const HtmlToken& tag);
  void close(Element element);

  // False when opening or closing this element can change nothing.
  bool watches(Element element) const {
    return !stack_.empty() || element == Element::svg || element == Element::math ||
           element == Element::template_;
  }
  bool empty() const { return stack_.empty(); }

  // Where the text and the next elements belong.
  HtmlNamespace current() const { return stack_.empty() ? HtmlNamespace::html : current_slow(); }
  bool in_template() const { return templates_ > 0; }

 private:
  HtmlNamespace current_slow() const;
  void leave_foreign();

  std::vector<Element> stack_;  // svg, math, their HTML islands, template; nothing else
  std::size_t templates_ = 0;   // of the stack
};

// How the text of an HTML element is read, scripting off (HTML standard, sections 13.2.6.4.4, .7).
HtmlTextMode text_mode_of(Element element);

}  // namespace trawl::web
