// Damaged lines are not parsed, so what may be a secret is told by where it stands: behind the
// first name of a field that has one, or behind an escape, which may hide such a name.
#include "core/crawl/url_text.hpp"

#include "core/web/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trawl::crawl {
namespace {

constexpr std::size_t line_shown_bytes_max = 300;

}  // namespace

std::string without_userinfo(std::string text) {
  const auto scheme = text.find("://");
  if (scheme == std::string::npos) return text;
  const auto begin = scheme + 3;
  const auto at = text.substr(0, text.find_first_of("/?#", begin)).rfind('@');
  if (at != std::string::npos && at >= begin) text.erase(begin, at + 1 - begin);
  return text;
}

std::string line_excerpt(std::string_view line, std::string_view where) {
  const std::string lowered = web::ascii::lowered(line);
  std::size_t end = std::min(line.size(), line_shown_bytes_max);
  for (const std::string_view mark : {"header", "body", "\\"})
    end = std::min(end, lowered.find(mark));
  if (end == line.size()) return std::string{line};
  return fmt::format("{}… ({})", line.substr(0, end), where);
}

}  // namespace trawl::crawl
