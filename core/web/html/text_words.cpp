// Not the tokenizer: a page may be read in another place and at another time than its words, and
// the words of odd markup need not be those of a browser, only the same each time.
#include "core/web/html/text_words.hpp"

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

enum Kind : std::uint8_t { other = 0, letter = 1, digit = 2 };

constexpr std::array<std::uint8_t, 256> kinds = [] {
  std::array<std::uint8_t, 256> table{};
  for (int c = 0; c < 256; ++c) {
    const int lower = c | 0x20;
    if ((lower >= 'a' && lower <= 'z') || c >= 0x80) table[static_cast<std::size_t>(c)] = letter;
    if (c >= '0' && c <= '9') table[static_cast<std::size_t>(c)] = digit;
  }
  return table;
}();

std::uint8_t kind_of(char c) {
  return kinds[static_cast<unsigned char>(c)];
}

// What the bytes of a piece of text are, a bit each.
struct Block {
  static constexpr std::size_t bytes = 32;

  std::uint32_t letters = 0;
  std::uint32_t digits = 0;
  std::uint32_t tags = 0;    // where one begins
  std::uint32_t closes = 0;  // where one ends

  // Forgets what is at the lowest one of these bits and below.
  void keep_above(std::uint32_t bits) {
    const std::uint32_t rest = ~(bits ^ (bits - 1));
    letters &= rest;
    digits &= rest;
    tags &= rest;
    closes &= rest;
  }
};

// Words are short, so many bytes at once mostly tell of several words all there is to know.
// at: Block::bytes of them can be read.
Block classify(const char* at) {
  Block block;
#if defined(__SSE2__)
  const __m128i space = _mm_set1_epi8(0x20);
  for (std::size_t half = 0; half < Block::bytes; half += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + half));
    // Comparisons are signed: what is above 0x7F is below zero, and a letter.
    const __m128i lower = _mm_or_si128(bytes, space);
    const __m128i letters =
        _mm_or_si128(_mm_and_si128(_mm_cmpgt_epi8(lower, _mm_set1_epi8('a' - 1)),
                                   _mm_cmplt_epi8(lower, _mm_set1_epi8('z' + 1))),
                     _mm_cmplt_epi8(bytes, _mm_setzero_si128()));
    const __m128i digits = _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8('0' - 1)),
                                         _mm_cmplt_epi8(bytes, _mm_set1_epi8('9' + 1)));
    const __m128i tags = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('<'));
    const __m128i closes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('>'));
    block.letters |= static_cast<std::uint32_t>(_mm_movemask_epi8(letters)) << half;
    block.digits |= static_cast<std::uint32_t>(_mm_movemask_epi8(digits)) << half;
    block.tags |= static_cast<std::uint32_t>(_mm_movemask_epi8(tags)) << half;
    block.closes |= static_cast<std::uint32_t>(_mm_movemask_epi8(closes)) << half;
  }
#else
  for (std::size_t i = 0; i < Block::bytes; ++i) {
    const std::uint32_t kind = kind_of(at[i]);
    block.letters |= (kind == letter ? 1U : 0U) << i;
    block.digits |= (kind == digit ? 1U : 0U) << i;
    block.tags |= (at[i] == '<' ? 1U : 0U) << i;
    block.closes |= (at[i] == '>' ? 1U : 0U) << i;
  }
#endif
  return block;
}

// The bits below the lowest one of `of`; all when there is none.
std::uint32_t below(std::uint32_t of) {
  return (of - 1) & ~of;
}

// The last bytes of a piece; what is behind them is none of all that.
Block classify_last(const char* at, std::size_t bytes) {
  char padded[Block::bytes] = {};
  std::memcpy(padded, at, bytes);
  return classify(padded);
}

// The end of the run of letters and digits that begins at `at`.
const char* run_end(const char* at, const char* end) {
  while (at != end && (kind_of(*at) & (letter | digit)) != 0) ++at;
  return at;
}

// Eight bytes at a time; a bit of each byte is set, so that upper case is lower case.
std::uint32_t hash_of(std::string_view word, std::size_t readable) {
  std::uint64_t hash = word.size();
  if (word.size() <= 8 && readable >= 8) {  // most words
    std::uint64_t chunk = 0;
    std::memcpy(&chunk, word.data(), 8);
    chunk = (chunk | 0x2020'2020'2020'2020) & (~0ULL >> (64 - 8 * word.size()));
    hash = (hash ^ chunk) * 0x9E37'79B9'7F4A'7C15;
    return static_cast<std::uint32_t>(hash ^ hash >> 32);
  }
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
  if (!word_.empty()) at = read_rest_of_word(at, end);
  while (at != end && place_ == Place::text) at = read_block(at, end);
  return at;
}

// Of a block that begins in text, the words and what tags there are; up to where the next block
// begins.
const char* TextWords::read_block(const char* at, const char* end) {
  const std::size_t bytes = std::min(static_cast<std::size_t>(end - at), Block::bytes);
  Block block = bytes == Block::bytes ? classify(at) : classify_last(at, bytes);
  for (;;) {
    const std::uint32_t text = below(block.tags);
    std::uint32_t runs = (block.letters | block.digits) & text;
    while (runs != 0) {
      const auto start = static_cast<std::size_t>(std::countr_zero(runs));
      const auto length = static_cast<std::size_t>(std::countr_one(runs >> start));
      const char* const run = at + start;
      if (start + length == bytes)  // it may go on behind the block
        return start > 0 && bytes == Block::bytes ? run : read_long_run(run, end);
      const std::uint32_t ones = ((1U << length) - 1) << start;
      (block.digits & ones) == 0 ? add_word({run, length}, static_cast<std::size_t>(end - run))
                                 : add_numbers({run, length});
      runs &= ~ones;
    }
    if (block.tags == 0) return at + bytes;
    const char* const name = at + std::countr_zero(block.tags) + 1;
    block.closes &= ~text;
    if (block.closes == 0 || !is_only_skipped({name, static_cast<std::size_t>(end - name)}))
      return skip_tag(name, end);
    block.keep_above(block.closes);
  }
}

// The word began in an earlier piece.
const char* TextWords::read_rest_of_word(const char* at, const char* end) {
  const char* const behind = run_end(at, end);
  keep_word({at, static_cast<std::size_t>(behind - at)});
  if (behind != end) end_word();
  return behind;
}

// A run that is longer than a block, or that the piece ends with.
const char* TextWords::read_long_run(const char* at, const char* end) {
  const char* const behind = run_end(at, end);
  const std::string_view run{at, static_cast<std::size_t>(behind - at)};
  if (behind == end)
    keep_word(run);
  else
    add_numbers(run);  // for a word it is too long
  return behind;
}

void TextWords::keep_word(std::string_view part) {
  word_.append(part.substr(0, word_bytes_max + 1 - std::min(word_.size(), word_bytes_max + 1)));
}

// What follows a '<'. Nearly all tags are nothing but skipped.
const char* TextWords::skip_tag(const char* at, const char* end) {
  if (!is_only_skipped({at, static_cast<std::size_t>(end - at)})) {
    name_.clear();
    place_ = Place::name;
    return at;
  }
  const char* const close = scan::find(at, end, '>');
  if (close != end) return close + 1;
  place_ = Place::tag;
  return end;
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
