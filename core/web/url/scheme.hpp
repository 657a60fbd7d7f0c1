#pragma once
// The special schemes of the URL standard, section 4.2.

#include <cstdint>
#include <string_view>

namespace trawl::web {

// scheme is lower-case and without ':'.
constexpr bool is_special_scheme(std::string_view scheme) {
  return scheme == "https" || scheme == "http" || scheme == "file" || scheme == "ftp" ||
         scheme == "wss" || scheme == "ws";
}

// 0 where a scheme has no default port.
constexpr std::uint16_t default_port(std::string_view scheme) {
  if (scheme == "https" || scheme == "wss") return 443;
  if (scheme == "http" || scheme == "ws") return 80;
  return scheme == "ftp" ? 21 : 0;
}

}  // namespace trawl::web
