#pragma once
// Percent-encoding with the sets of the URL standard, section 1.3.

#include <cstdint>
#include <string>
#include <string_view>

namespace trawl::web {

// Which bytes are written as %XX; bytes above 0x7E are in every set.
enum class EncodeSet : std::uint8_t { c0_control, fragment, query, special_query, path, userinfo };

void append_encoded(std::string& out, std::string_view text, EncodeSet set);

// Decodes every %XX; a % that two hex digits don't follow stays as it is.
void append_decoded(std::string& out, std::string_view text);

// Escapes as canonical URLs have them (RFC 3986, sections 6.2.2.1 and 6.2.2.2): those of unreserved
// characters are decoded, all others are in upper case.
void append_normalised(std::string& out, std::string_view text);

// The value of a hex digit, or -1.
int hex_value(char c);

// RFC 3986, section 2.3: letters, digits and -._~ mean the same with and without encoding.
bool is_unreserved(unsigned char c);

}  // namespace trawl::web
