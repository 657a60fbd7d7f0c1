// Follows the tags of a page with just enough of tree construction to know what counts: text modes,
// inert templates, svg and math. Attributes are looked up only on elements that may carry links,
// and values are decoded only when they hold a reference, so most of a page is only scanned.

#include "core/web/page_reader.hpp"

#include "core/base/limits.hpp"
#include "core/web/ascii.hpp"
#include "core/web/byte_scan.hpp"
#include "core/web/css.hpp"
#include "core/web/html_entities.hpp"
#include "core/web/link_relations.hpp"
#include "core/web/page_title.hpp"
#include "core/web/srcset.hpp"

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

// Leading and trailing C0 controls and spaces are no part of a URL (URL standard, section 4.4).
std::string_view trim_url(std::string_view url) {
  const auto trimmed = [](char c) { return static_cast<unsigned char>(c) <= 0x20; };
  while (!url.empty() && trimmed(url.front())) url.remove_prefix(1);
  while (!url.empty() && trimmed(url.back())) url.remove_suffix(1);
  return url;
}

bool is_css_type(std::string_view type) {
  return type.empty() || ascii::equals(ascii::trim(type), "text/css");
}

}  // namespace

PageReader::PageReader(std::string_view html, std::string_view robots_token)
    : tokenizer_(html), robots_token_(robots_token) {}

void PageReader::read() {
  while (true) {
    const HtmlToken& token = foreign_style_ ? tokenizer_.next() : tokenizer_.next_tag();
    switch (token.kind) {
      case HtmlTokenKind::start_tag:
        on_start_tag(token);
        break;
      case HtmlTokenKind::end_tag:
        on_end_tag(token);
        break;
      case HtmlTokenKind::text:
        on_text(token);
        break;
      case HtmlTokenKind::end_of_page:
        return;
      case HtmlTokenKind::comment:
      case HtmlTokenKind::doctype:
        break;
    }
  }
}

