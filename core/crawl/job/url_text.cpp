// Damaged lines are not parsed, so what may be a secret is told by where it stands: behind the
// first name of a field that has one, or behind an escape, which may hide such a name.
#include "core/crawl/job/url_text.hpp"

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
  const auto colon = text.find(':');
  std::size_t begin = 0;  // of what may be a user and a password
  if (colon != text.npos && text.find_first_of("/\\", colon) == colon + 1)
    begin = std::min(text.find_first_not_of("/\\", colon + 1), text.size());
  const auto end = std::min(text.find_first_of("/?#", begin), text.size());
  const std::string_view authority = std::string_view{text}.substr(begin, end - begin);
  const auto password = authority.find(':');
  const auto at = text.rfind('@');
  const bool is_port =
      password == authority.npos ||
      authority.substr(password + 1).find_first_not_of("0123456789") == authority.npos;
  // A password may have in it what ends an authority; then this is no URL.
  if (!authority.contains('@') && !is_port && at != text.npos && at > begin)
    text.erase(begin, at + 1 - begin);
  else
    erase_userinfo(text, begin, "/?#");
  return text;
}

namespace {

// Of each word, and of each text in JSON.
std::string without_users(std::string_view line) {
  std::string shown;
  while (!line.empty()) {
    const auto end = std::min(line.find_first_of(" \t\"", 1), line.size());
    const bool delimited = std::string_view{" \t\""}.contains(line.front());
    shown.append(line.substr(0, delimited ? 1 : 0));
    shown.append(
        without_user(std::string{line.substr(delimited ? 1 : 0, end - (delimited ? 1 : 0))}));
    line.remove_prefix(end);
  }
  return shown;
}

}  // namespace

std::string line_shown(std::string_view line) {
  return printable(without_users(line.substr(0, line_shown_bytes_max)));
}

std::string line_excerpt(std::string_view line, std::string_view where) {
  const std::string lowered = web::ascii::lowered(line);
  std::size_t end = std::min(line.size(), excerpt_bytes_max);
  for (const std::string_view mark : {"header", "body", "\\"})
    end = std::min(end, lowered.find(mark));
  std::string shown = without_users(line.substr(0, end));
  if (end == line.size()) return shown;
  // What was cut in the middle of an authority may have cut the sign off that tells a password.
  const auto last = shown.rfind("://");
  if (last != shown.npos && shown.find_first_of(authority_ends, last + 3) == shown.npos)
    shown.resize(last + 3);
  return fmt::format("{}… ({})", shown, where);
}

}  // namespace trawl::crawl
