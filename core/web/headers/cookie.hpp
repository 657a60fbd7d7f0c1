#pragma once
// One Set-Cookie line as a value (RFC 6265bis, sections 5.1.1 and 5.6), and the cookie that a jar
// makes of it.

#include "core/base/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trawl::web {

struct SetCookie {
  std::string name;
  std::string value;
  std::string domain;           // lower-case, without a leading dot; empty: the host alone
  std::string path;             // empty: the default path
  std::optional<Wall> expires;  // absent: with the session; in the past: the cookie is to go
  bool secure = false;
  bool http_only = false;
};

// Absent when the line sets no cookie: without a name, with control characters, too long. A
// nameless cookie is refused as in RFC 6265, 5.2, and unlike RFC 6265bis: sent back, its bare value
// could pass for any other cookie.
std::optional<SetCookie> parse_set_cookie(std::string_view line, Wall now);

// RFC 6265bis, 5.1.1: any date that has a time, a day, a month and a year.
std::optional<Wall> parse_cookie_date(std::string_view text);

// A cookie in a jar, one for each name, domain, path and host_only.
struct Cookie {
  std::string name;
  std::string value;
  std::string domain;  // the host as a URL has it, or the domain whose hosts get it too
  std::string path;
  std::optional<Wall> expires;
  bool host_only = true;
  bool secure = false;
  bool http_only = false;
  std::uint64_t order = 0;  // rises with the time of creation
  bool operator==(const Cookie&) const = default;
};

}  // namespace trawl::web
