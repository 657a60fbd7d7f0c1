#pragma once
// Tokens of HTML as the HTML standard's tokenizer emits them (section 13.2.5), without a tree.
// Tokens are views into the page, as written: names in their own case, references undecoded, a
// duplicate attribute still there (the first counts). html_entities.hpp decodes what is wanted.
// Tree construction decides when text is raw; so the caller does, through set_text_mode.

#include <cstddef>
#include <cstdint>
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
  std::string_view text;  // a tag's name, or the text or comment; empty for a doctype
  std::vector<HtmlAttribute> attributes;  // of a start tag
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
    const char* at;
    HtmlTextMode mode;
  };
  void resume(std::string_view html) {
    at_ = html.data();
    end_ = html.data() + html.size();
  }
  Place place() const { return {at_, mode_}; }
  void rewind(Place place) {
    at_ = place.at;
    mode_ = place.mode;
  }
  bool at_end() const { return at_ == end_; }

  // The token that was read last.
  const HtmlToken& token() const { return token_; }
  // The next token, of whatever kind.
  const HtmlToken& next() { return advance(true); }
  // The next tag, or the text of a raw text element; all else is read over.
  const HtmlToken& next_tag() { return advance(false); }

  // How the text after the current start tag is read. The element's name is kept as a view.
  void set_text_mode(HtmlTextMode mode, std::string_view element);
  // In svg and math, "<![CDATA[" begins a CDATA section; elsewhere it is a comment.
  void set_cdata_allowed(bool allowed) { cdata_allowed_ = allowed; }

 private:
  const HtmlToken& advance(bool everything);
  bool read_markup(const char* open, const char* text_start, bool everything);
  bool read_tag(const char* name, HtmlTokenKind kind);
  bool read_attributes(const char* at);
  const char* read_attribute(const char* at);
  bool read_declaration(const char* open);
  const char* read_comment(const char* start);
  void read_bogus_comment(const char* start);
  bool read_raw_text();
  void emit_text(const char* start, const char* stop, HtmlTextMode mode);

  const char* at_ = nullptr;
  const char* end_ = nullptr;
  HtmlTextMode mode_ = HtmlTextMode::data;
  bool cdata_allowed_ = false;
  std::string_view element_;  // whose end tag ends the raw text
  HtmlToken token_;
};

}  // namespace trawl::web
