#pragma once
// UTF-8 by the Encoding standard's decoder (section 8.1): validation, repair, encoding.

#include <cstddef>
#include <string>
#include <string_view>

namespace trawl::web::utf8 {

inline constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

// The length of the longest valid prefix; text.size() when all of it is valid. Linear.
std::size_t valid_prefix(std::string_view text);
inline bool is_valid(std::string_view text) {
  return valid_prefix(text) == text.size();
}

// Appends one scalar value; anything else (surrogates, beyond U+10FFFF) becomes U+FFFD.
void append(std::string& out, char32_t scalar);

// Appends text with each maximal malformed part replaced by one U+FFFD.
void append_repaired(std::string& out, std::string_view text);

}  // namespace trawl::web::utf8
