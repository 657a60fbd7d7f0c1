// Only a tokenizer can tell url(a) from "url(a)" in a string or comment, so this is one, cut down
// to the tokens that can hold or hide a URL. Whatever is malformed yields no link, as the standard
// drops bad strings and bad URLs; what the sheet's end cuts still counts.

#include "core/web/links/css.hpp"

#include "core/base/limits.hpp"
#include "core/web/ascii.hpp"
#include "core/web/byte_scan.hpp"
#include "core/web/links/links.hpp"
#include "core/web/utf8.hpp"

#include <array>
#include <cstdint>

namespace trawl::web {
namespace {

enum Class : std::uint8_t { other, name, special };

// What the scanner must stop at (special), what belongs to names, and all the rest.
constexpr std::array<Class, 256> class_of = [] {
  std::array<Class, 256> table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    const char c = static_cast<char>(i);
    if (ascii::is_alnum(c) || c == '-' || c == '_' || i >= 0x80 || c == '\\') table[i] = name;
  }
  for (const char c : {'"', '\'', '/', '@', '#', ';', '{', '}'}) {
    table[static_cast<unsigned char>(c)] = special;
  }
  return table;
}();

Class classify(char c) {
  return class_of[static_cast<unsigned char>(c)];
}
bool is_newline(char c) {
  return c == '\n' || c == '\r' || c == '\f';
}

bool is_non_printable(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= 8 || byte == 0x0B || (byte >= 0x0E && byte <= 0x1F) || byte == 0x7F;
}

bool names(std::string_view text, std::string_view wanted) {
  if (text.find('\\') == std::string_view::npos) return ascii::equals(text, wanted);
  // The longest escape of a letter has eight bytes; anything longer is another name.
  return text.size() <= 8 * wanted.size() && ascii::equals(unescape_css(text), wanted);
}

std::string_view view(const char* start, const char* stop) {
  return {start, static_cast<std::size_t>(stop - start)};
}

bool ends_in_set(const char* start, const char* stop) {
  return stop - start >= 3 && ascii::equals(view(stop - 3, stop), "set");
}

bool is_image_set(std::string_view function) {
  return names(function, "image-set") || names(function, "-webkit-image-set");
}

// False when the text has no URL: no "l(", no "set(", no "@i", and no escape that could stand for
// them.
bool may_hold_url(const char* const start, const char* const end) {
  for (const char* at = start; (at = scan::find_one_of(at, end, '(', '@', '\\')) != end; ++at) {
    if (*at == '\\') return true;
    if (*at == '(' && at != start && (ascii::lower(at[-1]) == 'l' || ends_in_set(start, at)))
      return true;
    if (*at == '@' && at + 1 != end && (ascii::lower(at[1]) == 'i' || at[1] == '\\')) return true;
  }
  return false;
}

}  // namespace

std::optional<CssUrl> CssScanner::next() {
  // Most sheets have none, or none behind the last one. Linear: up to where one may be, all is
  // read.
  if (rule_ == AtRule::none && set_depth_ == 0 && !may_hold_url(at_, end_)) at_ = end_;
  while (at_ != end_) {
    const char c = *at_;
    const Class kind = classify(c);
    if (kind == other) {
      if (set_depth_ > 0) count_parenthesis(c);
      ++at_;
    } else if (kind == name) {
      const std::string_view function = read_name();
      if (at_ == end_ || *at_ != '(') continue;
      if (!names(function, "url")) {
        if (set_depth_ == 0 && is_image_set(function)) ++set_depth_, ++at_;
        continue;
      }
      const AtRule rule = rule_;
      ++at_;
      std::optional<CssUrl> url = read_url_function();
      if (rule == AtRule::import) rule_ = AtRule::none;
      if (!url || url->text.empty() || rule == AtRule::unlinked) continue;
      url->import = rule == AtRule::import;
      return url;
    } else if (c == '"' || c == '\'') {
      std::optional<CssUrl> text = read_string();
      const bool import = rule_ == AtRule::import;
      if (!import && set_depth_ != 1) continue;  // deeper it is what type() says
      if (import) rule_ = AtRule::none;
      if (!text || text->text.empty()) continue;
      text->import = import;
      return text;
    } else if (c == '/') {
      skip_comment();
    } else if (c == '@') {
      read_at_rule();
    } else if (c == '#') {
      ++at_;
      if (at_ != end_ && classify(*at_) == name) read_name();
    } else {
      rule_ = AtRule::none;
      set_depth_ = 0;
      ++at_;
    }
  }
  return {};
}

void CssScanner::count_parenthesis(char c) {
  if (c == '(') ++set_depth_;
  if (c == ')') --set_depth_;
}

std::string_view CssScanner::read_name() {
  const char* const start = at_;
  while (at_ != end_ && classify(*at_) == name) {
    if (*at_ == '\\') {
      if (at_ + 1 == end_ || is_newline(at_[1])) {
        ++at_;  // not an escape: a lone backslash ends the name
        break;
      }
      const bool hex = ascii::hex_value(at_[1]) >= 0;
      int digits = 0;
      ++at_;
      if (!hex) ++at_;
      while (hex && digits < 6 && at_ != end_ && ascii::hex_value(*at_) >= 0) ++at_, ++digits;
      if (hex && at_ != end_ && ascii::is_space(*at_)) ++at_;
    } else {
      ++at_;
    }
  }
  return view(start, at_);
}

