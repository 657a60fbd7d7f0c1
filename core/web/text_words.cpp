// Not the tokenizer: a page may be read in another place and at another time than its words, and
// the words of odd markup need not be those of a browser, only the same each time.
#include "core/web/text_words.hpp"

#include "core/base/limits.hpp"
#include "core/web/byte_scan.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace trawl::web {
namespace {

constexpr std::size_t word_bytes_min = 2;
constexpr std::size_t word_bytes_max = 24;
constexpr std::size_t name_bytes_max = 8;

enum Kind : std::uint8_t { other = 0, letter = 1, digit = 2, tag_start = 4 };

constexpr std::array<std::uint8_t, 256> kinds = [] {
  std::array<std::uint8_t, 256> table{};
  for (int c = 0; c < 256; ++c) {
    const int lower = c | 0x20;
    if ((lower >= 'a' && lower <= 'z') || c >= 0x80) table[static_cast<std::size_t>(c)] = letter;
    if (c >= '0' && c <= '9') table[static_cast<std::size_t>(c)] = digit;
  }
  table['<'] = tag_start;
  return table;
}();

std::uint8_t kind_of(char c) {
  return kinds[static_cast<unsigned char>(c)];
}

// The end of the run of letters and digits that begins at `at`. Words are short, so sixteen bytes
// at once mostly tell all there is to know.
const char* word_end(const char* at, const char* end, std::uint8_t& seen) {
#if defined(__SSE2__)
  const __m128i space = _mm_set1_epi8(0x20);
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    // Comparisons are signed: what is above 0x7F is below zero, and a letter.
    const __m128i lower = _mm_or_si128(bytes, space);
    const __m128i letters =
        _mm_or_si128(_mm_and_si128(_mm_cmpgt_epi8(lower, _mm_set1_epi8('a' - 1)),
                                   _mm_cmplt_epi8(lower, _mm_set1_epi8('z' + 1))),
                     _mm_cmplt_epi8(bytes, _mm_setzero_si128()));
    const __m128i digits = _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8('0' - 1)),
                                         _mm_cmplt_epi8(bytes, _mm_set1_epi8('9' + 1)));
    const auto letter_bits = static_cast<unsigned>(_mm_movemask_epi8(letters));
    const auto digit_bits = static_cast<unsigned>(_mm_movemask_epi8(digits));
    const int length = std::countr_one(letter_bits | digit_bits);
    const unsigned run = (1U << length) - 1;
    seen |= (letter_bits & run) != 0 ? letter : 0;
    seen |= (digit_bits & run) != 0 ? digit : 0;
    if (length < 16) return at + length;
  }
#endif
  while (at != end && (kind_of(*at) & (letter | digit)) != 0) seen |= kind_of(*at++);
  return at;
}

// Eight bytes at a time; a bit of each byte is set, so that upper case is lower case.
std::uint32_t hash_of(std::string_view word, std::size_t readable) {
  std::uint64_t hash = word.size();
  for (std::size_t at = 0; at < word.size(); at += 8) {
    const std::size_t bytes = std::min<std::size_t>(word.size() - at, 8);
    std::uint64_t chunk = 0;
    if (readable >= at + 8)
      std::memcpy(&chunk, word.data() + at, 8);
    else
      std::memcpy(&chunk, word.data() + at, bytes);
    chunk |= 0x2020'2020'2020'2020;
    if (bytes < 8) chunk &= (1ULL << (8 * bytes)) - 1;
    hash = (hash ^ chunk) * 0x9E37'79B9'7F4A'7C15;
    hash ^= hash >> 32;
  }
  return static_cast<std::uint32_t>(hash);
}

// Whether what follows a '<' is a tag, and surely none of script or style.
bool is_only_skipped(std::string_view name) {
  if (name.empty() || (name[0] != '/' && kind_of(name[0]) != letter)) return false;
  if ((name[0] | 0x20) != 's') return true;
  if (name.size() < 3) return false;
  const int second = name[1] | 0x20, third = name[2] | 0x20;
  return !(second == 'c' && third == 'r') && !(second == 't' && third == 'y');
}

}  // namespace

void TextWords::feed(std::string_view html) {
  const char* at = html.data();
  const char* const end = at + html.size();
  while (at != end) {
    switch (place_) {
      case Place::text:
        at = read_text(at, end);
        break;
      case Place::name:
      case Place::raw_name:
        at = read_name(at, end);
        break;
      case Place::tag:
        at = scan::find(at, end, '>');
        if (at == end) return;
        ++at;
        place_ = raw_.empty() ? Place::text : Place::raw;
        break;
      case Place::comment:
        at = read_comment(at, end);
        break;
      case Place::raw:
        at = scan::find(at, end, '<');
        if (at == end) return;
        ++at;
        name_.clear();
        place_ = Place::raw_name;
        break;
    }
  }
}

