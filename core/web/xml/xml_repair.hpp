#pragma once
// XmlRepair: makes of damaged XML what a strict parser reads on, and of any XML something harmless:
// what comes out has tags, text and references to the five predefined entities and to characters,
// and nothing else. DOCTYPE with all its declarations, processing instructions and comments are
// left out; CDATA sections become text; line feeds stay, so that line numbers hold.
//
// Repaired: '&' that begins no such reference, '<' that begins no tag, "]]>" in text, a tag that is
// never closed, control characters, start tags: what is no attribute with a quoted value is left
// out, and in names of elements '_' stands for what no name may have; and end tags: one that closes
// no open element is dropped, one that closes an outer element closes the inner ones first. What is
// open at the end stays open. Attributes of a tag and declarations of name spaces are bounded,
// since a parser compares each with all others; one whose value is too long is left out, since
// readers look at a value again and again, and at the name of a name space for each element.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::web {

struct XmlDamage {
  std::size_t line = 0;  // 1-based
  std::string what;
  bool operator==(const XmlDamage&) const = default;
};

class XmlRepair {
 public:
  // text: UTF-8. Appends to out; a few bytes that can't be judged yet wait for the next call.
  // Linear; the output is at most five times as long.
  void feed(std::string_view text, std::string& out);
  void finish(std::string& out);

  // The first that was found.
  const std::optional<XmlDamage>& damage() const { return damage_; }
  // After finish(): the end came in the middle of text, which may be cut.
  bool ended_in_text() const { return state_ == State::text && !cut_in_markup_; }

 private:
  enum class State : std::uint8_t {
    text,
    tag,
    end_tag,
    comment,
    instruction,
    cdata,
    doctype,
    dtd_comment
  };

  // Within a start tag, outside of values in quotation marks.
  enum class Tag {
    name,
    between,    // attributes
    attribute,  // its name
    equals,     // is expected
    value,      // behind '='
    bare        // a value without quotation marks
  };

  // Each reads from at and returns how far it got; the same place, in the same state, when it needs
  // more bytes.
  const char* step(const char* at, const char* end, std::string& out);
  const char* read_text(const char* at, const char* end, std::string& out);
  void count_brackets(const char* at, const char* end);
  const char* read_greater(const char* at, std::string& out);
  const char* open_markup(const char* at, const char* end, std::string& out);
  const char* open_declaration(const char* at, const char* end, std::string& out);
  // Appends to `to`, which is out or an attribute's value that will be there.
  const char* read_reference(const char* at, const char* end, std::string& to,
                             const std::string& out);
  const char* read_tag(const char* at, const char* end, std::string& out);
  const char* read_element_name(const char* at, const char* end, std::string& out);
  const char* read_attribute_name(const char* at, const char* end);
  const char* read_between_attributes(const char* at, std::string& out);
  void open_value(char quote, std::string& out);
  bool is_one_too_many();
  void append_to_value(std::string_view text, std::string& out);
  void close_value(std::string& out);
  const char* read_end_tag(const char* at, const char* end, std::string& out);
  const char* read_quoted(const char* at, const char* end, std::string& out);
  const char* read_cdata(const char* at, const char* end, std::string& out);
  const char* read_doctype(const char* at, const char* end, std::string& out);
  const char* skip_past(std::string_view ending, State next, const char* at, const char* end,
                        std::string& out);
  const char* escape_markup(const char* at, std::string& out);
  void take_name(std::string_view text);
  void close_start_tag(std::string& out);
  void close_element(std::string& out);
  void run(std::string_view text, std::string& out);
  void note(std::string_view what, const std::string& out);

  State state_ = State::text;
  Tag tag_ = Tag::name;
  char quote_ = 0;                    // of the attribute value or DTD literal that is open
  std::size_t brackets_ = 0;          // open in a DOCTYPE
  std::size_t closing_brackets_ = 0;  // at the end of the text so far
  bool last_ = false;                 // no more bytes will come
  bool cut_in_markup_ = false;
  std::string name_;  // of the tag that is read
  bool name_ended_ = false;
  bool slash_ = false;             // its last character so far is '/', outside of a value
  std::string attribute_;          // the name of the one that is read
  std::string value_;              // its value so far, as it will be written
  bool left_out_ = false;          // its value is
  bool spaced_ = false;            // white space stands before what comes next
  std::size_t attributes_ = 0;     // of the tag that is read, so far
  std::size_t declared_ = 0;       // name spaces, of the tag that is read
  std::size_t declared_open_ = 0;  // of all elements that are open
  struct Element {
    std::string name;
    std::size_t declared = 0;
    bool operator==(const std::string& other) const { return name == other; }
  };
  std::vector<Element> open_;
  std::string pending_;
  std::size_t out_start_ = 0;  // of this call's output
  std::size_t lines_ = 0;      // line feeds of earlier output, until there is damage
  std::optional<XmlDamage> damage_;
};

}  // namespace trawl::web
