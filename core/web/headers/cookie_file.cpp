// A file may come from anywhere, so a cookie of it is held to what a server could have set.
#include "core/web/headers/cookie_file.hpp"

#include "core/base/limits.hpp"
#include "core/web/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace trawl::web {
namespace {

constexpr std::string_view http_only_mark = "#HttpOnly_";
constexpr std::size_t fields_per_line = 7;

using Fields = std::array<std::string_view, fields_per_line>;

// An empty value may have been cut off with its tab.
std::optional<Fields> fields_of(std::string_view line) {
  Fields fields;
  std::size_t count = 0;
  for (std::string_view rest = line; count < fields.size(); ++count) {
    const auto tab = rest.find('\t');
    fields[count] = rest.substr(0, tab);
    if (tab == rest.npos) {
      ++count;
      break;
    }
    rest.remove_prefix(tab + 1);
    if (count == fields.size() - 1) return std::nullopt;  // an eighth field
  }
  return count >= fields.size() - 1 ? std::optional{fields} : std::nullopt;
}

std::optional<bool> flag_of(std::string_view field) {
  if (ascii::equals(field, "true")) return true;
  return ascii::equals(field, "false") ? std::optional{false} : std::nullopt;
}

// Browsers' tools write fractions and times beyond every calendar.
std::optional<std::optional<Wall>> expiry_of(std::string_view field) {
  double seconds = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), seconds);
  if (error != std::errc{} || end != field.data() + field.size() || !(seconds >= 0))
    return std::nullopt;
  if (seconds < 1) return std::optional<Wall>{};
  constexpr double seconds_max = 253'402'300'799.0;  // the end of the year 9999
  const auto whole = static_cast<std::int64_t>(std::min(seconds, seconds_max));
  return std::optional{Wall{std::chrono::seconds{whole}}};
}

bool is_clean(std::string_view text) {
  return std::ranges::none_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}

// A host as a URL has it, addresses included.
bool is_host(std::string_view text) {
  return !text.empty() && !text.starts_with('.') && std::ranges::all_of(text, [](char c) {
    return ascii::is_alnum(c) || std::string_view{"-._:[]"}.contains(c);
  });
}

std::optional<Cookie> cookie_of(std::string_view line) {
  Cookie cookie;
  if (line.starts_with(http_only_mark)) {
    cookie.http_only = true;
    line.remove_prefix(http_only_mark.size());
  }
  const auto fields = fields_of(line);
  if (!fields) return std::nullopt;
  auto [domain, subdomains, path, secure, expires, name, value] = *fields;
  const auto for_subdomains = flag_of(subdomains), is_secure = flag_of(secure);
  const auto expiry = expiry_of(expires);
  if (!for_subdomains || !is_secure || !expiry) return std::nullopt;
  if (domain.starts_with('.')) domain.remove_prefix(1);
  const bool right = is_host(domain) && path.starts_with('/') && !name.empty() &&
                     !name.contains(';') && !name.contains('=') && !value.contains(';') &&
                     is_clean(path) && is_clean(name) && is_clean(value) &&
                     name.size() + value.size() <= limits::cookie_bytes_max &&
                     path.size() <= limits::cookie_attribute_bytes_max;
  if (!right) return std::nullopt;
  cookie.name = name;
  cookie.value = value;
  cookie.domain = ascii::lowered(domain);
  cookie.path = path;
  cookie.expires = *expiry;
  cookie.host_only = !*for_subdomains;
  cookie.secure = *is_secure;
  return cookie;
}

}  // namespace

CookieFile parse_cookie_file(std::string_view text) {
  CookieFile file;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // a byte order mark
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    const bool comment = line.starts_with('#') && !line.starts_with(http_only_mark);
    if (comment || ascii::trim(line).empty()) continue;
    if (auto cookie = cookie_of(line))
      file.cookies.push_back(std::move(*cookie));
    else
      file.bad_lines.push_back(number);
  }
  return file;
}

std::optional<std::string> cookie_file_line(const Cookie& cookie) {
  if (cookie.name.contains('\t') || cookie.value.contains('\t') || cookie.path.contains('\t'))
    return std::nullopt;
  const auto seconds =
      cookie.expires
          ? std::chrono::duration_cast<std::chrono::seconds>(cookie.expires->time_since_epoch())
          : std::chrono::seconds{0};
  return fmt::format("{}{}{}\t{}\t{}\t{}\t{}\t{}\t{}\n", cookie.http_only ? http_only_mark : "",
                     cookie.host_only ? "" : ".", cookie.domain,
                     cookie.host_only ? "FALSE" : "TRUE", cookie.path,
                     cookie.secure ? "TRUE" : "FALSE", seconds.count(), cookie.name, cookie.value);
}

}  // namespace trawl::web
