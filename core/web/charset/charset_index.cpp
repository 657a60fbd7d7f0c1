// The indexes are ICU's tables, read once, with the few places where the standard says something
// else: so the source keeps none of the 70,000 characters, and reading and writing agree.
#include "core/web/charset/charset_index.hpp"

#include "core/web/charset/charset_tables.hpp"

#include <unicode/utf16.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace trawl::web {
namespace {

// Where the standard's Big5 has a character that ICU's lacks or has as another: newer ones of Hong
// Kong's supplement, and some that are there twice.
struct Big5Exception {
  std::uint16_t bytes;
  char16_t code_point;
};
constexpr Big5Exception big5_exceptions[] = {
#include "core/web/charset/charset_big5_exceptions.inc"
};

constexpr std::size_t four_byte_bmp_count = 39420;
constexpr std::size_t four_byte_astral = 189000;  // the pointer of U+10000

// 0 unless the bytes are one character beyond ASCII.
char32_t character_of(UConverter* converter, std::string_view bytes) {
  std::array<UChar, 8> units;
  UErrorCode status = U_ZERO_ERROR;
  const std::int32_t count =
      ucnv_toUChars(converter, units.data(), static_cast<std::int32_t>(units.size()), bytes.data(),
                    static_cast<std::int32_t>(bytes.size()), &status);
  if (U_FAILURE(status) || count < 1) return 0;
  std::int32_t at = 0;
  UChar32 character = 0;
  U16_NEXT(units.data(), at, count, character);
  return at != count || character < 0x80 || character == 0xFFFD ? 0
                                                                : static_cast<char32_t>(character);
}

Index read_index(const TwoBytes& form, const char* converter_name, std::string_view prefix = {}) {
  const IcuConverter converter = open_converter(converter_name);
  Index index(form.leads.size() * form.trails.size());
  std::string bytes;
  for (std::size_t pointer = 0; pointer < index.size(); ++pointer) {
    bytes = prefix;
    bytes += static_cast<char>(form.lead(pointer));
    bytes += static_cast<char>(form.trail(pointer));
    index[pointer] = character_of(converter.get(), bytes);
  }
  return index;
}

// ICU fills gaps with characters of the private use area, which the standard does in GB18030 alone.
Index without_private_use(Index index) {
  for (char32_t& code_point : index) {
    if (code_point >= 0xE000 && code_point <= 0xF8FF) code_point = 0;
  }
  return index;
}

Index make_big5() {
  Index index = without_private_use(read_index(big5_bytes, "Big5-HKSCS"));
  for (const Big5Exception& exception : big5_exceptions) {
    const auto lead = static_cast<std::uint8_t>(exception.bytes >> 8U);
    index.at(big5_bytes.pointer(lead, exception.bytes & 0xFFU)) = exception.code_point;
  }
  return index;
}

// ICU's versions are of different years of GB18030; 0xA3 0xA0 is a space for the web's sake.
Index make_gb18030() {
  Index index = read_index(gb18030_bytes, "gb18030");
  std::ranges::replace(index, char32_t{0xE5E5}, char32_t{0x3000});
  for (const MovedCharacter& moved : gb18030_moved)
    std::ranges::replace(index, char32_t{moved.private_use}, char32_t{moved.code_point});
  return index;
}

// Four bytes say, in order, what of the BMP had no two bytes in the year 2000.
std::vector<char16_t> make_gb18030_ranges() {
  std::vector<bool> had_two_bytes(0x10000);
  for (const char32_t code_point : gb18030_index()) had_two_bytes.at(code_point) = true;
  for (const MovedCharacter& moved : gb18030_moved) {
    had_two_bytes[moved.private_use] = true;
    had_two_bytes[moved.code_point] = false;
  }
  had_two_bytes[0xE5E5] = true;
  had_two_bytes[0xE7C7] = true;
  had_two_bytes[0x1E3F] = false;
  std::vector<char16_t> ranges;
  ranges.reserve(four_byte_bmp_count);
  for (char32_t code_point = 0x80; code_point < 0x10000; ++code_point) {
    const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
    if (!surrogate && !had_two_bytes[code_point])
      ranges.push_back(static_cast<char16_t>(code_point));
  }
  return ranges;
}

const std::vector<char16_t>& gb18030_ranges() {
  static const std::vector<char16_t> ranges = make_gb18030_ranges();
  return ranges;
}

}  // namespace

const Index& big5_index() {
  static const Index index = make_big5();
  return index;
}

const Index& euc_kr_index() {
  static const Index index = without_private_use(read_index(euc_kr_bytes, "windows-949-2000"));
  return index;
}

const Index& gb18030_index() {
  static const Index index = make_gb18030();
  return index;
}

// Shift_JIS reaches all of it.
const Index& jis0208_index() {
  static const Index index = without_private_use(read_index(shift_jis_bytes, "ibm-943_P15A-2003"));
  return index;
}

// ICU's has rows beyond it, of IBM.
const Index& jis0212_index() {
  constexpr TwoBytes rows{.leads = {0xA1, 0xED}, .trails = euc_jp_bytes.trails};
  static const Index index = read_index(rows, "euc-jp-2007", "\x8F");
  return index;
}

// GB18030 exchanged U+1E3F and U+E7C7 in 2005.
char32_t gb18030_ranges_code_point(std::size_t pointer) {
  if (pointer >= four_byte_astral) {
    const std::size_t code_point = pointer - four_byte_astral + 0x10000;
    return code_point <= 0x10FFFF ? static_cast<char32_t>(code_point) : 0;
  }
  if (pointer >= gb18030_ranges().size()) return 0;
  const char32_t code_point = gb18030_ranges()[pointer];
  return code_point == 0x1E3F ? 0xE7C7 : code_point;
}

std::size_t gb18030_ranges_pointer(char32_t code_point) {
  if (code_point > 0xFFFF) return code_point - 0x10000 + four_byte_astral;
  const char32_t wanted = code_point == 0xE7C7 ? 0x1E3F : code_point;
  const auto& ranges = gb18030_ranges();
  const auto found = std::ranges::lower_bound(ranges, static_cast<char16_t>(wanted));
  if (found == ranges.end() || *found != wanted) return no_pointer;
  return static_cast<std::size_t>(found - ranges.begin());
}

}  // namespace trawl::web
