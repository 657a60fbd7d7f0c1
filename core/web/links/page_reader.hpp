#pragma once
// What a page says about links, before any URL is resolved: <base> may come after the links that
// it applies to, so first all are gathered and then resolved (links.cpp).

#include "core/web/html/html_names.hpp"
#include "core/web/html/html_open_elements.hpp"
#include "core/web/html/html_tokenizer.hpp"
#include "core/web/links/links.hpp"

#include <array>
#include <cstdint>
#include <forward_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::web {

// A link as written. The views refer to the page or to texts that the reader keeps.
struct LinkCandidate {
  std::string_view url;
  std::string_view rel;
  std::string_view key;  // of JSON-LD: stands for the attribute; static storage
  LinkKind kind = LinkKind::page;
  Element element = Element::unknown;
  Attribute attribute = Attribute::unknown;
  bool nofollow = false;
};

class PageReader {
 public:
  // robots_token: product token, may be empty; outlives the reader. syntax: in XHTML any tag may
  // close itself, and CDATA sections are allowed everywhere; the rest is read as HTML.
  enum class Syntax : std::uint8_t { html, xhtml };
  explicit PageReader(std::string_view robots_token, Syntax syntax = Syntax::html)
      : robots_token_(robots_token), xhtml_(syntax == Syntax::xhtml) {
    tokenizer_.set_cdata_allowed(xhtml_);
  }
  // Before the first read(): only title and robots are wanted, which stand in the head of a page
  // that has both a title and a <body>; the rest of it is not read then.
  void ignore_links() { links_wanted_ = false; }
  // Before resolve_links(): where a page leads is wanted, not every link. Most repetitions of a
  // kind of link to one page, but for its fragment, are then left out.
  void skip_repeats() { repeats_wanted_ = false; }
  PageReader(const PageReader&) = delete;
  PageReader& operator=(const PageReader&) = delete;

  // Reads the next piece of a page, or all of it, and returns how much of it is done with: the rest
  // must come again at the beginning of the next piece, with more behind it. The last piece is read
  // to its end, and outlives the reader; of others nothing is referred to afterwards. Linear, as
  // long as a piece that was not touched comes back twice as long; no recursion.
  std::size_t read(std::string_view html, bool last);

  // Results so far.
  const std::vector<LinkCandidate>& candidates() const { return candidates_; }
  const std::optional<std::string_view>& base_href() const { return base_href_; }
  std::string&& take_title() { return std::move(title_); }
  RobotsDirectives robots() const { return robots_; }
  bool cut() const { return cut_; }
  bool repeats_wanted() const { return repeats_wanted_; }

 private:
  static constexpr std::size_t attributes_known = 32;

  const HtmlToken& next_token();
  void on_token(const HtmlToken& token);
  void on_start_tag(const HtmlToken& tag);
  void on_end_tag(const HtmlToken& tag);
  void on_text(const HtmlToken& text);

  void on_html_element(Element element);
  void on_foreign_element(Element element, HtmlNamespace space);
  void on_anchor(Element element);
  void on_image(Element element);
  void on_link();
  void on_meta();
  void on_style_attribute(Element element, std::string_view value);

  void note_attributes(const HtmlToken& tag);
  std::optional<std::string_view> value_of(Attribute attribute);
  void add(Element element, Attribute attribute, LinkKind kind);
  void add_srcset(Element element, Attribute attribute);
  void add_css(std::string_view css, Element element, Attribute attribute);
  void add_json_ld(std::string_view text);
  void add_url(LinkCandidate candidate);
  static std::string_view trim_url(std::string_view url);
  std::string_view decoded(std::string_view raw);
  std::string_view keep(std::string text);
  std::size_t unread_text(std::string_view html) const;
  void detach();

  HtmlTokenizer tokenizer_;
  std::string_view robots_token_;
  bool xhtml_;
  bool links_wanted_ = true;
  bool repeats_wanted_ = true;
  OpenElements open_;
  bool form_open_ = false;  // a form in a form is none
  Element text_owner_ =
      Element::unknown;         // whose text comes next: title, style, or a JSON-LD script
  bool foreign_style_ = false;  // that style is svg's, whose text is not raw
  bool json_ld_ = false;        // that script is JSON-LD
  bool title_seen_ = false;
  bool head_is_enough_ = false;

  // Of the current tag: the raw values, valid where the bit is set.
  std::array<std::string_view, attributes_known> values_;
  std::uint32_t present_ = 0;

  std::vector<LinkCandidate> candidates_;
  std::size_t link_bytes_ = 0;              // of all candidates
  std::size_t detached_ = 0;                // candidates that refer to kept_ alone
  std::forward_list<std::string> decoded_;  // texts of this piece that candidates refer to
  std::forward_list<std::string> kept_;     // the same of earlier pieces
  std::optional<std::string_view> base_href_;
  std::string base_kept_;
  std::string title_;
  RobotsDirectives robots_;
  bool cut_ = false;
};

// What was read, with its URLs resolved (links.hpp: charset).
PageLinks resolve_links(PageReader& page, const Url& base, std::string_view charset);

}  // namespace trawl::web
