// Only runs of characters beyond ASCII are touched; the URL parser does the rest as for any link.
// Each character is encoded by itself: in ISO-2022-JP that writes more escapes than a browser
// would, which mean the same.
#include "core/web/query_encoding.hpp"

#include "core/web/ascii.hpp"
#include "core/web/utf8.hpp"

#include <fmt/format.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace trawl::web {
namespace {

// ICU's converters to encode with, where the one that decodes knows characters that browsers do not
// send (four bytes in GBK, the Hong Kong extensions in Big5).
struct ConverterName {
  std::string_view encoding;
  const char* icu;
};
constexpr ConverterName converter_names[] = {
    {"GBK", "windows-936-2000"},        {"Big5", "windows-950-2000"},   {"EUC-JP", "euc-jp-2007"},
    {"Shift_JIS", "ibm-943_P15A-2003"}, {"EUC-KR", "windows-949-2000"},
};

bool has_other_scheme(std::string_view url) {
  const std::size_t colon = url.find_first_of(":/?#");
  if (colon == std::string_view::npos || url[colon] != ':') return false;
  const std::string_view scheme = ascii::trim(url.substr(0, colon));
  return !ascii::equals(scheme, "http") && !ascii::equals(scheme, "https");
}

// ISO-2022-JP switches by these, so a page's own are errors (Encoding standard, section 12.2.2).
bool is_switch(char c, std::string_view charset) {
  return (c == '\x0E' || c == '\x0F' || c == '\x1B') && charset == "ISO-2022-JP";
}

bool needs_encoding(std::string_view text, std::string_view charset) {
  return std::ranges::any_of(text, [charset](char c) {
    return static_cast<unsigned char>(c) >= 0x80 || is_switch(c, charset);
  });
}

// Where the standard's encoders differ from ICU's (sections 10 and 12): what to encode instead; 0
// for what can't be.
char32_t substitute_for(char32_t character, std::string_view charset) {
  if (character == 0xE5E5 && (charset == "gb18030" || charset == "GBK")) return 0;
  const bool shift_jis = charset == "Shift_JIS";
  const bool japanese = shift_jis || charset == "EUC-JP" || charset == "ISO-2022-JP";
  if (japanese && character == 0x2212) return 0xFF0D;
  if (shift_jis || charset == "EUC-JP") {
    if (character == 0xA5) return '\\';
    if (character == 0x203E) return '~';
  }
  return character;
}

// The bytes that a query may hold as they are (URL standard: not in the special-query set).
bool is_plain(unsigned char byte) {
  return byte > 0x20 && byte < 0x7F && byte != '"' && byte != '#' && byte != '<' && byte != '>' &&
         byte != '\'';
}

// Takes the first character; U+FFFD for what is no UTF-8.
char32_t take_character(std::string_view& rest) {
  std::int32_t at = 0;
  UChar32 character = 0;
  const auto length = static_cast<std::int32_t>(std::min<std::size_t>(rest.size(), 4));
  U8_NEXT_OR_FFFD(rest.data(), at, length, character);
  rest.remove_prefix(static_cast<std::size_t>(at));
  return static_cast<char32_t>(character);
}

}  // namespace

QueryEncoder::QueryEncoder(std::string_view charset)
    : charset_(charset),
      changes_(!charset.empty() && charset != "UTF-8" && !charset.starts_with("UTF-16") &&
               charset != "replacement"),
      upper_(changes_ ? upper_half_of(charset) : nullptr) {}

std::string_view QueryEncoder::encode(std::string_view url) {
  if (!changes_) return url;
  const std::size_t hash = std::min(url.find('#'), url.size());
  const std::size_t query = std::min(url.find('?'), hash);
  std::string_view rest = url.substr(query, hash - query);
  if (!needs_encoding(rest, charset_) || has_other_scheme(url)) return url;
  out_ = url.substr(0, query);
  while (!rest.empty()) {
    if (is_switch(rest.front(), charset_)) {
      append(0xFFFD);
      rest.remove_prefix(1);
    } else if (static_cast<unsigned char>(rest.front()) < 0x80) {
      out_.push_back(rest.front());
      rest.remove_prefix(1);
    } else {
      append(take_character(rest));
    }
  }
  return out_.append(url.substr(hash));
}

void QueryEncoder::append(char32_t character) {
  bytes_.clear();
  if (!append_bytes(character)) {
    fmt::format_to(std::back_inserter(out_), "%26%23{}%3B", static_cast<std::uint32_t>(character));
    return;
  }
  for (const char c : bytes_) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_plain(byte))
      out_.push_back(c);
    else
      fmt::format_to(std::back_inserter(out_), "%{:02X}", byte);
  }
}

// False when the encoding lacks the character.
bool QueryEncoder::append_bytes(char32_t character) {
  character = substitute_for(character, charset_);
  if (character == 0) return false;
  if (character < 0x80) {
    bytes_.push_back(static_cast<char>(character));
    return true;
  }
  if (upper_ != nullptr) {
    const auto found = std::ranges::find(*upper_, static_cast<char16_t>(character));
    if (character > 0xFFFF || character == 0xFFFD || found == upper_->end()) return false;
    bytes_.push_back(static_cast<char>(0x80 + (found - upper_->begin())));
    return true;
  }
  UErrorCode status = U_ZERO_ERROR;
  if (!converter_) {
    std::string name(charset_);
    for (const ConverterName& choice : converter_names) {
      if (choice.encoding == charset_) name = choice.icu;
    }
    converter_ = open_converter(name.c_str());
    ucnv_setFallback(converter_.get(), false);
    ucnv_setFromUCallBack(converter_.get(), UCNV_FROM_U_CALLBACK_STOP, nullptr, nullptr, nullptr,
                          &status);
  }
  UChar units[2];
  std::int32_t count = 0;
  U16_APPEND_UNSAFE(units, count, static_cast<UChar32>(character));
  char encoded[32];
  const std::int32_t length =
      ucnv_fromUChars(converter_.get(), encoded, sizeof encoded, units, count, &status);
  if (U_FAILURE(status) || length <= 0) return false;
  bytes_.append(encoded, static_cast<std::size_t>(length));
  return true;
}

}  // namespace trawl::web
