// As Chromium, curl and wget have it; the URL standard would have U+FFFD in place of such bytes.
#include "core/crawl/scope/location.hpp"

#include "core/web/utf8.hpp"

#include <fmt/format.h>

#include <string>

namespace trawl::crawl {

Result<web::Url> parse_location(std::string_view location, const web::Url& base) {
  if (web::utf8::is_valid(location)) return web::Url::parse(location, &base);
  std::string escaped;
  for (const char c : location) {
    const auto byte = static_cast<unsigned char>(c);
    byte < 0x80 ? void(escaped += c) : void(escaped += fmt::format("%{:02X}", byte));
  }
  return web::Url::parse(escaped, &base);
}

}  // namespace trawl::crawl
