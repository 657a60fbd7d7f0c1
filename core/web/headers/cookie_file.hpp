#pragma once
// Netscape's cookies.txt, which browsers' export tools, curl and wget read and write: a line a
// cookie, seven fields between tabs: domain, whether its hosts get it too, path, secure, expiry in
// seconds since 1970 (0: with the session), name, value. "#HttpOnly_" may stand before the domain.

#include "core/web/headers/cookie.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::web {

struct CookieFile {
  std::vector<Cookie> cookies;         // expired ones too
  std::vector<std::size_t> bad_lines;  // from 1; what is neither a cookie nor a comment
};

// Never fails; linear.
CookieFile parse_cookie_file(std::string_view text);

inline constexpr std::string_view cookie_file_heading = "# Netscape HTTP Cookie File\n";
// Its line, with the end; absent when the format can't hold it: a tab in the value.
std::optional<std::string> cookie_file_line(const Cookie& cookie);

}  // namespace trawl::web
