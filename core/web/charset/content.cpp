// Headers lie, so the order in which the signs of an encoding are believed matters: the bytes' own
// mark, the header, the page's declaration, and then what the bytes can be.

#include "core/web/charset/content.hpp"

#include "core/web/ascii.hpp"
#include "core/web/charset/charset.hpp"
#include "core/web/utf8.hpp"

#include <algorithm>
#include <cstddef>

namespace trawl::web {
namespace {

constexpr std::size_t prescan_bytes_max = 1024;
// A declaration further down still makes a browser read the page again.
constexpr std::size_t late_declaration_bytes_max = 64 * 1024;

// RFC 9110, section 5.6.2.
bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return ascii::is_alnum(c) ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

bool is_http_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::string_view trim_http(std::string_view text) {
  while (!text.empty() && is_http_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_http_space(text.back())) text.remove_suffix(1);
  return text;
}

// Takes a quoted string from its first quote on and unescapes it (Fetch standard, collect an HTTP
// quoted string).
std::string take_quoted(std::string_view& rest) {
  std::string value;
  rest.remove_prefix(1);
  while (!rest.empty()) {
    char c = rest.front();
    rest.remove_prefix(1);
    if (c == '"') break;
    if (c == '\\' && !rest.empty()) {
      c = rest.front();
      rest.remove_prefix(1);
    }
    value.push_back(c);
  }
  return value;
}

// MIME Sniffing standard, section 3: HTTP quoted-string token code points.
bool is_parameter_value(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7F);
  });
}

// The value of the first charset parameter of ";name=value;…".
std::string charset_parameter(std::string_view rest) {
  while (!rest.empty()) {
    rest.remove_prefix(1);  // the ';'
    while (!rest.empty() && is_http_space(rest.front())) rest.remove_prefix(1);
    const std::size_t name_end = std::min(rest.find_first_of(";="), rest.size());
    const bool wanted = ascii::equals(rest.substr(0, name_end), "charset");
    rest.remove_prefix(name_end);
    if (rest.empty()) break;
    if (rest.front() == ';') continue;
    rest.remove_prefix(1);  // the '='
    std::string value;
    if (rest.starts_with('"')) {
      value = take_quoted(rest);
      rest.remove_prefix(std::min(rest.find(';'), rest.size()));
    } else {
      const std::size_t value_end = std::min(rest.find(';'), rest.size());
      value = trim_http(rest.substr(0, value_end));
      rest.remove_prefix(value_end);
    }
    if (wanted && !value.empty() && is_parameter_value(value)) return value;
  }
  return {};
}

}  // namespace

bool is_utf8_but_for_its_end(std::string_view body) {
  const std::size_t valid = utf8::valid_prefix(body);
  if (valid == body.size()) return true;
  if (body.size() - valid > 3 || static_cast<unsigned char>(body[valid]) < 0xC2) return false;
  std::string tail;
  utf8::append_repaired(tail, body.substr(valid));
  return tail == utf8::replacement;
}

MediaType parse_media_type(std::string_view header_value) {
  const std::string_view text = trim_http(header_value);
  const std::size_t end = std::min(text.find(';'), text.size());
  const std::string_view essence = trim_http(text.substr(0, end));
  const std::size_t slash = essence.find('/');
  if (slash == std::string_view::npos || !is_token(essence.substr(0, slash)) ||
      !is_token(essence.substr(slash + 1))) {
    return {};
  }
  return {ascii::lowered(essence), charset_parameter(text.substr(end))};
}

bool MediaType::is_html() const {
  return essence == "text/html" || is_xhtml();
}

bool MediaType::is_xhtml() const {
  return essence == "application/xhtml+xml";
}

bool MediaType::is_css() const {
  return essence == "text/css";
}

bool MediaType::is_xml() const {
  return essence == "text/xml" || essence == "application/xml" || essence.ends_with("+xml");
}

bool MediaType::is_svg() const {
  return essence == "image/svg+xml";
}

bool MediaType::is_unknown() const {
  return essence.empty() || essence == "unknown/unknown" || essence == "application/unknown" ||
         essence == "*/*";
}

std::string_view declared_charset(std::string_view body, std::string_view header_charset) {
  if (const auto mark = bom_charset(body); !mark.empty()) return mark;
  if (const auto named = encoding_name(header_charset); !named.empty()) return named;
  return prescan_charset(body.substr(0, prescan_bytes_max));
}

std::string_view late_charset(std::string_view body) {
  const auto late = prescan_charset(body.substr(0, late_declaration_bytes_max));
  return late.empty() ? "windows-1252" : late;
}

std::string detect_charset(std::string_view body, std::string_view header_charset) {
  const auto declared = declared_charset(body, header_charset);
  if (!declared.empty()) return std::string(declared);
  return is_utf8_but_for_its_end(body) ? "UTF-8" : std::string(late_charset(body));
}

std::string style_charset(std::string_view css, std::string_view header_charset) {
  if (const auto mark = bom_charset(css); !mark.empty()) return std::string(mark);
  if (const auto named = encoding_name(header_charset); !named.empty()) return std::string(named);
  constexpr std::string_view rule = "@charset \"";
  const std::string_view head = css.substr(0, prescan_bytes_max);
  const std::size_t close = head.find("\";", rule.size());
  if (!head.starts_with(rule) || close == std::string_view::npos) return "UTF-8";
  const auto declared = encoding_name(head.substr(rule.size(), close - rule.size()));
  // Who could read the rule did not read UTF-16.
  return declared.empty() || declared.starts_with("UTF-16") ? "UTF-8" : std::string(declared);
}

}  // namespace trawl::web
