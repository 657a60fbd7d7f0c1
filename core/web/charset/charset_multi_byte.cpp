// The standard says what malformed bytes become, and converters of libraries do otherwise: they
// swallow the ASCII behind a lead byte, or answer with control characters. So its algorithms are
// here, each as a function that reads one character beyond ASCII.
#include "core/web/charset/charset_multi_byte.hpp"

#include "core/web/byte_scan.hpp"
#include "core/web/charset/charset_index.hpp"
#include "core/web/utf8.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace trawl::web {
namespace {

constexpr char32_t replacement = 0xFFFD;
constexpr char32_t first_halfwidth = 0xFF61;  // of katakana

using Bytes = std::string_view;  // begins with the byte of the character, which is no ASCII

struct Character {
  char32_t code_point;
  std::size_t size;        // of its bytes
  char32_t combining = 0;  // follows it
};

std::uint8_t byte_at(Bytes bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

bool is_in(std::uint8_t byte, std::uint8_t first, std::uint8_t last) {
  return byte >= first && byte <= last;
}

// ASCII that ends a character too early is text of its own.
Character malformed(Bytes bytes, std::size_t size) {
  if (bytes.size() < size) return {replacement, bytes.size()};
  return {replacement, byte_at(bytes, size - 1) < 0x80 ? size - 1 : size};
}

char32_t code_point_at(const Index& index, std::size_t pointer) {
  return pointer < index.size() ? index[pointer] : 0;
}

Character read_pair(Bytes bytes, const TwoBytes& form, const Index& index) {
  const std::uint8_t lead = byte_at(bytes, 0);
  if (form.leads.position(lead) == form.leads.size()) return {replacement, 1};
  if (bytes.size() < 2) return {replacement, 1};
  const char32_t found = code_point_at(index, form.pointer(lead, byte_at(bytes, 1)));
  return found != 0 ? Character{found, 2} : malformed(bytes, 2);
}

Character read_big5(Bytes bytes, const Index& index) {
  if (bytes.front() != '\x88') return read_pair(bytes, big5_bytes, index);
  const Bytes pair = bytes.substr(0, 2);
  if (pair == "\x88\x62") return {0xCA, 2, 0x304};
  if (pair == "\x88\x64") return {0xCA, 2, 0x30C};
  if (pair == "\x88\xA3") return {0xEA, 2, 0x304};
  if (pair == "\x88\xA5") return {0xEA, 2, 0x30C};
  return read_pair(bytes, big5_bytes, index);
}

Character read_euc_kr(Bytes bytes, const Index& index) {
  return read_pair(bytes, euc_kr_bytes, index);
}

Character read_gb18030(Bytes bytes, const Index& index) {
  if (bytes.front() == '\x80') return {0x20AC, 1};
  const bool leads = is_in(byte_at(bytes, 0), 0x81, 0xFE);
  if (!leads || bytes.size() < 2 || !is_in(byte_at(bytes, 1), 0x30, 0x39))
    return read_pair(bytes, gb18030_bytes, index);
  // What is no four bytes is one byte and text.
  if (bytes.size() > 2 && !is_in(byte_at(bytes, 2), 0x81, 0xFE)) return {replacement, 1};
  if (bytes.size() < 4) return {replacement, bytes.size()};
  if (!is_in(byte_at(bytes, 3), 0x30, 0x39)) return {replacement, 1};
  const std::size_t high = (byte_at(bytes, 0) - 0x81U) * 10 + (byte_at(bytes, 1) - 0x30U);
  const std::size_t low = (byte_at(bytes, 2) - 0x81U) * 10 + (byte_at(bytes, 3) - 0x30U);
  const char32_t found = gb18030_ranges_code_point(high * 1260 + low);
  return {found != 0 ? found : replacement, 4};
}

Character read_shift_jis(Bytes bytes, const Index& index) {
  constexpr std::size_t private_use_first = 8836;
  constexpr std::size_t private_use_last = 10715;
  const std::uint8_t lead = byte_at(bytes, 0);
  if (lead == 0x80) return {0x80, 1};
  if (is_in(lead, 0xA1, 0xDF)) return {first_halfwidth + lead - 0xA1, 1};
  if (bytes.size() > 1) {
    const std::size_t pointer = shift_jis_bytes.pointer(lead, byte_at(bytes, 1));
    if (pointer >= private_use_first && pointer <= private_use_last)
      return {static_cast<char32_t>(0xE000 + pointer - private_use_first), 2};
  }
  return read_pair(bytes, shift_jis_bytes, index);
}

Character read_euc_jp(Bytes bytes, const Index& index) {
  const std::uint8_t lead = byte_at(bytes, 0);
  if (lead != 0x8E && lead != 0x8F) return read_pair(bytes, euc_jp_bytes, index);
  if (bytes.size() < 2) return {replacement, 1};
  const std::uint8_t second = byte_at(bytes, 1);
  if (lead == 0x8E && is_in(second, 0xA1, 0xDF)) return {first_halfwidth + second - 0xA1, 2};
  if (lead == 0x8E || !is_in(second, 0xA1, 0xFE)) return malformed(bytes, 2);
  if (bytes.size() < 3) return {replacement, 2};
  const std::size_t pointer = euc_jp_bytes.pointer(second, byte_at(bytes, 2));
  const char32_t found = code_point_at(jis0212_index(), pointer);
  return found != 0 ? Character{found, 3} : malformed(bytes, 3);
}

template <auto read>
void decode(Bytes bytes, std::string& out, const Index& index) {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  while (at != end) {
    const char* const start = at;
    while (end - at >= 16 && scan::all_ascii(at, at + 16)) at += 16;
    while (at != end && static_cast<unsigned char>(*at) < 0x80) ++at;
    out.append(start, at);
    while (at != end && static_cast<unsigned char>(*at) >= 0x80) {
      const Character character = read({at, end}, index);
      utf8::append(out, character.code_point);
      if (character.combining != 0) utf8::append(out, character.combining);
      at += character.size;
    }
  }
}

// ISO-2022-JP: what bytes are between two escapes.
enum class Set : std::uint8_t { ascii, roman, katakana, two_bytes };

std::optional<Set> set_of(Bytes escape) {
  if (escape == "\x1B(B") return Set::ascii;
  if (escape == "\x1B(J") return Set::roman;
  if (escape == "\x1B(I") return Set::katakana;
  if (escape == "\x1B$@" || escape == "\x1B$B") return Set::two_bytes;
  return std::nullopt;
}

Character read_in(Set set, Bytes bytes, const Index& index) {
  const std::uint8_t byte = byte_at(bytes, 0);
  if (set == Set::katakana)
    return {is_in(byte, 0x21, 0x5F) ? first_halfwidth + byte - 0x21 : replacement, 1};
  if (set == Set::two_bytes) {
    if (!is_in(byte, 0x21, 0x7E) || bytes.size() < 2 || bytes[1] == '\x1B') return {replacement, 1};
    const std::size_t pointer = iso_2022_jp_bytes.pointer(byte, byte_at(bytes, 1));
    const char32_t found = code_point_at(index, pointer);
    return {found != 0 ? found : replacement, 2};
  }
  if (byte >= 0x80 || byte == 0x0E || byte == 0x0F) return {replacement, 1};
  if (set == Set::roman && byte == '\\') return {0xA5, 1};
  if (set == Set::roman && byte == '~') return {0x203E, 1};
  return {byte, 1};
}

void decode_iso_2022_jp(Bytes bytes, std::string& out) {
  const Index& index = jis0208_index();
  Set set = Set::ascii;
  bool escaped = false;  // an escape that nothing follows is an error: it could hide ASCII
  while (!bytes.empty()) {
    if (bytes.front() == '\x1B') {
      const std::optional<Set> next = set_of(bytes.substr(0, 3));
      if (escaped || !next) utf8::append(out, replacement);
      escaped = next.has_value();
      set = next.value_or(set);
      bytes.remove_prefix(next ? 3 : 1);
      continue;
    }
    const Character character = read_in(set, bytes, index);
    utf8::append(out, character.code_point);
    bytes.remove_prefix(character.size);
    escaped = false;
  }
}

}  // namespace

bool decode_multi_byte(std::string_view bytes, std::string_view encoding, std::string& out) {
  out.reserve(out.size() + bytes.size() + bytes.size() / 2);
  if (encoding == "Shift_JIS") {
    decode<read_shift_jis>(bytes, out, jis0208_index());
  } else if (encoding == "EUC-JP") {
    decode<read_euc_jp>(bytes, out, jis0208_index());
  } else if (encoding == "ISO-2022-JP") {
    decode_iso_2022_jp(bytes, out);
  } else if (encoding == "GBK" || encoding == "gb18030") {
    decode<read_gb18030>(bytes, out, gb18030_index());
  } else if (encoding == "Big5") {
    decode<read_big5>(bytes, out, big5_index());
  } else if (encoding == "EUC-KR") {
    decode<read_euc_kr>(bytes, out, euc_kr_index());
  } else {
    return false;
  }
  return true;
}

}  // namespace trawl::web
