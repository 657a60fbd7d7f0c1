// An encoder is its decoder's index read backwards. Of characters that an index has twice the
// standard says which pointer counts; nearly always it is the first.
#include "core/web/charset/charset_encode.hpp"

#include "core/web/charset/charset_index.hpp"

#include <fmt/format.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace trawl::web {
namespace {

// What index ISO-2022-JP katakana has for U+FF61 to U+FF9F.
constexpr std::u16string_view fullwidth =
    u"。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノ"
    u"ハヒフヘホマミムメモヤユヨラリルレロワン゛゜";

// Sorted by code point.
class Pointers {
 public:
  // counts: whether a pointer of the index does.
  template <typename Counts>
  Pointers(const Index& index, Counts counts) {
    for (std::size_t pointer = 0; pointer < index.size(); ++pointer) {
      if (index[pointer] != 0 && counts(pointer))
        entries_.emplace_back(index[pointer], static_cast<std::uint16_t>(pointer));
    }
    std::ranges::sort(entries_);
    const auto rest = std::ranges::unique(entries_, {}, &Entry::first);
    entries_.erase(rest.begin(), rest.end());
    entries_.shrink_to_fit();
  }

  std::size_t of(char32_t character) const {
    const auto found = std::ranges::lower_bound(entries_, character, {}, &Entry::first);
    return found != entries_.end() && found->first == character ? found->second : no_pointer;
  }

 private:
  using Entry = std::pair<char32_t, std::uint16_t>;
  std::vector<Entry> entries_;
};

constexpr auto all = [](std::size_t) { return true; };

const Pointers& gb18030_pointers() {
  static const Pointers pointers(gb18030_index(), all);
  return pointers;
}

const Pointers& euc_kr_pointers() {
  static const Pointers pointers(euc_kr_index(), all);
  return pointers;
}

const Pointers& jis0208_pointers() {
  static const Pointers pointers(jis0208_index(), all);
  return pointers;
}

// Section 5: index Shift_JIS pointer. NEC's characters that are IBM's too are written as those.
const Pointers& shift_jis_pointers() {
  static const Pointers pointers(
      jis0208_index(), [](std::size_t pointer) { return pointer < 8272 || pointer > 8835; });
  return pointers;
}

// Section 5: index Big5 pointer. Hong Kong's additions are not written, and of six characters the
// last pointer counts.
const Pointers& big5_pointers() {
  constexpr std::size_t after_additions = 32 * 157;
  constexpr std::u32string_view last_counts = U"═╞╡╪十卅";
  const Index& index = big5_index();
  static const Pointers pointers(index, [&](std::size_t pointer) {
    if (pointer < after_additions) return false;
    const auto later = index.begin() + static_cast<std::ptrdiff_t>(pointer) + 1;
    return last_counts.find(index[pointer]) == last_counts.npos ||
           std::find(later, index.end(), index[pointer]) == index.end();
  });
  return pointers;
}

bool append_pair(std::size_t pointer, const TwoBytes& form, std::string& out) {
  if (pointer == no_pointer) return false;
  out += static_cast<char>(form.lead(pointer));
  out += static_cast<char>(form.trail(pointer));
  return true;
}

// Where the Japanese encodings write a character as another.
char32_t written_in_japanese(char32_t character) {
  if (character == 0xA5) return '\\';
  if (character == 0x203E) return '~';
  return character == 0x2212 ? 0xFF0D : character;
}

bool is_halfwidth_katakana(char32_t character) {
  return character >= 0xFF61 && character <= 0xFF9F;
}

bool append_euc_jp(char32_t character, std::string& out) {
  character = written_in_japanese(character);
  if (character < 0x80) {
    out += static_cast<char>(character);
    return true;
  }
  if (is_halfwidth_katakana(character)) {
    out += '\x8E';
    out += static_cast<char>(character - 0xFF61 + 0xA1);
    return true;
  }
  return append_pair(jis0208_pointers().of(character), euc_jp_bytes, out);
}

bool append_shift_jis(char32_t character, std::string& out) {
  character = written_in_japanese(character);
  if (character <= 0x80 || is_halfwidth_katakana(character)) {
    out += static_cast<char>(character <= 0x80 ? character : character - 0xFF61 + 0xA1);
    return true;
  }
  return append_pair(shift_jis_pointers().of(character), shift_jis_bytes, out);
}

}  // namespace

CharsetEncoder::Kind CharsetEncoder::kind_of(std::string_view encoding) {
  if (encoding == "GBK") return Kind::gbk;
  if (encoding == "gb18030") return Kind::gb18030;
  if (encoding == "Big5") return Kind::big5;
  if (encoding == "EUC-JP") return Kind::euc_jp;
  if (encoding == "ISO-2022-JP") return Kind::iso_2022_jp;
  if (encoding == "Shift_JIS") return Kind::shift_jis;
  return encoding == "EUC-KR" ? Kind::euc_kr : Kind::single_byte;
}

CharsetEncoder::CharsetEncoder(std::string_view encoding)
    : kind_(kind_of(encoding)), upper_(upper_half_of(encoding)) {}

