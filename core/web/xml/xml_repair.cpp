// Half of the sitemaps that are not well-formed have a bare '&' in a URL. A parser in recovery mode
// loses what follows it, and gives a URL that nobody wrote; so it is mended before the parser sees
// it. Because the parser never gets a DOCTYPE, no entity can be declared, whatever its options.
#include "core/web/xml/xml_repair.hpp"

#include "core/web/ascii.hpp"
#include "core/web/byte_scan.hpp"
#include "core/web/xml/xml_characters.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <tuple>
#include <utility>

namespace trawl::web {
namespace {

using xml::begins_name;
using xml::is_control;

constexpr std::size_t reference_bytes_max = 12;  // "&#x0010FFFF;"

bool is_special(char c) {
  return c == '<' || c == '>' || c == '&' || is_control(c);
}

// The first '<', '>', '&' or control character, or end.
const char* find_special(const char* at, const char* end) {
#if defined(__SSE2__)
  const __m128i less = _mm_set1_epi8('<');
  const __m128i greater = _mm_set1_epi8('>');
  const __m128i ampersand = _mm_set1_epi8('&');
  const __m128i control = _mm_set1_epi8(0x1F);
  while (end - at >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i marks =
        _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, less), _mm_cmpeq_epi8(bytes, greater)),
                     _mm_cmpeq_epi8(bytes, ampersand));
    const __m128i low = _mm_cmpeq_epi8(_mm_max_epu8(bytes, control), control);
    auto hits = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(marks, low)));
    for (; hits != 0; hits &= hits - 1) {
      const char* hit = at + std::countr_zero(hits);
      if (is_special(*hit)) return hit;
    }
    at += 16;
  }
#endif
  return std::find_if(at, end, is_special);
}

enum class Match : std::uint8_t { yes, no, too_short };

Match match(const char* at, const char* end, std::string_view token) {
  const auto have = std::min(static_cast<std::size_t>(end - at), token.size());
  if (std::string_view{at, have} != token.substr(0, have)) return Match::no;
  return have == token.size() ? Match::yes : Match::too_short;
}

// How long the reference at '&' is; 0: it is none.
std::size_t reference_bytes(std::string_view text) {
  constexpr auto predefined =
      std::to_array<std::string_view>({"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"});
  for (const std::string_view known : predefined)
    if (text.starts_with(known)) return known.size();
  if (!text.starts_with("&#")) return 0;
  const bool hex = text.size() > 2 && text[2] == 'x';
  const std::size_t start = hex ? 3 : 2;
  std::size_t at = start;
  while (at < text.size() && (hex ? ascii::hex_value(text[at]) >= 0 : ascii::is_digit(text[at])))
    ++at;
  return at > start && at < text.size() && text[at] == ';' ? at + 1 : 0;
}

}  // namespace

void XmlRepair::feed(std::string_view text, std::string& out) {
  out_start_ = out.size();
  if (pending_.empty()) {
    run(text, out);
  } else {
    std::string joined;
    joined.swap(pending_);
    joined.append(text);
    run(joined, out);
  }
  if (!damage_)
    lines_ += static_cast<std::size_t>(
        std::count(out.begin() + static_cast<std::ptrdiff_t>(out_start_), out.end(), '\n'));
}

void XmlRepair::finish(std::string& out) {
  last_ = true;
  cut_in_markup_ = pending_.starts_with('<');
  feed({}, out);
  if (state_ != State::text) note("the end comes inside of markup", out);
}

void XmlRepair::run(std::string_view text, std::string& out) {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    const auto before = std::tuple{at, state_, tag_};
    at = step(at, end, out);
    if (std::tuple{at, state_, tag_} == before) break;
  }
  pending_.assign(at, end);
}

const char* XmlRepair::step(const char* at, const char* end, std::string& out) {
  switch (state_) {
    case State::text:
      return read_text(at, end, out);
    case State::tag:
      return quote_ == 0 ? read_tag(at, end, out) : read_quoted(at, end, out);
    case State::end_tag:
      return read_end_tag(at, end, out);
    case State::comment:
      return skip_past("-->", State::text, at, end, out);
    case State::instruction:
      return skip_past("?>", State::text, at, end, out);
    case State::cdata:
      return read_cdata(at, end, out);
    case State::doctype:
      return read_doctype(at, end, out);
    case State::dtd_comment:
      return skip_past("-->", State::doctype, at, end, out);
  }
  return end;
}

const char* XmlRepair::read_text(const char* at, const char* end, std::string& out) {
  const char* const special = find_special(at, end);
  out.append(at, special);
  if (special != at) {
    count_brackets(at, special);
    return special;
  }
  if (*at == '>') return read_greater(at, out);
  if (!is_control(*at)) closing_brackets_ = 0;
  if (*at == '<') return open_markup(at, end, out);
  if (*at == '&') return read_reference(at, end, out, out);
  note("a control character", out);
  return at + 1;
}

