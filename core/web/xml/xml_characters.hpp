#pragma once
// Characters of XML that is in UTF-8 (XML 1.0, section 2.2 and 2.3), as far as a repair tells them
// apart.

#include "core/web/ascii.hpp"

namespace trawl::web::xml {

constexpr bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
}
constexpr bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
// Of ASCII; no name that trawl looks for has others.
constexpr bool begins_name(char c) {
  return ascii::is_alpha(c) || c == '_';
}
constexpr bool is_in_name(char c) {
  return begins_name(c) || ascii::is_digit(c) || c == '-' || c == '.';
}

}  // namespace trawl::web::xml
