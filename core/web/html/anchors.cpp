// A reader of its own beside PageReader, which is on the path of every fetched page and has no use
// for anchors.
#include "core/web/html/anchors.hpp"

#include "core/web/ascii.hpp"
#include "core/web/html/html_attribute.hpp"
#include "core/web/html/html_entities.hpp"
#include "core/web/html/html_open_elements.hpp"
#include "core/web/html/html_tokenizer.hpp"
#include "core/web/percent.hpp"

namespace trawl::web {
namespace {

class AnchorReader {
 public:
  AnchorReader(std::string_view html, bool xhtml,
               const std::function<void(std::string_view)>& visit)
      : tokenizer_(html), xhtml_(xhtml), visit_(visit) {
    tokenizer_.set_cdata_allowed(xhtml);
  }

  void read() {
    for (;;) {
      const HtmlToken& token = tokenizer_.next_tag();
      if (token.kind == HtmlTokenKind::end_of_page) return;
      if (token.kind == HtmlTokenKind::start_tag) on_start_tag(token);
      if (token.kind == HtmlTokenKind::end_tag && !open_.empty()) {
        open_.close(element_from_name(token.text));
        allow_cdata();
      }
    }
  }

 private:
  void allow_cdata() {
    tokenizer_.set_cdata_allowed(xhtml_ || open_.current() != HtmlNamespace::html);
  }

  void on_start_tag(const HtmlToken& tag) {
    const Element element = element_from_name(tag.text);
    const bool closed = xhtml_ && tag.self_closing, hidden = open_.in_template();
    HtmlNamespace space = HtmlNamespace::html;
    if (open_.watches(element) && !(closed && element == Element::template_)) {
      space = open_.open(element, tag);
      allow_cdata();
    }
    const bool html = space == HtmlNamespace::html;
    if (html && !closed) {
      const HtmlTextMode mode = text_mode_of(element);
      if (mode != HtmlTextMode::data) tokenizer_.set_text_mode(mode, tag.text);
    }
    if (hidden) return;
    tell(tag, "id");
    if (html && element == Element::a) tell(tag, "name");
  }

  void tell(const HtmlToken& tag, std::string_view name) {
    const auto value = attribute_value(tag, name);
    if (value && !value->empty()) visit_(*value);
  }

  HtmlTokenizer tokenizer_;
  bool xhtml_;
  const std::function<void(std::string_view)>& visit_;
  OpenElements open_;
};

}  // namespace

void each_anchor(std::string_view html, bool xhtml,
                 const std::function<void(std::string_view)>& visit) {
  AnchorReader{html, xhtml, visit}.read();
}

std::string_view anchor_of(std::string_view fragment) {
  const std::string_view anchor = fragment.substr(0, fragment.find(":~:"));
  const bool route = anchor.starts_with('/') || anchor.starts_with('!');
  return route || ascii::equals(anchor, "top") ? std::string_view{} : anchor;
}

AnchorNames anchor_names(std::string_view anchor) {
  AnchorNames names{.written = anchor, .decoded = {}};
  append_decoded(names.decoded, anchor);
  return names;
}

}  // namespace trawl::web
