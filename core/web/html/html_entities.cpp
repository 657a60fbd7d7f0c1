// The table is sorted by bytes, so the names that begin with what was read so far are a range of it
// that only shrinks: the longest name wins without a trie and without looking further than needed.

#include "core/web/html/html_entities.hpp"

#include "core/web/ascii.hpp"
#include "core/web/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace trawl::web {
namespace {

struct NamedReference {
  std::string_view name;  // with ';' where it belongs to the name
  char32_t first;
  char32_t second;  // 0 when there is none
};

constexpr NamedReference named_references[] = {
#include "core/web/html/html_entities_table.inc"
};

// Windows-1252 for 0x80 to 0x9F; 0 where the number stands for itself.
constexpr std::array<char16_t, 32> c1_replacements = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

// The longest name that `text` begins with, or null. Ranges by the first letter are found by the
// same halving as every other letter: about eleven steps, and only for text after an '&'.
const NamedReference* longest_name(std::string_view text) {
  const NamedReference* low = std::begin(named_references);
  const NamedReference* high = std::end(named_references);
  const NamedReference* found = nullptr;
  for (std::size_t length = 0; length < text.size(); ++length) {
    const char c = text[length];
    if (!ascii::is_alnum(c) && c != ';') break;
    // Every name of the range shares the first `length` bytes; a shorter one sorts first.
    const auto byte = [length](const NamedReference& entry) {
      return length < entry.name.size() ? static_cast<unsigned char>(entry.name[length]) : 0U;
    };
    const auto wanted = static_cast<unsigned char>(c);
    low = std::partition_point(low, high, [&](const auto& entry) { return byte(entry) < wanted; });
    high =
        std::partition_point(low, high, [&](const auto& entry) { return byte(entry) <= wanted; });
    if (low == high) break;
    if (low->name.size() == length + 1) found = low;
  }
  return found;
}

char32_t numeric_scalar(char32_t number) {
  if (number == 0 || number > 0x10FFFF || (number >= 0xD800 && number <= 0xDFFF)) return 0xFFFD;
  if (number >= 0x80 && number <= 0x9F) {
    const char16_t replacement = c1_replacements[number - 0x80];
    return replacement == 0 ? number : replacement;
  }
  return number;
}

std::size_t append_numeric(std::string& out, std::string_view text) {
  std::size_t at = 2;  // after "&#"
  const bool hex = at < text.size() && (text[at] | 0x20) == 'x';
  if (hex) ++at;
  const std::size_t digits = at;
  char32_t number = 0;
  for (; at < text.size(); ++at) {
    const int value = hex                         ? ascii::hex_value(text[at])
                      : ascii::is_digit(text[at]) ? text[at] - '0'
                                                  : -1;
    if (value < 0) break;
    number = number * (hex ? 16 : 10) + static_cast<char32_t>(value);
    number = std::min<char32_t>(number, 0x110000);  // any number beyond is as wrong
  }
  if (at == digits) return 0;
  if (at < text.size() && text[at] == ';') ++at;
  utf8::append(out, numeric_scalar(number));
  return at;
}

}  // namespace

std::size_t append_reference(std::string& out, std::string_view text, ReferencePlace place) {
  if (text.size() < 2) return 0;
  if (text.starts_with("&amp;")) {  // nearly all that URLs have
    out.push_back('&');
    return 5;
  }
  if (text[1] == '#') return append_numeric(out, text);
  if (!ascii::is_alnum(text[1])) return 0;
  const NamedReference* found = longest_name(text.substr(1));
  if (found == nullptr) return 0;
  const std::size_t length = 1 + found->name.size();
  if (place == ReferencePlace::attribute && found->name.back() != ';' && length < text.size() &&
      (text[length] == '=' || ascii::is_alnum(text[length]))) {
    return 0;
  }
  utf8::append(out, found->first);
  if (found->second != 0) utf8::append(out, found->second);
  return length;
}

void append_decoded(std::string& out, std::string_view raw, ReferencePlace place) {
  std::size_t plain = 0;  // start of what is copied as it is
  std::size_t at = 0;
  const auto flush = [&] { out.append(raw.substr(plain, at - plain)); };
  while (at < raw.size()) {
    const char c = raw[at];
    if (c == '&') {
      flush();
      const std::size_t length = append_reference(out, raw.substr(at), place);
      plain = at + length;
      at += std::max<std::size_t>(length, 1);
    } else if (c == '\r') {
      flush();
      out.push_back('\n');
      at += at + 1 < raw.size() && raw[at + 1] == '\n' ? 2U : 1U;
      plain = at;
    } else if (c == '\0') {
      flush();
      out.append(utf8::replacement);
      plain = ++at;
    } else {
      ++at;
    }
  }
  flush();
}

}  // namespace trawl::web
