#pragma once
// Base64 (RFC 4648, section 4), for bytes that travel in JSON.

#include <optional>
#include <string>
#include <string_view>

namespace trawl::service {

// Padding may be left out, line breaks may stand anywhere; nothing for other characters or a length
// that no bytes have.
std::optional<std::string> decode_base64(std::string_view text);

// With padding, in one line.
std::string encode_base64(std::string_view bytes);

}  // namespace trawl::service
