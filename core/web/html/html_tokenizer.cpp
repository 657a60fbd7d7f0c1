// The standard's tokenizer is a machine of eighty states that looks at each character. Here each
// construct (tag, attribute, comment, raw text) is one function that searches for the byte that
// ends it, because most bytes of a page change no state. Every function leaves at_ behind what it
// read, so the whole is linear and nothing recurs.

#include "core/web/html/html_tokenizer.hpp"

#include "core/web/ascii.hpp"
#include "core/web/byte_scan.hpp"
#include "core/web/html/html_raw_text.hpp"

#include <array>

namespace trawl::web {
namespace {

std::string_view view(const char* start, const char* stop) {
  return {start, static_cast<std::size_t>(stop - start)};
}

enum Ends : std::uint8_t { ends_tag_name = 1, ends_attribute_name = 2, ends_unquoted = 4 };

// Which names and values each byte ends.
constexpr std::array<std::uint8_t, 256> ends_of = [] {
  std::array<std::uint8_t, 256> table{};
  for (const char c : {' ', '\t', '\n', '\f', '\r', '>'}) {
    table[static_cast<unsigned char>(c)] = ends_tag_name | ends_attribute_name | ends_unquoted;
  }
  table['/'] = ends_tag_name | ends_attribute_name;
  table['='] = ends_attribute_name;
  return table;
}();

const char* find_end_of(const char* at, const char* end, Ends what) {
  while (at != end && (ends_of[static_cast<unsigned char>(*at)] & what) == 0) ++at;
  return at;
}

const char* skip_space(const char* at, const char* end) {
  while (at != end && ascii::is_space(*at)) ++at;
  return at;
}

}  // namespace

HtmlTagFilter::HtmlTagFilter(std::span<const Element> whole, Element end_tag) : end_tag_(end_tag) {
  for (const Element element : whole) {
    const std::string_view name = to_string(element);
    whole_[static_cast<std::size_t>(element)] = true;
    lengths_[static_cast<unsigned char>(name.front()) % 32] |=
        std::uint32_t{1} << std::min<std::size_t>(name.size(), 31);
  }
}

void HtmlTokenizer::set_text_mode(HtmlTextMode mode, std::string_view element) {
  mode_ = mode;
  element_ = element;
}

void HtmlTokenizer::emit_text(const char* start, const char* stop, HtmlTextMode mode) {
  token_.kind = HtmlTokenKind::text;
  token_.text_mode = mode;
  token_.text = view(start, stop);
  at_ = stop;
}

const HtmlToken& HtmlTokenizer::advance(bool everything) {
  start_ = place();
  token_.attributes.clear();
  if (mode_ != HtmlTextMode::data && read_raw_text()) return token_;
  const char* text_start = at_;
  const char* search = at_;
  while (true) {
    const char* const open = scan::find(search, end_, '<');
    if (open == end_) break;
    if (read_markup(open, text_start, everything)) return token_;
    search = at_;
    if (at_ == open) {
      ++search;  // a '<' that is text
    } else {
      text_start = at_;
    }
  }
  if (everything && text_start != end_) {
    emit_text(text_start, end_, HtmlTextMode::data);
    return token_;
  }
  return end_of_page();
}

const HtmlToken& HtmlTokenizer::end_of_page() {
  at_ = end_;
  token_.kind = HtmlTokenKind::end_of_page;
  token_.text = {};
  return token_;
}

// Reads the markup at `open`. True: token_ holds a token (the text before it comes first, when
// everything is wanted). False: there is no token; at_ is behind what was read, or at `open` when
// the '<' is text.
bool HtmlTokenizer::read_markup(const char* open, const char* text_start, bool everything) {
  at_ = open;
  if (end_ - open < 2) return false;
  const char c = open[1];
  const bool end_tag = c == '/';
  if (end_tag && end_ - open < 3) return false;
  if (!ascii::is_alpha(c) && !end_tag && c != '!' && c != '?') return false;
  if (everything && text_start != open) {
    emit_text(text_start, open, HtmlTextMode::data);
    return true;
  }
  if (ascii::is_alpha(c)) return read_tag(open + 1, HtmlTokenKind::start_tag);
  if (c == '!') return read_declaration(open) && everything;
  if (end_tag && ascii::is_alpha(open[2])) return read_tag(open + 2, HtmlTokenKind::end_tag);
  if (end_tag && open[2] == '>') {
    at_ = open + 3;
    return false;
  }
  read_bogus_comment(open + (end_tag ? 2 : 1));
  return everything;
}

inline const char* HtmlTokenizer::end_of_name(const char* name) const {
  return find_end_of(name + 1, end_, ends_tag_name);
}

inline void HtmlTokenizer::begin_tag(HtmlTokenKind kind, std::string_view name, Element element) {
  token_.kind = kind;
  token_.self_closing = false;
  token_.text = name;
  token_.element = element;
}

inline bool HtmlTokenizer::read_start_tag_if(const char* name, const HtmlTagFilter& wanted) {
  const char* const name_end = end_of_name(name);
  const std::string_view text = view(name, name_end);
  if (wanted.may_want_whole(text)) {
    const Element element = element_from_name(text, end_);
    if (wanted.wants_whole(element)) {
      begin_tag(HtmlTokenKind::start_tag, text, element);
      return read_rest_of_tag(name_end);
    }
  }
  if (name_end != end_ && *name_end == '>') {
    at_ = name_end + 1;
    return false;
  }
  if (!read_style(name_end)) return false;
  begin_tag(HtmlTokenKind::start_tag, text, element_from_name(text, end_));
  return true;
}

inline bool HtmlTokenizer::read_end_tag_if(const char* name, const HtmlTagFilter& wanted) {
  const char* const name_end = end_of_name(name);
  if (name_end != end_ && *name_end == '>' && !wanted.wants_end_tags()) {
    at_ = name_end + 1;
    return false;
  }
  begin_tag(HtmlTokenKind::end_tag, view(name, name_end), Element::unknown);
  return read_rest_of_tag(name_end) && wanted.wants_end_tag(token_.text);
}

// As read_markup(), of tags alone.
inline bool HtmlTokenizer::read_wanted(const char* open, const HtmlTagFilter& wanted) {
  if (end_ - open > 1 && ascii::is_alpha(open[1])) return read_start_tag_if(open + 1, wanted);
  if (end_ - open > 2 && open[1] == '/' && ascii::is_alpha(open[2]))
    return read_end_tag_if(open + 2, wanted);
  return read_markup(open, open, false);
}

const HtmlToken& HtmlTokenizer::next_tag(const HtmlTagFilter& wanted) {
  start_ = place();
  token_.attributes.clear();
  if (mode_ != HtmlTextMode::data && read_raw_text()) return token_;
  start_ = place();
  const char* search = at_;
  while (true) {
    const char* const open = scan::find(search, end_, '<');
    if (open == end_) break;
    if (read_wanted(open, wanted)) return token_;
    search = at_;
    if (at_ == open) {
      ++search;  // a '<' that is text
    } else if (at_ != end_) {
      start_.at = at_;
    }
  }
  return end_of_page();
}

bool HtmlTokenizer::read_tag(const char* name, HtmlTokenKind kind) {
  const char* const name_end = end_of_name(name);
  const std::string_view text = view(name, name_end);
  begin_tag(kind, text,
            kind == HtmlTokenKind::start_tag ? element_from_name(text, end_) : Element::unknown);
  return read_rest_of_tag(name_end);
}

// A tag that the page's end cuts is no token.
bool HtmlTokenizer::read_rest_of_tag(const char* at) {
  const bool keep = token_.kind == HtmlTokenKind::start_tag;
  while (true) {
    at = skip_space(at, end_);
    if (at == end_) break;
    if (*at == '>') {
      at_ = at + 1;
      return true;
    }
    if (*at == '/') {
      ++at;
      token_.self_closing = at != end_ && *at == '>';
      continue;
    }
    HtmlAttribute attribute;
    at = read_attribute(at, attribute);
    if (keep && token_.attributes.size() < attributes_max) token_.attributes.push_back(attribute);
  }
  at_ = end_;
  return false;
}

// The rest of a start tag that counts for its style alone: true when it has one.
bool HtmlTokenizer::read_style(const char* at) {
  while (true) {
    at = skip_space(at, end_);
    if (at == end_) break;
    if (*at == '>') {
      at_ = at + 1;
      return !token_.attributes.empty();
    }
    if (*at == '/') {
      ++at;
      continue;
    }
    HtmlAttribute attribute;
    at = read_attribute(at, attribute);
    if (attribute.name.size() == 5 && ascii::equals(attribute.name, "style") &&
        token_.attributes.empty())
      token_.attributes.push_back(attribute);
  }
  token_.attributes.clear();
  at_ = end_;
  return false;
}

// Returns where the attribute ends; end_ when its value is not closed.
inline const char* HtmlTokenizer::read_attribute(const char* at, HtmlAttribute& attribute) const {
  // A '=' in first place belongs to the name.
  const char* const name_end = find_end_of(at + 1, end_, ends_attribute_name);
  attribute.name = view(at, name_end);
  at = skip_space(name_end, end_);
  if (at == end_ || *at != '=') return at;
  at = skip_space(at + 1, end_);
  if (at == end_) return end_;
  if (*at == '"' || *at == '\'') {
    const char* const close = scan::find(at + 1, end_, *at);
    attribute.value = view(at + 1, close);
    return close == end_ ? end_ : close + 1;
  }
  const char* const stop = find_end_of(at, end_, ends_unquoted);
  attribute.value = view(at, stop);
  return stop;
}

// "<!": a comment, a doctype or a CDATA section. True when it made a token.
bool HtmlTokenizer::read_declaration(const char* open) {
  const char* const start = open + 2;
  const std::string_view rest = view(start, end_);
  if (rest.starts_with("--")) {
    at_ = read_comment(start + 2);
    return true;
  }
  if (ascii::starts_with(rest, "doctype")) {
    const char* const close = scan::find(start, end_, '>');
    token_.kind = HtmlTokenKind::doctype;
    token_.text = {};
    at_ = close == end_ ? end_ : close + 1;
    return true;
  }
  if (cdata_allowed_ && rest.starts_with("[CDATA[")) {
    at_ = start + 7;
    mode_ = HtmlTextMode::cdata;
    return read_raw_text();
  }
  read_bogus_comment(start);
  return true;
}

// A comment ends at "-->" or "--!>"; directly after "<!--" also at ">" and "->". At the page's end
// the dashes that could have begun its end are not part of it.
const char* HtmlTokenizer::read_comment(const char* start) {
  token_.kind = HtmlTokenKind::comment;
  const char* close = start;
  for (;; ++close) {
    close = scan::find(close, end_, '>');
    const std::string_view body = view(start, close);
    std::size_t marks = 0;
    if (body.ends_with("--!")) {
      marks = 3;
    } else if (body.ends_with("--")) {
      marks = 2;
    } else if (body == "-" || (close == end_ && body.ends_with('-'))) {
      marks = 1;
    } else if (!body.empty() && close != end_) {
      continue;
    }
    token_.text = body.substr(0, body.size() - marks);
    return close == end_ ? end_ : close + 1;
  }
}

void HtmlTokenizer::read_bogus_comment(const char* start) {
  const char* const close = scan::find(start, end_, '>');
  token_.kind = HtmlTokenKind::comment;
  token_.text = view(start, close);
  at_ = close == end_ ? end_ : close + 1;
}

// Reads the text of the current mode and goes back to data. False when there was none.
bool HtmlTokenizer::read_raw_text() {
  const HtmlTextMode mode = mode_;
  const char* const start = at_;
  mode_ = HtmlTextMode::data;
  if (mode == HtmlTextMode::plaintext) {
    emit_text(start, end_, mode);
  } else if (mode == HtmlTextMode::cdata) {
    const std::string_view rest = view(start, end_);
    const std::size_t close = rest.find("]]>");
    const bool closed = close != std::string_view::npos;
    emit_text(start, closed ? start + close : end_, mode);
    if (closed) at_ += 3;
  } else {
    emit_text(start, find_raw_text_end(start, end_, mode, element_), mode);
  }
  return !token_.text.empty();
}

}  // namespace trawl::web
