// Follows the tags of a page with just enough of tree construction to know what counts: text modes,
// inert templates, svg and math. Attributes are looked up only on elements that may carry links,
// and values are decoded only when they hold a reference, so most of a page is only scanned.

#include "core/web/links/page_reader.hpp"

#include "core/base/limits.hpp"
#include "core/web/ascii.hpp"
#include "core/web/byte_scan.hpp"
#include "core/web/html/html_entities.hpp"
#include "core/web/html/page_title.hpp"
#include "core/web/html/srcset.hpp"
#include "core/web/links/css.hpp"
#include "core/web/links/json_ld.hpp"

#include <algorithm>
#include <utility>

namespace trawl::web {
namespace {

constexpr std::uint32_t bit(Attribute attribute) {
  return std::uint32_t{1} << static_cast<unsigned>(attribute);
}

// True when the value is absolute with a scheme that is never fetched (javascript:, data:, …). The
// URL parser would find out too, but only after it has read a picture's worth of base64.
bool has_other_scheme(std::string_view url) {
  if (url.empty() || !ascii::is_alpha(url.front())) return false;
  std::size_t length = 1;
  while (length < url.size() && (ascii::is_alnum(url[length]) || url[length] == '+' ||
                                 url[length] == '-' || url[length] == '.')) {
    ++length;
  }
  if (length == url.size() || url[length] != ':') return false;
  const std::string_view scheme = url.substr(0, length);
  return !ascii::equals(scheme, "http") && !ascii::equals(scheme, "https");
}

constexpr std::size_t links_at_first = 64;

// Elements that have links, raw text or another namespace in them.
constexpr Element wanted_elements[] = {
    Element::a,         Element::area,       Element::audio,    Element::base,
    Element::bgsound,   Element::blockquote, Element::body,     Element::button,
    Element::del,       Element::embed,      Element::form,     Element::frame,
    Element::html,      Element::iframe,     Element::image,    Element::img,
    Element::input,     Element::ins,        Element::link,     Element::math,
    Element::meta,      Element::noembed,    Element::noframes, Element::object,
    Element::plaintext, Element::q,          Element::script,   Element::source,
    Element::style,     Element::svg,        Element::table,    Element::tbody,
    Element::td,        Element::template_,  Element::textarea, Element::tfoot,
    Element::th,        Element::thead,      Element::title,    Element::tr,
    Element::track,     Element::video,      Element::xmp};

// Of end tags only that of a form says something.
const HtmlTagFilter& wanted_tags(bool in_form) {
  static const HtmlTagFilter outside{wanted_elements, Element::unknown};
  static const HtmlTagFilter inside{wanted_elements, Element::form};
  return in_form ? inside : outside;
}

}  // namespace

std::size_t PageReader::read(std::string_view html, bool last) {
  if (head_is_enough_) return html.size();
  tokenizer_.resume(html);
  while (true) {
    const HtmlToken& token = next_token();
    if (!last && tokenizer_.at_end()) {
      tokenizer_.rewind();
      break;
    }
    if (token.kind == HtmlTokenKind::end_of_page) return html.size();
    on_token(token);
    if (head_is_enough_) return html.size();
  }
  detach();
  const auto done = static_cast<std::size_t>(tokenizer_.place().at - html.data());
  return done + unread_text(html.substr(done));
}

// In svg, math and templates all tags count.
const HtmlToken& PageReader::next_token() {
  if (foreign_style_) return tokenizer_.next();
  if (!open_.empty()) return tokenizer_.next_tag();
  return tokenizer_.next_tag(wanted_tags(form_open_));
}

// Text that nobody wants need not come again: up to the next '<'.
std::size_t PageReader::unread_text(std::string_view html) const {
  if (foreign_style_ || tokenizer_.place().mode != HtmlTextMode::data) return 0;
  return std::min(html.find('<'), html.size());
}

// The piece goes away: what the results refer to is copied.
void PageReader::detach() {
  for (; detached_ < candidates_.size(); ++detached_) {
    LinkCandidate& candidate = candidates_[detached_];
    candidate.url = kept_.emplace_front(candidate.url);
    if (!candidate.rel.empty()) candidate.rel = kept_.emplace_front(candidate.rel);
  }
  if (base_href_ && base_href_->data() != base_kept_.data()) {
    base_kept_ = *base_href_;
    base_href_ = base_kept_;
  }
  decoded_.clear();
}

void PageReader::on_token(const HtmlToken& token) {
  switch (token.kind) {
    case HtmlTokenKind::start_tag:
      return on_start_tag(token);
    case HtmlTokenKind::end_tag:
      return on_end_tag(token);
    case HtmlTokenKind::text:
      return on_text(token);
    case HtmlTokenKind::end_of_page:
    case HtmlTokenKind::comment:
    case HtmlTokenKind::doctype:
      break;
  }
}

void PageReader::on_start_tag(const HtmlToken& tag) {
  Element element = tag.element;
  if (element == Element::body && open_.empty()) head_is_enough_ = !links_wanted_ && title_seen_;
  text_owner_ = Element::unknown;
  foreign_style_ = false;
  json_ld_ = false;
  HtmlNamespace space = HtmlNamespace::html;
  const bool closed = xhtml_ && tag.self_closing;
  if (open_.watches(element) && !(closed && element == Element::template_)) {
    space = open_.open(element, tag);
    tokenizer_.set_cdata_allowed(xhtml_ || open_.current() != HtmlNamespace::html);
  }
  if (space == HtmlNamespace::html) {
    if (element == Element::image) element = Element::img;
    if (const HtmlTextMode mode = text_mode_of(element); mode != HtmlTextMode::data && !closed) {
      tokenizer_.set_text_mode(mode, to_string(element));
      text_owner_ = element;
    }
    if (element == Element::title && !closed && !open_.in_template()) {
      if (title_seen_) text_owner_ = Element::unknown;
      title_seen_ = true;
    }
  } else if (element == Element::style && !tag.self_closing && !open_.in_template()) {
    foreign_style_ = true;
    text_owner_ = element;
  }
  if (open_.in_template()) {
    text_owner_ = Element::unknown;
    return;
  }
  if (element == Element::form && space == HtmlNamespace::html) {
    if (form_open_) return;
    form_open_ = !closed;
  }
  if (tag.attributes.empty() || (!links_wanted_ && element != Element::meta)) return;
  const bool html = space == HtmlNamespace::html;
  if (html && (element == Element::unknown || element >= Element::named)) {
    for (const HtmlAttribute& attribute : tag.attributes) {
      if (attribute.name.size() == 5 && ascii::equals(attribute.name, "style")) {
        on_style_attribute(element, attribute.value);
        break;
      }
    }
    return;
  }
  note_attributes(tag);
  if (present_ == 0) return;
  html ? on_html_element(element) : on_foreign_element(element, space);
  if ((present_ & bit(Attribute::style)) != 0) {
    on_style_attribute(element, values_[static_cast<std::size_t>(Attribute::style)]);
  }
}

void PageReader::on_end_tag(const HtmlToken& tag) {
  text_owner_ = Element::unknown;
  foreign_style_ = false;
  if (!form_open_ && open_.empty()) return;
  const Element element = element_from_name(tag.text);
  if (element == Element::form && open_.current() == HtmlNamespace::html) {
    form_open_ = form_open_ && open_.in_template();
  }
  if (open_.empty()) return;
  open_.close(element);
  tokenizer_.set_cdata_allowed(xhtml_ || open_.current() != HtmlNamespace::html);
}

void PageReader::on_text(const HtmlToken& text) {
  if (text_owner_ == Element::title) {
    title_ = page_title(text.text);
  } else if (!links_wanted_) {
    return;
  } else if (text_owner_ == Element::style) {
    // The style of an svg is no raw text: its references count.
    const bool raw = text.text_mode != HtmlTextMode::data;
    add_css(raw ? text.text : decoded(text.text), Element::style, Attribute::unknown);
  } else if (text_owner_ == Element::script && json_ld_) {
    add_json_ld(text.text);
  }
}

void PageReader::note_attributes(const HtmlToken& tag) {
  present_ = 0;
  for (const HtmlAttribute& attribute : tag.attributes) {
    const Attribute known = attribute_from_name(attribute.name);
    // The first of two attributes with one name counts.
    if (known == Attribute::unknown || (present_ & bit(known)) != 0) continue;
    present_ |= bit(known);
    values_[static_cast<std::size_t>(known)] = attribute.value;
  }
}

// Only a function can hold a URL, so a style without '(' is not looked at.
void PageReader::on_style_attribute(Element element, std::string_view value) {
  const char* const end = value.data() + value.size();
  if (scan::find_either(value.data(), end, '(', '&') == end) return;
  add_css(decoded(value), element, Attribute::style);
}

std::optional<std::string_view> PageReader::value_of(Attribute attribute) {
  if ((present_ & bit(attribute)) == 0) return {};
  return decoded(values_[static_cast<std::size_t>(attribute)]);
}

void PageReader::add(Element element, Attribute attribute, LinkKind kind) {
  const auto value = value_of(attribute);
  if (!value) return;
  const std::string_view url = trim_url(*value);
  if (!url.empty()) add_url({.url = url, .kind = kind, .element = element, .attribute = attribute});
}

void PageReader::add_srcset(Element element, Attribute attribute) {
  std::string_view rest = value_of(attribute).value_or("");
  while (true) {
    const std::string_view url = next_srcset_url(rest);
    if (url.empty()) break;
    add_url({.url = url, .kind = LinkKind::embed, .element = element, .attribute = attribute});
  }
}

void PageReader::add_css(std::string_view css, Element element, Attribute attribute) {
  CssScanner scanner(css);
  while (!cut_) {
    const std::optional<CssUrl> found = scanner.next();
    if (!found) break;
    add_url({.url = found->escaped ? keep(unescape_css(found->text)) : found->text,
             .kind = found->import ? LinkKind::style : LinkKind::embed,
             .element = element,
             .attribute = attribute});
  }
}

void PageReader::add_json_ld(std::string_view text) {
  for (JsonLdUrl& found : json_ld_urls(text)) {
    add_url({.url = keep(std::move(found.url)),
             .key = found.key,
             .kind = found.kind,
             .element = Element::script});
  }
}

void PageReader::add_url(LinkCandidate candidate) {
  if (!links_wanted_) return;
  candidate.url = trim_url(candidate.url);
  if (has_other_scheme(candidate.url)) return;
  link_bytes_ += candidate.url.size() + candidate.rel.size();
  if (candidates_.size() == limits::links_per_page_max ||
      link_bytes_ > limits::link_bytes_per_page_max) {
    cut_ = true;
    return;
  }
  if (candidates_.capacity() == 0) candidates_.reserve(links_at_first);
  candidates_.push_back(candidate);
}

// Leading and trailing C0 controls and spaces are no part of a URL (URL standard, section 4.4).
std::string_view PageReader::trim_url(std::string_view url) {
  const auto trimmed = [](char c) { return static_cast<unsigned char>(c) <= 0x20; };
  while (!url.empty() && trimmed(url.front())) url.remove_prefix(1);
  while (!url.empty() && trimmed(url.back())) url.remove_suffix(1);
  return url;
}

std::string_view PageReader::decoded(std::string_view raw) {
  const char* const end = raw.data() + raw.size();
  if (scan::find_either(raw.data(), end, '&', '\0') == end) return raw;
  std::string text;
  append_decoded(text, raw, ReferencePlace::attribute);
  return keep(std::move(text));
}

std::string_view PageReader::keep(std::string text) {
  return decoded_.emplace_front(std::move(text));
}

}  // namespace trawl::web