void CssScanner::read_at_rule() {
  ++at_;
  if (at_ == end_ || classify(*at_) != name) return;
  const std::string_view rule = read_name();
  if (names(rule, "import")) {
    rule_ = AtRule::import;
  } else {
    // The URL of @namespace names a vocabulary; nothing is fetched from it.
    rule_ = names(rule, "namespace") ? AtRule::unlinked : AtRule::none;
  }
}

void CssScanner::skip_comment() {
  ++at_;
  if (at_ == end_ || *at_ != '*') return;
  const char* close = at_ + 1;
  while (true) {
    close = scan::find(close, end_, '*');
    if (close == end_ || close + 1 == end_) {
      at_ = end_;
      return;
    }
    if (close[1] == '/') {
      at_ = close + 2;
      return;
    }
    ++close;
  }
}

// From a quote to behind its pair. Nothing when a newline breaks the string.
std::optional<CssUrl> CssScanner::read_string() {
  const char quote = *at_;
  CssUrl text;
  const char* const start = ++at_;
  for (; at_ != end_ && *at_ != quote; ++at_) {
    if (is_newline(*at_)) return {};
    if (*at_ != '\\') continue;
    text.escaped = true;
    if (++at_ == end_) break;
    if (*at_ == '\r' && at_ + 1 != end_ && at_[1] == '\n') ++at_;
  }
  text.text = view(start, at_);
  if (at_ != end_) ++at_;
  return text;
}

// From behind "url(".
std::optional<CssUrl> CssScanner::read_url_function() {
  while (at_ != end_ && ascii::is_space(*at_)) ++at_;
  if (at_ == end_) return {};
  if (*at_ != '"' && *at_ != '\'') return read_unquoted_url();
  if (set_depth_ > 0) ++set_depth_;  // its end comes by itself
  return read_string();
}

std::optional<CssUrl> CssScanner::read_unquoted_url() {
  CssUrl url;
  const char* const start = at_;
  for (; at_ != end_; ++at_) {
    const char c = *at_;
    if (c == ')' || ascii::is_space(c)) break;
    if (c == '"' || c == '\'' || c == '(' || is_non_printable(c)) {
      skip_bad_url();
      return {};
    }
    if (c != '\\') continue;
    url.escaped = true;
    if (at_ + 1 == end_) continue;
    if (is_newline(at_[1])) {
      skip_bad_url();
      return {};
    }
    // A space ends a hexadecimal escape and belongs to it.
    int digits = 0;
    while (digits < 6 && at_ + 1 != end_ && ascii::hex_value(at_[1]) >= 0) ++at_, ++digits;
    if (digits == 0 || (at_ + 1 != end_ && ascii::is_space(at_[1]))) ++at_;
  }
  url.text = view(start, at_);
  while (at_ != end_ && ascii::is_space(*at_)) ++at_;
  if (at_ == end_) return url;
  if (*at_ != ')') {
    skip_bad_url();
    return {};
  }
  ++at_;
  return url;
}

void CssScanner::skip_bad_url() {
  for (; at_ != end_; ++at_) {
    if (*at_ == ')') {
      ++at_;
      return;
    }
    if (*at_ == '\\' && at_ + 1 != end_) ++at_;
  }
}

std::string unescape_css(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = text[at++];
    if (c != '\\') {
      out.push_back(c);
      continue;
    }
    if (at == text.size()) break;
    char32_t scalar = 0;
    int digits = 0;
    for (; digits < 6 && at < text.size() && ascii::hex_value(text[at]) >= 0; ++digits) {
      scalar = scalar * 16 + static_cast<char32_t>(ascii::hex_value(text[at++]));
    }
    if (digits > 0) {
      utf8::append(out, scalar == 0 ? 0xFFFD : scalar);
      if (at < text.size() && ascii::is_space(text[at])) {
        at += text.substr(at).starts_with("\r\n") ? 2U : 1U;
      }
    } else if (is_newline(text[at])) {
      at += text.substr(at).starts_with("\r\n") ? 2U : 1U;  // a string goes on in the next line
    } else {
      out.push_back(text[at++]);
    }
  }
  return out;
}

std::vector<Link> extract_css_links(std::string_view css, const Url& base) {
  std::vector<Link> links;
  CssScanner scanner(css);
  while (links.size() < limits::links_per_page_max) {
    const std::optional<CssUrl> found = scanner.next();
    if (!found) break;
    Result<Url> url = found->escaped ? Url::parse(unescape_css(found->text), &base)
                                     : Url::parse(found->text, &base);
    if (!url || !url->is_http()) continue;
    links.push_back({.url = std::move(*url).take_href(),
                     .kind = found->import ? LinkKind::style : LinkKind::embed,
                     .tag = "css",
                     .attribute = found->import ? "import" : "url"});
  }
  return links;
}

}  // namespace trawl::web
