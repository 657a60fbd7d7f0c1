#pragma once
// The way back from UTF-8.

#include "core/web/charset/charset_tables.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace trawl::web {

// An encoder of the Encoding standard (sections 9 to 13), from the first character to the last.
class CharsetEncoder {
 public:
  // encoding: a name of the standard, but none of UTF-8, UTF-16LE, UTF-16BE and "replacement",
  // which have no encoder.
  explicit CharsetEncoder(std::string_view encoding);

  // Appends the character's bytes; false where the encoding lacks it.
  bool append(char32_t character, std::string& out);
  // Appends what goes back to ASCII: of ISO-2022-JP, after the last character.
  void finish(std::string& out) { enter(Set::ascii, out); }

 private:
  enum class Kind : std::uint8_t {
    single_byte,
    gbk,
    gb18030,
    big5,
    euc_jp,
    iso_2022_jp,
    shift_jis,
    euc_kr,
  };
  enum class Set : std::uint8_t { ascii, roman, jis0208 };  // what ISO-2022-JP's bytes are

  static Kind kind_of(std::string_view encoding);
  bool append_single_byte(char32_t character, std::string& out) const;
  bool append_gb18030(char32_t character, std::string& out) const;
  bool append_iso_2022_jp(char32_t character, std::string& out);
  void enter(Set set, std::string& out);

  Kind kind_;
  const UpperHalf* upper_;  // of single_byte
  Set set_ = Set::ascii;
};

// text: valid UTF-8. charset: UTF-16LE, UTF-16BE or ISO-2022-JP, in which a page can't be changed
// as it is. What it can't say becomes a character reference.
std::string encode_utf8(std::string_view text, std::string_view charset, bool byte_order_mark);

}  // namespace trawl::web