bool CharsetEncoder::append(char32_t character, std::string& out) {
  if (kind_ == Kind::iso_2022_jp) return append_iso_2022_jp(character, out);
  if (character < 0x80) {
    out += static_cast<char>(character);
    return true;
  }
  switch (kind_) {
    case Kind::gbk:
    case Kind::gb18030:
      return append_gb18030(character, out);
    case Kind::big5:
      return append_pair(big5_pointers().of(character), big5_bytes, out);
    case Kind::euc_jp:
      return append_euc_jp(character, out);
    case Kind::shift_jis:
      return append_shift_jis(character, out);
    case Kind::euc_kr:
      return append_pair(euc_kr_pointers().of(character), euc_kr_bytes, out);
    default:
      return append_single_byte(character, out);
  }
}

bool CharsetEncoder::append_single_byte(char32_t character, std::string& out) const {
  if (upper_ == nullptr || character > 0xFFFF || character == 0xFFFD) return false;
  const auto found = std::ranges::find(*upper_, static_cast<char16_t>(character));
  if (found == upper_->end()) return false;
  out += static_cast<char>(0x80 + (found - upper_->begin()));
  return true;
}

bool CharsetEncoder::append_gb18030(char32_t character, std::string& out) const {
  if (character == 0xE5E5) return false;
  if (kind_ == Kind::gbk && character == 0x20AC) {
    out += '\x80';
    return true;
  }
  const auto* const moved =
      std::ranges::find(gb18030_moved, character, &MovedCharacter::private_use);
  if (moved != std::end(gb18030_moved)) character = moved->code_point;
  if (append_pair(gb18030_pointers().of(character), gb18030_bytes, out)) return true;
  if (kind_ == Kind::gbk) return false;
  const std::size_t pointer = gb18030_ranges_pointer(character);
  if (pointer == no_pointer) return false;
  out += static_cast<char>(pointer / 12600 + 0x81);
  out += static_cast<char>(pointer / 1260 % 10 + 0x30);
  out += static_cast<char>(pointer / 10 % 126 + 0x81);
  out += static_cast<char>(pointer % 10 + 0x30);
  return true;
}

bool CharsetEncoder::append_iso_2022_jp(char32_t character, std::string& out) {
  const bool roman = character == 0xA5 || character == 0x203E;
  if (roman || character < 0x80) {
    const bool in_both = character != '\\' && character != '~';
    if (roman)
      enter(Set::roman, out);
    else if (set_ == Set::jis0208 || !in_both)
      enter(Set::ascii, out);
    // These switch between sets in relatives of this encoding.
    if (character == 0x0E || character == 0x0F || character == 0x1B) return false;
    out += static_cast<char>(written_in_japanese(character));
    return true;
  }
  character = written_in_japanese(character);
  if (is_halfwidth_katakana(character)) character = fullwidth[character - 0xFF61];
  const std::size_t pointer = jis0208_pointers().of(character);
  if (pointer != no_pointer)
    enter(Set::jis0208, out);
  else if (set_ == Set::jis0208)
    enter(Set::ascii, out);
  return append_pair(pointer, iso_2022_jp_bytes, out);
}

void CharsetEncoder::enter(Set set, std::string& out) {
  if (set != set_) out += set == Set::ascii ? "\x1B(B" : set == Set::roman ? "\x1B(J" : "\x1B$B";
  set_ = set;
}

namespace {

void append_utf16(char32_t character, bool little_endian, std::string& out) {
  const auto append_unit = [&](char32_t unit) {
    const auto high = static_cast<char>(unit >> 8U);
    const auto low = static_cast<char>(unit & 0xFFU);
    out += little_endian ? low : high;
    out += little_endian ? high : low;
  };
  if (character > 0xFFFF) append_unit(0xD800 + ((character - 0x10000) >> 10U));
  append_unit(character > 0xFFFF ? 0xDC00 + (character & 0x3FFU) : character);
}

}  // namespace

std::string encode_utf8(std::string_view text, std::string_view charset, bool byte_order_mark) {
  const bool utf16 = charset != "ISO-2022-JP";
  const bool little_endian = charset == "UTF-16LE";
  CharsetEncoder encoder(charset);
  std::string out;
  out.reserve(utf16 ? text.size() * 2 + 2 : text.size());
  if (byte_order_mark && utf16) append_utf16(0xFEFF, little_endian, out);
  for (std::size_t at = 0; at < text.size();) {
    UChar32 character = 0;
    U8_NEXT_OR_FFFD(text.data(), at, text.size(), character);
    const auto scalar = static_cast<char32_t>(character);
    if (utf16) {
      append_utf16(scalar, little_endian, out);
    } else if (!encoder.append(scalar, out)) {
      for (const char c : fmt::format("&#x{:X};", static_cast<std::uint32_t>(scalar)))
        encoder.append(static_cast<unsigned char>(c), out);
    }
  }
  if (!utf16) encoder.finish(out);
  return out;
}

}  // namespace trawl::web