const char* TextWords::read_text(const char* at, const char* end) {
  while (at != end) {
    const char* const start = at;
    std::uint8_t kinds_seen = 0;
    at = word_end(at, end, kinds_seen);
    const std::string_view part{start, static_cast<std::size_t>(at - start)};
    if (at == end || !word_.empty()) {
      word_.append(part.substr(0, word_bytes_max + 1 - std::min(word_.size(), word_bytes_max + 1)));
      if (at == end) return at;
      end_word();
    } else if (kinds_seen == letter) {
      add_word(part, static_cast<std::size_t>(end - start));
    } else if (kinds_seen != 0) {
      add_numbers(part);
    }
    while (at != end && kind_of(*at) == other) ++at;
    if (at != end && kind_of(*at) == tag_start) return begin_tag(at + 1, end);
  }
  return at;
}

// Nearly all tags are nothing but skipped.
const char* TextWords::begin_tag(const char* at, const char* end) {
  name_.clear();
  const std::string_view rest{at, static_cast<std::size_t>(end - at)};
  place_ = is_only_skipped(rest) ? Place::tag : Place::name;
  return at;
}

void TextWords::end_word() {
  const bool letters = std::ranges::all_of(word_, [](char c) { return kind_of(c) == letter; });
  letters ? add_word(word_, word_.size()) : add_numbers(word_);
  word_.clear();
}

// readable: bytes from the word's begin on that may be read.
void TextWords::add_word(std::string_view word, std::size_t readable) {
  if (word.size() < word_bytes_min || word.size() > word_bytes_max) return;
  if (tokens_.words.size() == limits::text_words_max) {
    tokens_.cut = true;
    return;
  }
  tokens_.words.push_back(hash_of(word, readable));
}

void TextWords::add_numbers(std::string_view token) {
  for (std::size_t at = 0; at < token.size();) {
    const std::size_t start = at;
    while (at < token.size() && kind_of(token[at]) == digit) ++at;
    if (at > start && tokens_.numbers.size() < limits::text_words_max)
      tokens_.numbers.push_back(hash(token.substr(start, at - start)));
    if (at == start) ++at;
  }
}

std::uint32_t TextWords::hash(std::string_view digits) {
  return hash_of(digits, digits.size());
}

// Gathers what follows a '<' as far as it can matter: "!--", "script", "/style".
const char* TextWords::read_name(const char* at, const char* end) {
  for (; at != end; ++at) {
    const char c = *at;
    const bool part = kind_of(c) == letter || c == '/' || c == '!' || c == '-';
    if (!part || name_.size() == name_bytes_max) {
      end_name(c);
      return at;
    }
    name_ += static_cast<char>(kind_of(c) == letter ? c | 0x20 : c);
    if (place_ == Place::name && name_ == "!--") {
      before_[0] = before_[1] = 0;
      place_ = Place::comment;
      return at + 1;
    }
  }
  return at;
}

// next: the byte behind the name.
void TextWords::end_name(char next) {
  if (place_ == Place::raw_name) {
    const bool closed = name_.size() == raw_.size() + 1 && name_[0] == '/' &&
                        std::string_view{name_}.substr(1) == raw_;
    if (closed) raw_.clear();
    place_ = closed ? Place::tag : Place::raw;
    return;
  }
  if (name_ == "script" || name_ == "style") raw_ = name_;
  // "a < b" is text; only a letter, "/", "!" or "?" begins a tag.
  place_ = name_.empty() && next != '?' && next != '>' ? Place::text : Place::tag;
}

const char* TextWords::read_comment(const char* at, const char* end) {
  const char* const close = scan::find(at, end, '>');
  const auto last = [&](std::ptrdiff_t back) {  // the byte so far before `close`
    const std::ptrdiff_t here = close - at - back;
    return here >= 0 ? at[here] : before_[2 + here];
  };
  const char one = last(1);
  const char two = close - at + 2 >= 2 ? last(2) : '\0';
  if (close == end) {
    before_[1] = one;
    before_[0] = two;
    return end;
  }
  if (one == '-' && two == '-') {
    place_ = Place::text;
  } else {
    before_[0] = one;
    before_[1] = '>';
  }
  return close + 1;
}

TextTokens TextWords::take() {
  if (!word_.empty() && place_ == Place::text) end_word();
  return std::move(tokens_);
}

}  // namespace trawl::web
