// A reader of its own beside PageReader, which is on the path of every fetched page. A stack of the
// blocks that are open, closed by end tags and by what implies them, says in which parts of the
// page a text stands; it is no tree construction, and needs none.
#include "core/web/html/page_text.hpp"

#include "core/base/limits.hpp"
#include "core/web/ascii.hpp"
#include "core/web/html/html_attribute.hpp"
#include "core/web/html/html_entities.hpp"
#include "core/web/html/html_names.hpp"
#include "core/web/html/html_open_elements.hpp"
#include "core/web/html/html_tokenizer.hpp"
#include "core/web/html/page_parts.hpp"
#include "core/web/html/text_flow.hpp"
#include "core/web/utf8.hpp"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <utility>

namespace trawl::web {
namespace {

constexpr std::size_t depth_max = 256;
constexpr std::size_t headings_max = 1'000;
constexpr std::size_t heading_bytes_max = 4096;

std::optional<std::string> value_of(const HtmlToken& tag, std::string_view name) {
  auto value = attribute_value(tag, name);
  if (value && !utf8::is_valid(*value)) {
    std::string repaired;
    utf8::append_repaired(repaired, *value);
    value = std::move(repaired);
  }
  return value;
}

// White space collapsed; not longer than a title.
std::string line_of(std::string_view text) {
  TextFlow flow;
  flow.add(text.substr(0, 2 * limits::title_bytes_max), false);
  std::string line = flow.take();
  std::size_t length = std::min(line.size(), limits::title_bytes_max);
  const auto continues = [&line](std::size_t at) {
    return at < line.size() && (static_cast<unsigned char>(line[at]) & 0xC0) == 0x80;
  };
  while (length > 0 && continues(length)) --length;
  line.resize(length);
  std::string whole;
  utf8::append_repaired(whole, line);
  return whole;
}

class TextReader {
 public:
  TextReader(std::string_view html, bool xhtml, const Url& base, TextPart part)
      : tokenizer_(html), xhtml_(xhtml), base_(base), part_(part) {
    tokenizer_.set_cdata_allowed(xhtml);
  }

  PageText read() {
    for (;;) {
      const HtmlToken& token = tokenizer_.next();
      if (token.kind == HtmlTokenKind::end_of_page) break;
      if (token.kind == HtmlTokenKind::start_tag) on_start_tag(token);
      if (token.kind == HtmlTokenKind::end_tag) on_end_tag(token);
      if (token.kind == HtmlTokenKind::text) on_text(token);
      if (token.kind != HtmlTokenKind::start_tag) after_pre_ = false;
    }
    end_heading();
    for (TextFlow* flow : {&main_, &article_, &inside_, &all_})
      if (page_.text.empty()) page_.text = flow->take();
    return std::move(page_);
  }

 private:
  struct Open {
    std::string_view name;
    std::uint8_t parts;  // its own, and those that it is in
    bool block;
  };

  std::uint8_t parts() const { return open_.empty() ? std::uint8_t{0} : open_.back().parts; }
  // Inside <svg>, a template or a formula's source nothing is said to readers.
  bool is_inert() const {
    return !foreign_.empty() && (in_svg_ || foreign_.in_template() || annotations_ > 0);
  }

  // What a better part has is not wanted of the others, so that a page is in memory about once.
  template <class F>
  void each_flow(const F& change) {
    const std::uint8_t in = parts();
    const bool kept = (in & around) == 0;
    if (part_ == TextPart::all) return change(all_);
    if (main_.empty()) {
      if (inside_.empty()) change(all_);
      if (kept) change(inside_);
      if (kept && (in & in_article) != 0) change(article_);
    }
    if (kept && (in & in_main) != 0) change(main_);
    if (!main_.empty()) drop({&all_, &inside_, &article_});
    if (!inside_.empty()) drop({&all_});
  }

  static void drop(std::initializer_list<TextFlow*> flows) {
    for (TextFlow* flow : flows) {
      TextFlow empty;
      std::swap(*flow, empty);
    }
  }

