// A tree is not needed for links, but three things of it are: the content of template is inert; in
// svg and math, style or title hold markup, not text; and a div inside them ends them. Elements
// are watched only where one of these can change, so a plain page never touches the stack.

#include "core/web/html/html_open_elements.hpp"

#include "core/web/ascii.hpp"

#include <algorithm>

namespace trawl::web {
namespace {

// An end tag is matched with elements this near; a page that nests svg deeper to no end would
// otherwise cost quadratic time.
constexpr std::size_t match_depth_max = 64;

bool has_attribute(const HtmlToken& tag, Attribute wanted) {
  for (const HtmlAttribute& attribute : tag.attributes) {
    if (attribute_from_name(attribute.name) == wanted) return true;
  }
  return false;
}

bool has_html_encoding(const HtmlToken& tag) {
  for (const HtmlAttribute& attribute : tag.attributes) {
    if (attribute_from_name(attribute.name) != Attribute::encoding) continue;
    return ascii::equals(attribute.value, "text/html") ||
           ascii::equals(attribute.value, "application/xhtml+xml");
  }
  return false;
}

bool is_svg_island(Element element) {
  return element == Element::foreign_object || element == Element::desc ||
         element == Element::title;
}

bool is_math_island(Element element) {
  return element == Element::mi || element == Element::mo || element == Element::mn ||
         element == Element::ms || element == Element::mtext;
}

bool breaks_out(Element element, const HtmlToken& tag) {
  if (element == Element::font) {
    return has_attribute(tag, Attribute::color) || has_attribute(tag, Attribute::face) ||
           has_attribute(tag, Attribute::size);
  }
  return breaks_out_of_foreign(element);
}

}  // namespace

HtmlNamespace OpenElements::current_slow() const {
  if (stack_.back() == Element::svg) return HtmlNamespace::svg;
  if (stack_.back() == Element::math) return HtmlNamespace::math;
  return HtmlNamespace::html;
}

void OpenElements::leave_foreign() {
  while (!stack_.empty() && current_slow() != HtmlNamespace::html) stack_.pop_back();
}

HtmlNamespace OpenElements::open(Element element, const HtmlToken& tag) {
  HtmlNamespace space = current();
  if (space != HtmlNamespace::html && breaks_out(element, tag)) {
    leave_foreign();
    space = HtmlNamespace::html;
  }
  if (space == HtmlNamespace::html) {
    if (element == Element::template_) {
      stack_.push_back(element);
      ++templates_;
    } else if (element == Element::svg || element == Element::math) {
      if (!tag.self_closing) stack_.push_back(element);
      return element == Element::svg ? HtmlNamespace::svg : HtmlNamespace::math;
    }
    return space;
  }
  if (tag.self_closing) return space;
  const bool nested =
      element == Element::svg || (element == Element::math && space == HtmlNamespace::math);
  const bool island = space == HtmlNamespace::svg
                          ? is_svg_island(element)
                          : is_math_island(element) ||
                                (element == Element::annotation_xml && has_html_encoding(tag));
  if (nested || island) stack_.push_back(element);
  return space;
}

void OpenElements::close(Element element) {
  if (stack_.empty()) return;
  if (element == Element::template_) {
    if (templates_ == 0) return;
    while (stack_.back() != Element::template_) stack_.pop_back();
    stack_.pop_back();
    --templates_;
    return;
  }
  if (element == Element::p || element == Element::br) return leave_foreign();  // as a <p> would
  for (std::size_t depth = 0; depth < std::min(stack_.size(), match_depth_max); ++depth) {
    const Element open = stack_[stack_.size() - 1 - depth];
    if (open == Element::template_) return;
    if (open == element) {
      stack_.resize(stack_.size() - 1 - depth);
      return;
    }
  }
}

HtmlTextMode text_mode_of(Element element) {
  switch (element) {
    case Element::title:
    case Element::textarea:
      return HtmlTextMode::rcdata;
    case Element::style:
    case Element::xmp:
    case Element::iframe:
    case Element::noembed:
    case Element::noframes:
      return HtmlTextMode::rawtext;
    case Element::script:
      return HtmlTextMode::script;
    case Element::plaintext:
      return HtmlTextMode::plaintext;
    default:
      return HtmlTextMode::data;
  }
}

}  // namespace trawl::web
