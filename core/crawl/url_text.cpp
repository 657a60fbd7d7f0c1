// Damaged lines are not parsed, so what may be a secret is told by where it stands: behind the
// first name of a field that has one, or behind an escape, which may hide such a name.
#include "core/crawl/url_text.hpp"

#include "core/base/log.hpp"
#include "core/web/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trawl::crawl {
namespace {

constexpr std::size_t excerpt_bytes_max = 300;
constexpr std::size_t line_shown_bytes_max = 2048;
constexpr std::string_view authority_ends = "/?#\"";  // in JSON

// begin: behind "://".
void erase_userinfo(std::string& text, std::size_t begin, std::string_view ends) {
  const auto at = text.substr(0, text.find_first_of(ends, begin)).rfind('@');
  if (at != std::string::npos && at >= begin) text.erase(begin, at + 1 - begin);
}

}  // namespace

std::string without_userinfo(std::string text) {
  const auto scheme = text.find("://");
  if (scheme != std::string::npos) erase_userinfo(text, scheme + 3, "/?#");
  return text;
}

std::string without_user(std::string text) {
  const auto scheme = text.find("://");
  erase_userinfo(text, scheme == std::string::npos ? 0 : scheme + 3, "/?#");
  return text;
}

std::string line_shown(std::string_view line) {
  return printable(without_userinfo(std::string{line.substr(0, line_shown_bytes_max)}));
}

std::string line_excerpt(std::string_view line, std::string_view where) {
  const std::string lowered = web::ascii::lowered(line);
  std::size_t end = std::min(line.size(), excerpt_bytes_max);
  for (const std::string_view mark : {"header", "body", "\\"})
    end = std::min(end, lowered.find(mark));
  std::string shown{line.substr(0, end)};
  for (auto at = shown.find("://"); at != shown.npos; at = shown.find("://", at + 3))
    erase_userinfo(shown, at + 3, authority_ends);
  if (end == line.size()) return shown;
  // What was cut in the middle of an authority may have cut the sign off that tells a password.
  const auto last = shown.rfind("://");
  if (last != shown.npos && shown.find_first_of(authority_ends, last + 3) == shown.npos)
    shown.resize(last + 3);
  return fmt::format("{}… ({})", shown, where);
}

}  // namespace trawl::crawl
