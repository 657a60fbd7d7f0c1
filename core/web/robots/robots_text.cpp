// Sites misspell robots.txt in a few well-known ways; what is accepted here is what Google's
// published parser accepts, so that a site's owner gets the behaviour they tested for.
#include "core/web/robots/robots_text.hpp"

#include "core/base/limits.hpp"

#include <unicode/ucnv.h>

#include <algorithm>
#include <array>
#include <optional>

namespace trawl::web {
namespace {

// Google's parser drops what a line has beyond eight URLs of 2083 bytes, and rules are cut with it.
constexpr std::size_t line_bytes_max = 8 * 2083 - 1;

constexpr std::string_view blanks = " \t\v\f";

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
}

bool starts_with_ignore_case(std::string_view text, std::string_view lower_prefix) {
  if (text.size() < lower_prefix.size()) return false;
  for (std::size_t i = 0; i < lower_prefix.size(); ++i)
    if (to_lower(text[i]) != lower_prefix[i]) return false;
  return true;
}

// Longer keys ("Disallowed", "User-agents") count as their beginning.
constexpr auto spellings = std::to_array<std::pair<std::string_view, RobotsKey>>({
    {"user-agent", RobotsKey::user_agent},
    {"useragent", RobotsKey::user_agent},
    {"user agent", RobotsKey::user_agent},
    {"allow", RobotsKey::allow},
    {"disallow", RobotsKey::disallow},
    {"dissallow", RobotsKey::disallow},
    {"dissalow", RobotsKey::disallow},
    {"disalow", RobotsKey::disallow},
    {"diasllow", RobotsKey::disallow},
    {"disallaw", RobotsKey::disallow},
    {"sitemap", RobotsKey::sitemap},
    {"site-map", RobotsKey::sitemap},
    {"crawl-delay", RobotsKey::crawl_delay},
    {"crawldelay", RobotsKey::crawl_delay},
    {"crawl delay", RobotsKey::crawl_delay},
});

RobotsKey key_from(std::string_view name) {
  for (const auto& [spelling, key] : spellings)
    if (starts_with_ignore_case(name, spelling)) return key;
  return RobotsKey::unknown;
}

// "key: value # comment"; the colon may be missing when there are exactly two words.
std::optional<RobotsDirective> parse_line(std::string_view line, std::uint32_t number) {
  line = trim(line.substr(0, line.find('#')));
  if (line.empty()) return std::nullopt;
  auto separator = line.find(':');
  if (separator == std::string_view::npos) {
    separator = line.find_first_of(blanks);
    if (separator == std::string_view::npos) return std::nullopt;
    if (trim(line.substr(separator)).find_first_of(blanks) != std::string_view::npos)
      return std::nullopt;
  }
  const std::string_view name = trim(line.substr(0, separator));
  if (name.empty()) return std::nullopt;
  return RobotsDirective{key_from(name), trim(line.substr(separator + 1)), number};
}

// Broken UTF-16 gives replacement characters, which no rule or URL contains.
std::string from_utf16(std::string_view body, const char* encoding) {
  std::string utf8(body.size() / 2 * 3 + 1, '\0');
  UErrorCode status = U_ZERO_ERROR;
  const int32_t length = ucnv_convert("UTF-8", encoding, utf8.data(), int32_t(utf8.size()),
                                      body.data(), int32_t(body.size()), &status);
  utf8.resize(U_SUCCESS(status) ? std::size_t(length) : 0);
  return utf8;
}

constexpr char hex_digits[] = "0123456789ABCDEF";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_unreserved(unsigned char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

// Characters that stand for themselves in a compared path: unreserved and reserved ones of RFC 3986
// apart from the two with a meaning in rules.
constexpr std::array<bool, 256> make_plain() {
  std::array<bool, 256> plain{};
  for (const char c : std::string_view("0123456789abcdefghijklmnopqrstuvwxyz"
                                       "ABCDEFGHIJKLMNOPQRSTUVWXYZ-._~:/?#[]@!&'()+,;="))
    plain[static_cast<unsigned char>(c)] = true;
  return plain;
}
constexpr std::array<bool, 256> plain = make_plain();

void append_escaped(std::string& out, unsigned char byte) {
  out += '%';
  out += hex_digits[byte >> 4];
  out += hex_digits[byte & 15];
}

void append_normal(std::string& out, std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte != '%') {
      if (plain[byte])
        out += text[i];
      else
        append_escaped(out, byte);
      continue;
    }
    const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = high < 0 ? -1 : hex_value(text[i + 2]);
    if (low < 0) {
      out += '%';  // Not an escape: compared as it stands.
      continue;
    }
    const auto decoded = static_cast<unsigned char>(high * 16 + low);
    if (is_unreserved(decoded))
      out += char(decoded);
    else
      append_escaped(out, decoded);
    i += 2;
  }
}

}  // namespace

void each_robots_directive(std::string_view body,
                           const std::function<void(const RobotsDirective&)>& visit) {
  bool cut = false;
  if (body.size() > limits::robots_bytes_max) {
    body = body.substr(0, limits::robots_bytes_max);
    cut = true;
  }
  std::string decoded;
  if (body.starts_with("\xFF\xFE") || body.starts_with("\xFE\xFF")) {
    decoded = from_utf16(body.substr(2), body[0] == '\xFF' ? "UTF-16LE" : "UTF-16BE");
    body = decoded;
  } else {
    // Broken editors leave a part of the mark; it is never the start of a directive.
    for (const char c : std::string_view("\xEF\xBB\xBF")) {
      if (!body.starts_with(c)) break;
      body.remove_prefix(1);
    }
  }
  for (std::uint32_t number = 1; !body.empty(); ++number) {
    const auto end = body.find_first_of("\r\n");
    // Half a rule would forbid more than the site wrote.
    if (end == std::string_view::npos && cut) return;
    if (const auto directive = parse_line(body.substr(0, std::min(end, line_bytes_max)), number))
      visit(*directive);
    if (end == std::string_view::npos) return;
    body.remove_prefix(body.substr(end).starts_with("\r\n") ? end + 2 : end + 1);
  }
}

std::string normalise_robots_path(std::string_view path) {
  std::string out;
  out.reserve(path.size() + 16);
  append_normal(out, path);
  return out;
}

std::string normalise_robots_rule(std::string_view rule) {
  std::string out;
  out.reserve(rule.size() + 16);
  const bool anchored = rule.ends_with('$');
  if (anchored) rule.remove_suffix(1);
  for (;;) {
    const auto star = rule.find('*');
    append_normal(out, rule.substr(0, star));
    if (star == std::string_view::npos) break;
    out += '*';
    rule.remove_prefix(star + 1);
  }
  if (anchored) out += '$';
  return out;
}

bool is_normal_robots_path(std::string_view path) {
  return std::all_of(path.begin(), path.end(),
                     [](char c) { return plain[static_cast<unsigned char>(c)]; });
}

}  // namespace trawl::web
