// The encodings of several bytes, held to the Encoding standard: its indexes by a sum over each,
// what becomes of malformed bytes, and which characters are written how.

#include "core/web/charset/charset_multi_byte.hpp"

#include "core/web/charset/charset_encode.hpp"
#include "core/web/charset/charset_index.hpp"
#include "core/web/utf8.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

namespace trawl::web {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view encodings[] = {"GBK",         "gb18030",   "Big5",  "EUC-JP",
                                          "ISO-2022-JP", "Shift_JIS", "EUC-KR"};

// FNV-1a over the code points by pointer, 0 where there is none.
std::uint64_t sum_of(const Index& index) {
  std::uint64_t sum = 0xCBF29CE484222325;
  for (const char32_t code_point : index) sum = (sum ^ code_point) * 0x100000001B3;
  return sum;
}

std::string decoded(std::string_view bytes, std::string_view encoding) {
  std::string out;
  EXPECT_TRUE(decode_multi_byte(bytes, encoding, out)) << encoding;
  return out;
}

std::optional<std::string> encoded(char32_t character, std::string_view encoding) {
  CharsetEncoder encoder(encoding);
  std::string out;
  const bool has = encoder.append(character, out);
  encoder.finish(out);
  return has ? std::optional{out} : std::nullopt;
}

// The sums were made from the standard's own files, index-*.txt.
TEST(CharsetIndex, AllAreThoseOfTheStandard) {
  EXPECT_EQ(sum_of(big5_index()), 0x42E7AA18E5275279U);
  EXPECT_EQ(sum_of(euc_kr_index()), 0x6E57AE5E71BB350AU);
  EXPECT_EQ(sum_of(gb18030_index()), 0xDC3908AE743170F1U);
  EXPECT_EQ(sum_of(jis0208_index()), 0xB9914789E354C8F1U);
  EXPECT_EQ(sum_of(jis0212_index()), 0x1F0B02F0B2C27B45U);
}

TEST(CharsetIndex, FourBytesReachAllOfUnicode) {
  EXPECT_EQ(gb18030_ranges_code_point(0), 0x80U);
  EXPECT_EQ(gb18030_ranges_code_point(7457), 0xE7C7U);
  EXPECT_EQ(gb18030_ranges_code_point(39419), 0xFFFFU);
  EXPECT_EQ(gb18030_ranges_code_point(39420), 0U);
  EXPECT_EQ(gb18030_ranges_code_point(188999), 0U);
  EXPECT_EQ(gb18030_ranges_code_point(189000), 0x10000U);
  EXPECT_EQ(gb18030_ranges_code_point(1237575), 0x10FFFFU);
  EXPECT_EQ(gb18030_ranges_code_point(1237576), 0U);
  EXPECT_EQ(gb18030_ranges_pointer(0xE7C7), 7457U);
  for (std::size_t pointer = 0; pointer < 39420; ++pointer)
    ASSERT_EQ(gb18030_ranges_pointer(gb18030_ranges_code_point(pointer)), pointer);
}

// Sections 10 to 13: what can't be a character is U+FFFD, and ASCII behind it is text.
TEST(MultiByteDecoding, MalformedBytesHideNoText) {
  for (const std::string_view encoding : {"GBK", "gb18030", "Big5", "EUC-KR", "Shift_JIS"}) {
    EXPECT_EQ(decoded("\x81\"x", encoding), "\xEF\xBF\xBD\"x") << encoding;
    EXPECT_EQ(decoded("\x81", encoding), "\xEF\xBF\xBD") << encoding;
    EXPECT_EQ(decoded("\xFFx", encoding), "\xEF\xBF\xBDx") << encoding;
  }
  EXPECT_EQ(decoded("\x81@", "EUC-KR"), "\xEF\xBF\xBD@");
  EXPECT_EQ(decoded("\x85@", "Big5"), "\xEF\xBF\xBD@");
  EXPECT_EQ(decoded("\x81\xAD", "Shift_JIS"), "\xEF\xBF\xBD");
  EXPECT_EQ(decoded("\x82@", "Shift_JIS"), "\xEF\xBF\xBD@");
  EXPECT_EQ(decoded("\xA1<\x8E<\x8F<\x8F\xA1<", "EUC-JP"), "�<�<�<�<");
  EXPECT_EQ(decoded("\x8E\xE0x\x8F\xA1", "EUC-JP"), "�x�");
  EXPECT_EQ(decoded("\x81\x30\x81<\x81\x30<\x81\x30\x81", "gb18030"), "�0�<�0<�");
  EXPECT_EQ(decoded("\xE3\x32\x9A\x36", "gb18030"), "�");
}

TEST(MultiByteDecoding, CharactersAreThoseOfTheStandardOnly) {
  EXPECT_EQ(decoded("\xC9\xA1", "EUC-KR"), "�") << "private use";
  EXPECT_EQ(decoded("\x81\xA1", "Big5"), "�") << "private use";
  EXPECT_EQ(decoded("\x88\x62\x88\xA5", "Big5"), "Ê̄ê̌") << "two characters each";
  EXPECT_EQ(decoded("\x88\x40\x87\xA4\xFE\x6F", "Big5"), "㇀龗瑜");
  EXPECT_EQ(decoded("\x80\xA3\xA0\xA6\xD9\xFE\x59", "GBK"), "€　︐龴");
  EXPECT_EQ(decoded("\x80\xF0\x40\xF9\xFC", "Shift_JIS"), "\u0080\uE000\uE757");
  EXPECT_EQ(decoded("\xB1\x87\x40\xFA\xFC\xFC\x4B", "Shift_JIS"), "ｱ①浯黑");
  EXPECT_EQ(decoded("\x8E\xB1\x8F\xB0\xA1\xC6\xFC", "EUC-JP"), "ｱ丂日");
  std::string out;
  EXPECT_FALSE(decode_multi_byte("x", "UTF-8", out));
}

// Section 12.2.1.
TEST(MultiByteDecoding, EscapesSwitchTheSetsOfIso2022Jp) {
  const auto text = [](std::string_view bytes) { return decoded(bytes, "ISO-2022-JP"); };
  EXPECT_EQ(text("\x1B$BF|K\\8l\x1B(B!\x1B$@F|\x1B(J\\~a\x1B(I1"), "日本語!日¥‾aｱ");
  EXPECT_EQ(text("\x1B(B\x1B(Ba"), "�a") << "an escape without text";
  EXPECT_EQ(text("\x1B$Aa\x1B"), "�$Aa�");
  EXPECT_EQ(text("\x0E\x0F\x80"), "���");
  EXPECT_EQ(text("\x1B$BF\x1B(Ba"), "�a");
  EXPECT_EQ(text("\x1B$BF\n\n"), "��");
}

// What an encoder writes as another character on purpose.
bool is_written_as_another(char32_t character, std::string_view encoding) {
  if (encoding == "GBK" || encoding == "gb18030") {
    const auto* const moved =
        std::ranges::find(gb18030_moved, character, &MovedCharacter::private_use);
    return moved != std::end(gb18030_moved);
  }
  if (encoding == "Big5" || encoding == "EUC-KR") return false;
  if (encoding == "ISO-2022-JP")
    return character == 0x2212 || (character >= 0xFF61 && character <= 0xFF9F);
  return character == 0x2212 || character == 0xA5 || character == 0x203E;
}

TEST(CharsetEncoder, WhatIsWrittenIsReadAsTheSame) {
  for (const std::string_view encoding : encodings) {
    CharsetEncoder encoder(encoding);
    std::string bytes;
    std::string expected;
    std::size_t count = 0;
    for (char32_t character = 0x80; character <= 0x2FFFF; ++character) {
      bytes.clear();
      const bool has = encoder.append(character, bytes);
      encoder.finish(bytes);
      if (!has || (character >= 0xD800 && character <= 0xDFFF)) continue;
      ++count;
      if (is_written_as_another(character, encoding)) continue;
      expected.clear();
      utf8::append(expected, character);
      ASSERT_EQ(decoded(bytes, encoding), expected)
          << encoding << " " << static_cast<std::uint32_t>(character);
    }
    EXPECT_GT(count, 6000U) << encoding;
    if (encoding == "gb18030") {
      EXPECT_EQ(count, 0x30000U - 0x80 - 0x800 - 1) << "all but U+E5E5";
    }
  }
}

TEST(CharsetEncoder, SomeThatAreReadAreNotWritten) {
  EXPECT_EQ(encoded(U'丂', "EUC-JP"), std::nullopt) << "JIS X 0212";
  EXPECT_EQ(encoded(U'\uE000', "Shift_JIS"), std::nullopt);
  EXPECT_EQ(encoded(U'\uE000', "EUC-KR"), std::nullopt);
  EXPECT_EQ(encoded(U'䏰', "Big5"), std::nullopt) << "of Hong Kong";
  EXPECT_EQ(encoded(U'\uE5E5', "gb18030"), std::nullopt);
  EXPECT_EQ(encoded(U'😀', "GBK"), std::nullopt);
}

TEST(CharsetEncoder, OfSeveralWaysTheStandardsIsTaken) {
  EXPECT_EQ(encoded(U'ⅰ', "Shift_JIS"), "\xFA\x40") << "IBM's, not NEC's";
  EXPECT_EQ(encoded(U'ⅰ', "EUC-JP"), "\xFC\xF1");
  EXPECT_EQ(encoded(U'∵', "Shift_JIS"), "\x81\xE6");
  EXPECT_EQ(encoded(U'十', "Big5"), "\xA4\x51") << "the last";
  EXPECT_EQ(encoded(U'═', "Big5"), "\xF9\xF9");
  EXPECT_EQ(encoded(U'€', "GBK"), "\x80");
  EXPECT_EQ(encoded(U'€', "gb18030"), "\xA2\xE3");
  EXPECT_EQ(encoded(U'ǹ', "GBK"), "\xA8\xBF");
  EXPECT_EQ(encoded(U'\uE78D', "GBK"), "\xA6\xD9");
  EXPECT_EQ(encoded(U'\uE7C7', "gb18030"), "\x81\x35\xF4\x37");
  EXPECT_EQ(encoded(U'¥', "Shift_JIS"), "\\");
  EXPECT_EQ(encoded(U'−', "EUC-JP"), "\xA1\xDD");
}

TEST(CharsetEncoder, Iso2022JpSwitchesOnlyWhenItMust) {
  const auto all = [](std::u32string_view text) {
    CharsetEncoder encoder("ISO-2022-JP");
    std::string out;
    for (const char32_t character : text) encoder.append(character, out);
    encoder.finish(out);
    return out;
  };
  EXPECT_EQ(all(U"a日本語a"), "a\x1B$BF|K\\8l\x1B(Ba");
  EXPECT_EQ(all(U"¥a‾\\日"), "\x1B(J\\a~\x1B(B\\\x1B$BF|\x1B(B");
  EXPECT_EQ(all(U"髙ｱﾞ−"), "\x1B$B|b%\"!+!]\x1B(B");
  EXPECT_EQ(all(U"日é"), "\x1B$BF|\x1B(B") << "which it lacks";
}

TEST(EncodeUtf8, WhatIso2022JpLacksIsAReference) {
  EXPECT_EQ(encode_utf8("日é本", "ISO-2022-JP", false), "\x1B$BF|\x1B(B&#xE9;\x1B$BK\\\x1B(B");
  EXPECT_EQ(encode_utf8("é😀", "UTF-16BE", true), "\xFE\xFF\0\xE9\xD8\x3D\xDE\0"sv);
}

}  // namespace
}  // namespace trawl::web
