// A second reader beside PageReader, over the same tokenizer: that one is on the path of every
// fetched page and keeps no positions; this one runs once, after the crawl, and keeps nothing else.
#include "core/web/links/link_spots.hpp"

#include "core/web/ascii.hpp"
#include "core/web/html/html_entities.hpp"

#include <string>

namespace trawl::web {
namespace {

std::optional<SpotKind> kind_of_url(Element element, Attribute attribute) {
  switch (element) {
    case Element::a:
    case Element::area:
    case Element::link:
      return attribute == Attribute::href ? std::optional{SpotKind::url} : std::nullopt;
    case Element::img:
    case Element::image:
    case Element::source:
    case Element::script:
    case Element::iframe:
    case Element::frame:
    case Element::input:
    case Element::audio:
    case Element::bgsound:
    case Element::embed:
    case Element::track:
      return attribute == Attribute::src ? std::optional{SpotKind::url} : std::nullopt;
    case Element::video:
      return attribute == Attribute::src || attribute == Attribute::poster
                 ? std::optional{SpotKind::url}
                 : std::nullopt;
    case Element::object:
      return attribute == Attribute::data ? std::optional{SpotKind::url} : std::nullopt;
    case Element::body:
    case Element::table:
    case Element::tbody:
    case Element::td:
    case Element::tfoot:
    case Element::th:
    case Element::thead:
    case Element::tr:
      return attribute == Attribute::background ? std::optional{SpotKind::url} : std::nullopt;
    case Element::blockquote:
    case Element::q:
    case Element::ins:
    case Element::del:
      return attribute == Attribute::cite ? std::optional{SpotKind::url} : std::nullopt;
    case Element::html:
      return attribute == Attribute::manifest ? std::optional{SpotKind::url} : std::nullopt;
    default:
      return std::nullopt;
  }
}

std::optional<SpotKind> kind_of(Element element, Attribute attribute) {
  switch (attribute) {
    case Attribute::style:
      return SpotKind::style;
    case Attribute::srcset:
      if (element == Element::img || element == Element::image || element == Element::source)
        return SpotKind::srcset;
      return std::nullopt;
    case Attribute::imagesrcset:
      return element == Element::link ? std::optional{SpotKind::srcset} : std::nullopt;
    case Attribute::action:
      return element == Element::form ? std::optional{SpotKind::action} : std::nullopt;
    case Attribute::formaction:
      if (element == Element::button || element == Element::input) return SpotKind::action;
      return std::nullopt;
    case Attribute::href:
      if (element == Element::base) return SpotKind::base;
      break;
    default:
      break;
  }
  return kind_of_url(element, attribute);
}

bool is_server_promise(const HtmlAttribute& attribute) {
  return ascii::equals(attribute.name, "integrity") || ascii::equals(attribute.name, "crossorigin");
}

// The attribute from its name to behind its value, quotes included.
std::string_view whole(const HtmlAttribute& attribute, std::string_view html) {
  const char* const start = attribute.name.data();
  if (attribute.value.data() == nullptr) return attribute.name;
  const char* end = attribute.value.data() + attribute.value.size();
  const char before = attribute.value.data()[-1];
  const bool quoted = before == '"' || before == '\'';
  if (quoted && end != html.data() + html.size() && *end == before) ++end;
  return {start, static_cast<std::size_t>(end - start)};
}

}  // namespace

void LinkSpotReader::read() {
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
        if (style_next_) {
          const bool raw = token.text_mode != HtmlTextMode::data;
          add(token.text, raw ? SpotKind::style_text : SpotKind::foreign_style);
        }
        break;
      case HtmlTokenKind::end_of_page:
        return;
      case HtmlTokenKind::comment:
      case HtmlTokenKind::doctype:
        break;
    }
  }
}

void LinkSpotReader::on_start_tag(const HtmlToken& tag) {
  const Element element = element_from_name(tag.text);
  style_next_ = false;
  foreign_style_ = false;
  ++element_;
  HtmlNamespace space = HtmlNamespace::html;
  const bool closed = xhtml_ && tag.self_closing;
  if (open_.watches(element) && !(closed && element == Element::template_)) {
    space = open_.open(element, tag);
    tokenizer_.set_cdata_allowed(xhtml_ || open_.current() != HtmlNamespace::html);
  }
  const bool html = space == HtmlNamespace::html;
  foreign_ = !html;
  if (!head_found_ && element != Element::html && !ascii::equals(tag.text, "head")) {
    head_found_ = true;
    add({tag.text.data() - 1, 0}, SpotKind::head);
  }
  if (html && !closed) {
    const HtmlTextMode mode = text_mode_of(element);
    if (mode != HtmlTextMode::data) tokenizer_.set_text_mode(mode, tag.text);
    style_next_ = element == Element::style;
  } else if (!html && element == Element::style && !tag.self_closing) {
    style_next_ = foreign_style_ = true;
  }
  if (html && element == Element::meta) return on_meta(tag);
  for (const HtmlAttribute& attribute : tag.attributes)
    on_attribute(tag, attribute, element, space);
}

void LinkSpotReader::on_end_tag(const HtmlToken& tag) {
  style_next_ = false;
  foreign_style_ = false;
  if (open_.empty()) return;
  open_.close(element_from_name(tag.text));
  tokenizer_.set_cdata_allowed(xhtml_ || open_.current() != HtmlNamespace::html);
}

void LinkSpotReader::on_attribute(const HtmlToken&, const HtmlAttribute& attribute, Element element,
                                  HtmlNamespace space) {
  if (is_server_promise(attribute)) {
    add(whole(attribute, html_), SpotKind::server_promise);
    return;
  }
  if (attribute.value.empty()) return;
  const Attribute known = attribute_from_name(attribute.name);
  if (known == Attribute::unknown) return;
  if (space != HtmlNamespace::html) {
    if (known == Attribute::href || known == Attribute::xlink_href)
      add(attribute.value, SpotKind::url);
    else if (known == Attribute::style)
      add(attribute.value, SpotKind::style);
    return;
  }
  const auto kind = kind_of(element, known);
  if (!kind) return;
  if (*kind == SpotKind::base && !base_href_ && !open_.in_template()) base_href_ = attribute.value;
  add(attribute.value, *kind);
}

// What `content` is depends on http-equiv, wherever that stands.
void LinkSpotReader::on_meta(const HtmlToken& tag) {
  const HtmlAttribute* equivalent = nullptr;
  const HtmlAttribute* content = nullptr;
  for (const HtmlAttribute& attribute : tag.attributes) {
    const Attribute known = attribute_from_name(attribute.name);
    if (known == Attribute::http_equiv && equivalent == nullptr) equivalent = &attribute;
    if (known == Attribute::content && content == nullptr) content = &attribute;
  }
  if (equivalent == nullptr) return;
  if (ascii::equals(equivalent->value, "content-security-policy"))
    add(equivalent->value, SpotKind::policy);
  else if (content != nullptr && !content->value.empty() &&
           ascii::equals(equivalent->value, "refresh"))
    add(content->value, SpotKind::refresh);
}

void LinkSpotReader::add(std::string_view raw, SpotKind kind) {
  spots_.push_back({raw, kind, foreign_, element_});
}

}  // namespace trawl::web
