// Strict: a checksum that is cut or misspelt must not pass for one that nothing matches.
#include "core/crawl/job/checksum.hpp"

#include "core/web/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trawl::crawl {

Result<Checksum> parse_checksum(std::string_view text) {
  const auto colon = std::min(text.find_first_of(":="), text.size());
  std::string name = web::ascii::lowered(text.substr(0, colon));
  std::erase(name, '-');
  const auto algorithm = web::algorithm_from_name(name);
  if (!algorithm || colon == text.size())
    return fail(Errc::bad_url, "has to begin with \"sha256:\", \"sha512:\", \"sha1:\" or \"md5:\"");
  std::string hex = web::ascii::lowered(text.substr(colon + 1));
  const std::size_t digits = 2 * web::digest_bytes(*algorithm);
  const bool good = hex.size() == digits && std::ranges::all_of(hex, [](char c) {
                      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                    });
  if (!good) return fail(Errc::bad_url, fmt::format("has to have {} hexadecimal digits", digits));
  return Checksum{*algorithm, std::move(hex)};
}

std::string to_string(const Checksum& checksum) {
  if (checksum.empty()) return {};
  return fmt::format("{}:{}", web::to_string(checksum.algorithm), checksum.hex);
}

}  // namespace trawl::crawl