  void on_text(const HtmlToken& token) {
    using enum HtmlTextMode;
    const bool plain = token.text_mode == data || token.text_mode == cdata;
    const bool shown = plain || token.text_mode == plaintext || in_xmp_;
    in_xmp_ = false;
    if (!shown || (parts() & hidden) != 0 || is_inert()) return;
    std::string_view raw = token.text;
    const bool as_is = !plain || (parts() & preserved) != 0;
    if (after_pre_ && raw.starts_with('\r')) raw.remove_prefix(1);
    if (after_pre_ && raw.starts_with('\n')) raw.remove_prefix(1);
    decoded_.clear();
    repaired_.clear();
    if (token.text_mode == data)
      append_decoded(decoded_, raw, ReferencePlace::text);
    else
      decoded_ = raw;
    utf8::append_repaired(repaired_, decoded_);
    each_flow([&](TextFlow& flow) { flow.add(repaired_, as_is); });
    if (heading_.level > 0 && heading_.text.size() < heading_bytes_max)
      heading_.text.append(repaired_, 0, heading_bytes_max);
  }

  void need(std::string_view name, bool begins) {
    if ((parts() & hidden) != 0) return;
    if (ascii::equals(name, "br"))
      each_flow([](TextFlow& flow) { flow.add_line(); });
    else if (begins && (ascii::equals(name, "td") || ascii::equals(name, "th")))
      each_flow([](TextFlow& flow) { flow.begin_cell(); });
    else if (begins && ascii::equals(name, "tr"))
      each_flow([](TextFlow& flow) { flow.begin_row(); });
    else if (const int count = block_lines(name); count > 0)
      each_flow([count](TextFlow& flow) { flow.need_lines(count); });
    else
      return;
    if (heading_.level > 0) heading_.text += ' ';
  }

  // Whether the tag is that of a page's element and no other.
  bool is_html(const HtmlToken& tag) {
    const bool closed = xhtml_ && tag.self_closing;
    if (!foreign_.watches(tag.element)) return true;
    if (closed && tag.element == Element::template_) return true;
    if (foreign_.empty()) in_svg_ = tag.element == Element::svg;
    const bool html = foreign_.open(tag.element, tag) == HtmlNamespace::html;
    if (!in_svg_ && is_annotation(tag.text) && !tag.self_closing) ++annotations_;
    end_foreign();
    return html;
  }
  static bool is_annotation(std::string_view name) {
    return ascii::equals(name, "annotation") || ascii::equals(name, "annotation-xml");
  }
  void end_foreign() {
    if (foreign_.empty()) annotations_ = 0;
    tokenizer_.set_cdata_allowed(xhtml_ || foreign_.current() != HtmlNamespace::html);
  }

  void on_start_tag(const HtmlToken& tag) {
    if (!is_html(tag)) return;
    const std::string_view name = tag.text;
    const bool closed = (xhtml_ && tag.self_closing) || is_void(tag);
    if (!closed) {
      const HtmlTextMode mode = text_mode_of(tag.element);
      if (mode != HtmlTextMode::data) tokenizer_.set_text_mode(mode, name);
      in_xmp_ = tag.element == Element::xmp;
    }
    if (is_inert()) return;
    while (!open_.empty() && ends_open(open_.back().name, name)) open_.pop_back();
    need(name, true);
    take_facts(tag);
    if (closed || tag.element == Element::template_) return;
    open(tag);
    after_pre_ = ascii::equals(name, "pre") || ascii::equals(name, "listing");
    if (const int level = heading_level(name)) begin_heading(tag, level);
  }

  // Elements within a line count only where they are another part of the page.
  void open(const HtmlToken& tag) {
    const std::string_view name = tag.text;
    const std::uint8_t in = parts() | page_parts_of(tag, parts());
    const bool block = is_block(name);
    const auto is_open = [&] {
      return std::ranges::any_of(open_,
                                 [name](const Open& one) { return ascii::equals(one.name, name); });
    };
    if (!block && in == parts() && (inline_open_ == 0 || !is_open())) return;
    if (open_.size() == depth_max) return;
    open_.push_back({name, in, block});
    if (!block) ++inline_open_;
  }