void PageReader::on_start_tag(const HtmlToken& tag) {
  Element element = element_from_name(tag.text);
  text_owner_ = Element::unknown;
  foreign_style_ = false;
  HtmlNamespace space = HtmlNamespace::html;
  if (open_.watches(element)) {
    space = open_.open(element, tag);
    tokenizer_.set_cdata_allowed(open_.current() != HtmlNamespace::html);
  }
  if (space == HtmlNamespace::html) {
    if (element == Element::image) element = Element::img;
    if (const HtmlTextMode mode = text_mode_of(element); mode != HtmlTextMode::data) {
      tokenizer_.set_text_mode(mode, tag.text);
      text_owner_ = element;
    }
    if (element == Element::title && !open_.in_template()) {
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
    form_open_ = true;
  }
  if (tag.attributes.empty()) return;
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
  tokenizer_.set_cdata_allowed(open_.current() != HtmlNamespace::html);
}

void PageReader::on_text(const HtmlToken& text) {
  if (text_owner_ == Element::title) {
    title_ = page_title(text.text);
  } else if (text_owner_ == Element::style) {
    // The style of an svg is no raw text: its references count.
    const bool raw = text.text_mode != HtmlTextMode::data;
    add_css(raw ? text.text : decoded(text.text), Element::style, Attribute::unknown);
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

void PageReader::on_html_element(Element element) {
  switch (element) {
    case Element::a:
    case Element::area:
      on_anchor(element);
      break;
    case Element::base:
      if (!base_href_) base_href_ = value_of(Attribute::href);
      break;
    case Element::link:
      on_link();
      break;
    case Element::meta:
      on_meta();
      break;
    case Element::script:
      add(element, Attribute::src, LinkKind::script);
      break;
    case Element::iframe:
    case Element::frame:
      add(element, Attribute::src, LinkKind::page);
      break;
    case Element::style:
      if (!is_css_type(value_of(Attribute::type).value_or(""))) text_owner_ = Element::unknown;
      break;
    case Element::form:
      add(element, Attribute::action, LinkKind::other);
      break;
    case Element::button:
      add(element, Attribute::formaction, LinkKind::other);
      break;
    case Element::blockquote:
    case Element::q:
    case Element::ins:
    case Element::del:
      add(element, Attribute::cite, LinkKind::other);
      break;
    case Element::body:
      add(element, Attribute::background, LinkKind::embed);
      break;
    case Element::html:
      add(element, Attribute::manifest, LinkKind::other);
      break;
    default:
      on_image(element);
  }
}

// Everything that is shown or played inside the page.
void PageReader::on_image(Element element) {
  switch (element) {
    case Element::img:
    case Element::source:
      add(element, Attribute::src, LinkKind::embed);
      add_srcset(element, Attribute::srcset);
      break;
    case Element::input:
      add(element, Attribute::src, LinkKind::embed);
      add(element, Attribute::formaction, LinkKind::other);
      break;
    case Element::video:
      add(element, Attribute::poster, LinkKind::embed);
      add(element, Attribute::src, LinkKind::embed);
      break;
    case Element::audio:
    case Element::bgsound:
    case Element::embed:
    case Element::track:
      add(element, Attribute::src, LinkKind::embed);
      break;
    case Element::object:
      add(element, Attribute::data, LinkKind::embed);
      break;
    default:
      break;
  }
}

void PageReader::on_foreign_element(Element element, HtmlNamespace space) {
  LinkKind kind = LinkKind::embed;
  if (element == Element::a || space == HtmlNamespace::math) {
    kind = LinkKind::page;
  } else if (element == Element::script) {
    kind = LinkKind::script;
  }
  add(element, Attribute::href, kind);
  add(element, Attribute::xlink_href, kind);
}

void PageReader::on_anchor(Element element) {
  const auto href = value_of(Attribute::href);
  if (!href) return;
  LinkCandidate link{
      .url = *href, .kind = LinkKind::page, .element = element, .attribute = Attribute::href};
  if (const auto rel = value_of(Attribute::rel)) {
    link.rel = *rel;
    link.nofollow = says_nofollow(*rel);
  }
  add_url(link);  // an empty href is a link to the page itself
}

void PageReader::on_link() {
  const std::string_view rel = value_of(Attribute::rel).value_or("");
  if (ascii::trim(rel).empty()) return;  // without a relation it links to nothing
  const LinkKind kind = link_kind(rel, value_of(Attribute::type).value_or(""));
  const std::string_view href = trim_url(value_of(Attribute::href).value_or(""));
  if (!href.empty()) {
    add_url({.url = href,
             .rel = rel,
             .kind = kind,
             .element = Element::link,
             .attribute = Attribute::href,
             .nofollow = says_nofollow(rel)});
  }
  add_srcset(Element::link, Attribute::imagesrcset);
}

void PageReader::on_meta() {
  const auto content = value_of(Attribute::content);
  if (!content) return;
  const auto equivalent = value_of(Attribute::http_equiv);
  if (equivalent && ascii::equals(*equivalent, "refresh")) {
    if (const auto url = refresh_url(*content)) {
      add_url({.url = *url,
               .kind = LinkKind::redirect,
               .element = Element::meta,
               .attribute = Attribute::content});
    }
  }
  const std::string_view name = ascii::trim(value_of(Attribute::name).value_or(""));
  const bool ours = !robots_token_.empty() && ascii::equals(name, robots_token_);
  if (!ours && !ascii::equals(name, "robots")) return;
  robots_ |= parse_robots_meta(*content);
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

void PageReader::add_url(LinkCandidate candidate) {
  candidate.url = trim_url(candidate.url);
  if (has_other_scheme(candidate.url)) return;
  if (candidates_.size() == limits::links_per_page_max) {
    cut_ = true;
    return;
  }
  candidates_.push_back(candidate);
}

std::string_view PageReader::decoded(std::string_view raw) {
  const char* const end = raw.data() + raw.size();
  if (scan::find_either(raw.data(), end, '&', '\0') == end) return raw;
  std::string text;
  append_decoded(text, raw, ReferencePlace::attribute);
  return keep(std::move(text));
}

std::string_view PageReader::keep(std::string text) {
  return kept_.emplace_front(std::move(text));
}

}  // namespace trawl::web