// How many ']' stand at the end of the text so far.
void XmlRepair::count_brackets(const char* at, const char* end) {
  const char* last = end;
  while (last != at && last[-1] == ']') --last;
  if (last != at) closing_brackets_ = 0;
  closing_brackets_ += static_cast<std::size_t>(end - last);
}

// "]]>" may not stand in text: what a parser in recovery mode makes of it depends on where its
// input was cut. Since what is left out may have parted it, no '>' stays.
const char* XmlRepair::read_greater(const char* at, std::string& out) {
  if (std::exchange(closing_brackets_, 0) >= 2) note("\"]]>\" in text", out);
  out += "&gt;";
  return at + 1;
}

const char* XmlRepair::open_markup(const char* at, const char* end, std::string& out) {
  if (end - at < 3) return last_ ? end : at;
  const char next = at[1];
  if (next == '!') return open_declaration(at, end, out);
  if (next == '?') {
    state_ = State::instruction;
    return at + 2;
  }
  if (!begins_name(next) && !(next == '/' && begins_name(at[2]))) return escape_markup(at, out);
  name_.clear();
  name_ended_ = slash_ = false;
  tag_ = Tag::name;
  state_ = next == '/' ? State::end_tag : State::tag;
  return at + (next == '/' ? 2 : 1);
}

const char* XmlRepair::open_declaration(const char* at, const char* end, std::string& out) {
  const Match comment = match(at, end, "<!--");
  const Match cdata = match(at, end, "<![CDATA[");
  if (comment == Match::too_short || cdata == Match::too_short) return last_ ? end : at;
  if (comment == Match::yes) {
    state_ = State::comment;
    return at + 4;
  }
  if (cdata == Match::yes) {
    state_ = State::cdata;
    return at + 9;
  }
  if (!begins_name(at[2])) return escape_markup(at, out);
  state_ = State::doctype;
  quote_ = 0;
  brackets_ = 0;
  return at + 2;
}

const char* XmlRepair::escape_markup(const char* at, std::string& out) {
  note("'<' that begins no tag", out);
  out += "&lt;";
  return at + 1;
}

const char* XmlRepair::read_reference(const char* at, const char* end, std::string& to,
                                      const std::string& out) {
  const auto have = std::min(static_cast<std::size_t>(end - at), reference_bytes_max);
  const std::string_view text{at, have};
  if (const std::size_t bytes = reference_bytes(text); bytes != 0) {
    to.append(at, bytes);
    return at + bytes;
  }
  // Too short to say, unless something stands there that no reference has.
  const bool open =
      std::ranges::all_of(text.substr(1), [](char c) { return ascii::is_alnum(c) || c == '#'; });
  if (open && have < reference_bytes_max && !last_) return at;
  note("'&' that begins no predefined entity", out);
  to += "&amp;";
  return at + 1;
}

const char* XmlRepair::read_cdata(const char* at, const char* end, std::string& out) {
  constexpr std::string_view ending = "]]>";
  const std::string_view text{at, static_cast<std::size_t>(end - at)};
  const auto found = text.find(ending);
  const std::size_t keep = last_ ? 0 : std::min(ending.size() - 1, text.size());
  const std::size_t take = found == text.npos ? text.size() - keep : found;
  for (const char c : text.substr(0, take)) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (!is_control(c))
      out += c;
  }
  if (found == text.npos) return at + take;
  state_ = State::text;
  return at + found + ending.size();
}

const char* XmlRepair::read_doctype(const char* at, const char* end, std::string& out) {
  const char c = *at;
  if (c == '\n') out += c;
  if (quote_ != 0) {
    if (c == quote_) quote_ = 0;
    return at + 1;
  }
  if (c == '<') {
    const Match comment = match(at, end, "<!--");
    if (comment == Match::too_short) return last_ ? end : at;
    if (comment == Match::yes) state_ = State::dtd_comment;
    return at + (comment == Match::yes ? 4 : 1);
  }
  if (c == '"' || c == '\'')
    quote_ = c;
  else if (c == '[')
    ++brackets_;
  else if (c == ']' && brackets_ > 0)
    --brackets_;
  else if (c == '>' && brackets_ == 0)
    state_ = State::text;
  return at + 1;
}

const char* XmlRepair::skip_past(std::string_view ending, State next, const char* at,
                                 const char* end, std::string& out) {
  const std::string_view text{at, static_cast<std::size_t>(end - at)};
  const auto found = text.find(ending);
  const std::size_t keep = last_ ? 0 : std::min(ending.size() - 1, text.size());
  const std::size_t skip = found == text.npos ? text.size() - keep : found + ending.size();
  out.append(static_cast<std::size_t>(std::ranges::count(text.substr(0, skip), '\n')), '\n');
  if (found != text.npos) state_ = next;
  return at + skip;
}

void XmlRepair::note(std::string_view what, const std::string& out) {
  if (damage_) return;
  const auto lines =
      std::count(out.begin() + static_cast<std::ptrdiff_t>(out_start_), out.end(), '\n') +
      std::ranges::count(value_, '\n');
  damage_ = XmlDamage{lines_ + static_cast<std::size_t>(lines) + 1, std::string{what}};
}

}  // namespace trawl::web
