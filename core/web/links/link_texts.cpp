// A reader of its own beside PageReader, which is on the path of every fetched page and has no use
// for texts.
#include "core/web/links/link_texts.hpp"

#include "core/base/limits.hpp"
#include "core/web/ascii.hpp"
#include "core/web/html/html_attribute.hpp"
#include "core/web/html/html_names.hpp"
#include "core/web/html/html_open_elements.hpp"
#include "core/web/html/html_tokenizer.hpp"
#include "core/web/html/page_title.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace trawl::web {
namespace {

constexpr std::size_t raw_bytes_max = 4096;
constexpr std::array<std::string_view, 24> blocks{
    "br", "p",  "div", "li",      "ul",      "ol",     "dt",         "dd",
    "td", "th", "tr",  "table",   "h1",      "h2",     "h3",         "h4",
    "h5", "h6", "hr",  "section", "article", "header", "figcaption", "option"};

class TextReader {
 public:
  TextReader(std::string_view html, bool xhtml, const Url& base)
      : tokenizer_(html), xhtml_(xhtml), base_(base) {
    tokenizer_.set_cdata_allowed(xhtml);
  }

  std::vector<LinkText> read() {
    while (found_.size() < limits::links_per_page_max && bytes_ < limits::link_bytes_per_page_max) {
      const HtmlToken& token = tokenizer_.next();
      if (token.kind == HtmlTokenKind::end_of_page) break;
      if (token.kind == HtmlTokenKind::start_tag) on_start_tag(token);
      if (token.kind == HtmlTokenKind::end_tag) on_end_tag(token);
      if (token.kind == HtmlTokenKind::text && !in_raw_) add(token.text);
      if (token.kind != HtmlTokenKind::start_tag) in_raw_ = false;
    }
    end_link();
    return std::move(found_);
  }

 private:
  void on_end_tag(const HtmlToken& tag) {
    const Element element = element_from_name(tag.text);
    if (element == Element::a && hidden_ == 0) end_link();
    if (element == Element::template_ && hidden_ > 0) --hidden_;
    separate(tag);
  }

  // Of elements that stand on lines of their own.
  void separate(const HtmlToken& tag) {
    if (std::ranges::any_of(
            blocks, [&tag](std::string_view name) { return ascii::equals(tag.text, name); }))
      add(" ");
  }

  void on_start_tag(const HtmlToken& tag) {
    const Element element = element_from_name(tag.text);
    if (element == Element::template_) ++hidden_;
    separate(tag);
    if (!(xhtml_ && tag.self_closing)) {
      const HtmlTextMode mode = text_mode_of(element);
      in_raw_ = mode != HtmlTextMode::data;
      if (in_raw_) tokenizer_.set_text_mode(mode, tag.text);
    }
    if (element == Element::base) return take_base(tag);
    if (element == Element::img && url_) return add_alternative(tag);
    if (hidden_ > 0 || (element != Element::a && element != Element::area)) return;
    end_link();
    const auto href = attribute_value(tag, "href");
    if (!href) return;
    const auto url = Url::parse(*href, &base_);
    if (url && !url->is_http()) return;
    url_ = url ? std::string{url->href()} : std::string{};
    href_ = url ? std::string{} : *href;
    bytes_ += url_->size() + href_.size();
    if (element == Element::area || (xhtml_ && tag.self_closing)) {
      add_alternative(tag);
      end_link();
    }
  }

  void take_base(const HtmlToken& tag) {
    const auto href = attribute_value(tag, "href");
    if (hidden_ > 0 || !href || std::exchange(has_base_, true)) return;
    if (auto url = base_element_url(*href, base_)) base_ = std::move(*url);
  }

  void add_alternative(const HtmlToken& tag) {
    for (const HtmlAttribute& attribute : tag.attributes) {
      if (!ascii::equals(attribute.name, "alt")) continue;
      add(" ");
      add(attribute.value);
      return add(" ");
    }
  }

  void add(std::string_view text) {
    if (!url_ || hidden_ > 0 || raw_.size() >= raw_bytes_max) return;
    raw_.append(text.substr(0, raw_bytes_max - raw_.size()));
  }

  void end_link() {
    if (url_) found_.push_back({std::move(*url_), std::exchange(href_, {}), page_title(raw_)});
    url_.reset();
    raw_.clear();
  }

  HtmlTokenizer tokenizer_;
  bool xhtml_;
  Url base_;
  bool has_base_ = false;
  int hidden_ = 0;                  // templates that are open
  bool in_raw_ = false;             // scripts and the like are no text
  std::optional<std::string> url_;  // of the link that is open
  std::string href_;                // of one that is no URL
  std::size_t bytes_ = 0;           // of URLs so far
  std::string raw_;
  std::vector<LinkText> found_;
};

}  // namespace

std::vector<LinkText> link_texts(std::string_view html, bool xhtml, const Url& base) {
  return TextReader{html, xhtml, base}.read();
}

}  // namespace trawl::web
