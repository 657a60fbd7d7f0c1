#pragma once
// robots.txt as text: bytes to lines to directives, as lenient as the large crawlers are.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace trawl::web {

enum class RobotsKey : std::uint8_t { user_agent, allow, disallow, crawl_delay, sitemap, unknown };

struct RobotsDirective {
  RobotsKey key = RobotsKey::unknown;
  std::string_view value;  // trimmed; may be empty
  std::uint32_t line = 0;  // 1-based
};

// Calls visit for every directive of a file in order. body: raw bytes; only the whole lines within
// limits::robots_bytes_max are read. UTF-8 and UTF-16 byte order marks are obeyed.
void each_robots_directive(std::string_view body,
                           const std::function<void(const RobotsDirective&)>& visit);

// The form in which paths are compared (RFC 9309 2.2.2): octets that need no percent-encoding are
// plain, all others are %XX in upper case. '*' and '$' of a path become %2A and %24, so that they
// never meet the special characters of a rule.
std::string normalise_robots_path(std::string_view path);
// The same for a rule: '*' and a final '$' keep their meaning.
std::string normalise_robots_rule(std::string_view rule);
// Whether normalise_robots_path would change nothing; lets the common path go without a copy.
bool is_normal_robots_path(std::string_view path);

}  // namespace trawl::web