  void on_end_tag(const HtmlToken& tag) {
    if (!foreign_.empty()) {
      foreign_.close(element_from_name(tag.text));
      if (annotations_ > 0 && is_annotation(tag.text)) --annotations_;
      return end_foreign();
    }
    const std::string_view name = tag.text;
    if (heading_level(name) > 0) end_heading();
    const TagReach reach = reach_of(name);
    if (reach == TagReach::blocks && inline_open_ == 0) return;
    for (std::size_t i = open_.size(); i-- > 0;) {
      if (ascii::equals(open_[i].name, name)) {
        need(name, false);
        close(i);
        return need(name, false);
      }
      if (open_[i].block && is_boundary(open_[i].name, reach)) return;
    }
  }

  void close(std::size_t from) {
    while (open_.size() > from) {
      if (!open_.back().block) --inline_open_;
      open_.pop_back();
    }
  }

  void take_facts(const HtmlToken& tag) {
    if (tag.element == Element::html && page_.language.empty()) {
      const auto language = value_of(tag, "lang");
      page_.language = line_of(language ? *language
                               : xhtml_ ? value_of(tag, "xml:lang").value_or("")
                                        : "");
    }
    if (tag.element == Element::meta) take_meta(tag);
    if (tag.element == Element::base) take_base(tag);
    if (tag.element == Element::link && page_.canonical.empty()) take_canonical(tag);
  }

  void take_base(const HtmlToken& tag) {
    const auto href = value_of(tag, "href");
    if (!href || std::exchange(has_base_, true)) return;
    if (auto url = base_element_url(*href, base_)) base_ = std::move(*url);
  }

  void take_meta(const HtmlToken& tag) {
    const auto name = value_of(tag, "name"), property = value_of(tag, "property");
    const auto is = [](const std::optional<std::string>& text, std::string_view word) {
      return text && ascii::equals(*text, word);
    };
    const bool open_graph = is(property, "og:description") || is(name, "og:description");
    if (!is(name, "description") && !open_graph) return;
    if (open_graph ? !page_.description.empty() : described_) return;
    std::string text = line_of(value_of(tag, "content").value_or(""));
    if (text.empty()) return;
    page_.description = std::move(text);
    described_ = !open_graph;
  }

  void take_canonical(const HtmlToken& tag) {
    const auto rel = value_of(tag, "rel"), href = value_of(tag, "href");
    if (!rel || !href || href->size() > limits::base_bytes_max) return;
    std::string_view words = *rel;
    auto word = ascii::next_token(words);
    while (!word.empty() && !ascii::equals(word, "canonical")) word = ascii::next_token(words);
    if (word.empty()) return;
    if (const auto url = Url::parse(*href, &base_); url && url->is_http())
      page_.canonical = url->href();
  }

  void begin_heading(const HtmlToken& tag, int level) {
    end_heading();
    const int left_out = part_ == TextPart::all ? hidden : hidden | around;
    if ((parts() & left_out) != 0) return;
    heading_ = {level, value_of(tag, "id").value_or(""), {}};
    if (heading_.id.size() > limits::title_bytes_max) heading_.id.clear();
  }
  void end_heading() {
    if (heading_.level == 0) return;
    heading_.text = line_of(heading_.text);
    if (!heading_.text.empty() && page_.headings.size() < headings_max)
      page_.headings.push_back(std::move(heading_));
    heading_ = {};
  }

  HtmlTokenizer tokenizer_;
  bool xhtml_;
  Url base_;
  bool has_base_ = false;
  TextPart part_;
  OpenElements foreign_;
  bool in_svg_ = false;
  int annotations_ = 0;  // of a formula, that are open
  std::vector<Open> open_;
  int inline_open_ = 0;  // of them
  TextFlow all_, inside_, main_, article_;
  std::string decoded_, repaired_;
  bool after_pre_ = false;  // whose first line end is none
  bool in_xmp_ = false;
  Heading heading_;         // that is open; level 0: none is
  bool described_ = false;  // by more than og:description
  PageText page_;
};

}  // namespace

PageText read_page_text(std::string_view html, bool xhtml, const Url& base, TextPart part) {
  return TextReader{html, xhtml, base, part}.read();
}

}  // namespace trawl::web
