#pragma once
// A field of CSV (RFC 4180), with lines ended as Unix tools end them.

#include <string>
#include <string_view>

namespace trawl::service {

// Quoted where that is needed; malformed UTF-8 becomes U+FFFD.
void append_csv_field(std::string& out, std::string_view value);

}  // namespace trawl::service
