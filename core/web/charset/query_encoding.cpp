// Only queries with characters beyond ASCII are touched, and in them only what the encoding
// changes; the URL parser does the rest as for any link. One encoder writes a whole query:
// ISO-2022-JP says only where its characters begin and end.
#include "core/web/charset/query_encoding.hpp"

#include "core/web/ascii.hpp"

#include <fmt/format.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace trawl::web {
namespace {

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

// The bytes that a query may hold as they are (URL standard: not in the special-query set).
bool is_plain(unsigned char byte) {
  return byte > 0x20 && byte < 0x7F && byte != '"' && byte != '#' && byte != '<' && byte != '>' &&
         byte != '\'';
}

// What the URL parser takes out (URL standard, section 4.4), which is no text to switch sets for.
bool is_removed(char c) {
  return c == '\t' || c == '\n' || c == '\r';
}

std::string_view without_end(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= 0x20) text.remove_suffix(1);
  return text;
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

QueryEncoder::QueryEncoder(std::string_view charset) : charset_(charset) {
  if (!charset.empty() && charset != "UTF-8" && !charset.starts_with("UTF-16") &&
      charset != "replacement")
    encoder_.emplace(charset);
}

std::string_view QueryEncoder::encode(std::string_view url) {
  if (!encoder_) return url;
  const std::size_t hash = std::min(url.find('#'), url.size());
  const std::size_t query = std::min(url.find('?'), hash);
  std::string_view rest = url.substr(query, hash - query);
  if (!needs_encoding(rest, charset_) || has_other_scheme(url)) return url;
  if (hash == url.size()) rest = without_end(rest);
  out_ = url.substr(0, query);
  while (!rest.empty()) {
    if (is_switch(rest.front(), charset_)) {
      append(0xFFFD);
      rest.remove_prefix(1);
    } else if (!is_removed(rest.front())) {
      append(take_character(rest));
    } else {
      rest.remove_prefix(1);
    }
  }
  bytes_.clear();
  encoder_->finish(bytes_);
  append_bytes();
  return out_.append(url.substr(hash));
}

void QueryEncoder::append(char32_t character) {
  bytes_.clear();
  const bool encoded = encoder_->append(character, bytes_);
  append_bytes();
  if (!encoded)
    fmt::format_to(std::back_inserter(out_), "%26%23{}%3B", static_cast<std::uint32_t>(character));
}

void QueryEncoder::append_bytes() {
  for (const char c : bytes_) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_plain(byte))
      out_.push_back(c);
    else
      fmt::format_to(std::back_inserter(out_), "%{:02X}", byte);
  }
}

}  // namespace trawl::web
