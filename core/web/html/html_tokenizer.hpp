#pragma once
// Tokens of HTML as the HTML standard's tokenizer emits them (section 13.2.5), without a tree.
// Tokens are views into the page, as written: names in their own case, references undecoded, a
// duplicate attribute still there (the first counts). html_entities.hpp decodes what is wanted.
// Tree construction decides when text is raw; so the caller does, through set_text_mode.

#include "core/web/html/html_names.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace trawl::web {

enum class HtmlTokenKind : std::uint8_t { end_of_page, text, start_tag, end_tag, comment, doctype };

// The tokenizer's states for text. All but data end at the end tag of the element that began them;
// plaintext never ends.
enum class HtmlTextMode : std::uint8_t { data, rcdata, rawtext, script, plaintext, cdata };

struct HtmlAttribute {
  std::string_view name;
  std::string_view value;  // without quotes
};

struct HtmlToken {
  HtmlTokenKind kind = HtmlTokenKind::end_of_page;
  HtmlTextMode text_mode = HtmlTextMode::data;  // of a text token: references count in data, rcdata
  bool self_closing = false;
  Element element = Element::unknown;  // of a start tag
  std::string_view text;               // a tag's name, or the text or comment; empty for a doctype
  std::vector<HtmlAttribute> attributes;  // of a start tag
};

// Which tags a reader wants; most of a page's tags say nothing to it.
class HtmlTagFilter {
 public:
  // whole: start tags that are wanted with all their attributes; of all others those that have a
  // style attribute, with that alone. end_tag: the only one that is wanted, if any.
  HtmlTagFilter(std::span<const Element> whole, Element end_tag);

  bool wants_whole(Element element) const { return whole_[static_cast<std::size_t>(element)]; }
  bool wants_end_tags() const { return end_tag_ != Element::unknown; }
  bool wants_end_tag(std::string_view name) const {
    return wants_end_tags() && element_from_name(name) == end_tag_;
  }
  // False for most names that are not wanted whole, by first letter and length alone.
  bool may_want_whole(std::string_view name) const {
    return (lengths_[static_cast<unsigned char>(name.front()) % 32] >>
                std::min<std::size_t>(name.size(), 31) &
            1) != 0;
  }

 private:
  std::array<bool, 256> whole_{};
  std::array<std::uint32_t, 32> lengths_{};  // of names, as bits, by their letter's last five bits
  Element end_tag_;
};

class HtmlTokenizer {
 public:
  // A tag keeps this many attributes; the rest is read over, so that memory stays bounded.
  static constexpr std::size_t attributes_max = 4096;

  // Of nothing, until resume().
  HtmlTokenizer() = default;
  explicit HtmlTokenizer(std::string_view html) { resume(html); }

  // A page in pieces: reads on in html, which begins where the last piece was left. A token that
  // reaches the piece's end may go on behind it: at_end() tells, and rewind() takes it back, to be
  // read again from a longer piece.
  struct Place {
    const char* at = nullptr;
    HtmlTextMode mode = HtmlTextMode::data;
  };
  void resume(std::string_view html) {
    at_ = html.data();
    end_ = html.data() + html.size();
  }
  Place place() const { return {at_, mode_}; }
  void rewind() {
    at_ = start_.at;
    mode_ = start_.mode;
  }
  bool at_end() const { return at_ == end_; }

  // The token that was read last.
  const HtmlToken& token() const { return token_; }
  // The next token, of whatever kind.
  const HtmlToken& next() { return advance(true); }
  // The next tag, or the text of a raw text element; all else is read over.
  const HtmlToken& next_tag() { return advance(false); }
  // The same of those that are wanted.
  const HtmlToken& next_tag(const HtmlTagFilter& wanted);

  // How the text after the current start tag is read. The element's name is kept as a view.
  void set_text_mode(HtmlTextMode mode, std::string_view element);
  // In svg and math, "<![CDATA[" begins a CDATA section; elsewhere it is a comment.
  void set_cdata_allowed(bool allowed) { cdata_allowed_ = allowed; }

 private:
  const HtmlToken& advance(bool everything);
  bool read_markup(const char* open, const char* text_start, bool everything);
  bool read_wanted(const char* open, const HtmlTagFilter& wanted);
  bool read_tag(const char* name, HtmlTokenKind kind);
  bool read_start_tag_if(const char* name, const HtmlTagFilter& wanted);
  bool read_end_tag_if(const char* name, const HtmlTagFilter& wanted);
  bool read_rest_of_tag(const char* name_end);
  bool read_style(const char* at);
  const HtmlToken& end_of_page();
  void begin_tag(HtmlTokenKind kind, std::string_view name, Element element);
  const char* end_of_name(const char* name) const;
  const char* read_attribute(const char* at, HtmlAttribute& attribute) const;
  bool read_declaration(const char* open);
  const char* read_comment(const char* start);
  void read_bogus_comment(const char* start);
  bool read_raw_text();
  void emit_text(const char* start, const char* stop, HtmlTextMode mode);

  Place start_;  // of the last token, or of what was read over last
  const char* at_ = nullptr;
  const char* end_ = nullptr;
  HtmlTextMode mode_ = HtmlTextMode::data;
  bool cdata_allowed_ = false;
  std::string_view element_;  // whose end tag ends the raw text
  HtmlToken token_;
};

}  // namespace trawl::web
