// A selector is short and read once, so characters are looked at one by one.
#include "core/web/select/css_scanner.hpp"

#include "core/web/ascii.hpp"
#include "core/web/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace trawl::web::css {
namespace {

constexpr int nth_max = 1'000'000;

bool is_name_character(char c) {
  return ascii::is_alnum(c) || c == '_' || c == '-' || c == '\\' || (c & 0x80) != 0;
}

}  // namespace

void CssScanner::fail(std::string message) const {
  throw Wrong{std::move(message), at_};
}

bool CssScanner::take(char c) {
  if (at_end() || text_[at_] != c) return false;
  ++at_;
  return true;
}

bool CssScanner::take(std::string_view words) {
  if (!text_.substr(at_).starts_with(words)) return false;
  at_ += words.size();
  return true;
}

bool CssScanner::take_word(std::string_view word) {
  if (ascii::lowered(text_.substr(at_, word.size())) != word) return false;
  at_ += word.size();
  return true;
}

void CssScanner::expect(char c) {
  if (!take(c)) fail(fmt::format("'{}' is expected here", c));
}

bool CssScanner::skip_space() {
  bool any = false;
  for (;; skip_comments()) {
    for (; ascii::is_space(peek()); ++at_) any = true;
    if (peek() != '/' || peek(1) != '*') return any;
  }
}

void CssScanner::skip_comments() {
  while (take("/*")) {
    const auto end = text_.find("*/", at_);
    if (end == text_.npos) fail("this comment has no end");
    at_ = end + 2;
  }
}

bool CssScanner::is_name_start() const {
  return is_name_character(peek()) && !ascii::is_digit(peek());
}

std::string CssScanner::identifier() {
  const char first = peek() == '-' ? peek(1) : peek();
  if (ascii::is_digit(first))
    fail("a name can't begin with a digit; [id=\"…\"] and [class~=\"…\"] are for such ones");
  if (!is_name_character(first)) fail("a name is expected here");
  return word();
}

std::string CssScanner::word() {
  std::string name;
  while (is_name_character(peek())) {
    if (take('\\'))
      escape(name);
    else
      name += next();
  }
  if (name.empty()) fail("a name is expected here");
  return name;
}

std::string CssScanner::quoted() {
  const char quote = next();
  std::string value;
  while (!at_end() && peek() != quote) {
    if (peek() == '\n' || peek() == '\r') fail("a text in quotes can't go over lines");
    if (!take('\\'))
      value += next();
    else if (!take("\r\n") && !take('\n') && !take('\r'))  // else it goes on in the next line
      escape(value);
  }
  expect(quote);
  return value;
}

// Behind the backslash (section 4.3.7).
void CssScanner::escape(std::string& out) {
  if (at_end()) fail("a character is expected behind the backslash");
  if (ascii::hex_value(peek()) < 0) {
    out += next();
    return;
  }
  char32_t scalar = 0;
  for (int n = 0; n < 6 && ascii::hex_value(peek()) >= 0; ++n)
    scalar = scalar * 16 + static_cast<char32_t>(ascii::hex_value(next()));
  if (ascii::is_space(peek())) ++at_;
  const bool is_character =
      scalar != 0 && scalar <= 0x10FFFF && (scalar < 0xD800 || scalar > 0xDFFF);
  utf8::append(out, is_character ? scalar : U'\uFFFD');
}

void CssScanner::read_nth(Nth& nth) {
  if (take_word("odd")) {
    nth.a = 2, nth.b = 1;
  } else if (take_word("even")) {
    nth.a = 2;
  } else {
    const int sign = take('-') ? -1 : (take('+'), 1);
    const auto number = digits();
    if (take('n') || take('N')) {
      nth.a = sign * number.value_or(1);
      skip_space();
      if (peek() == '+' || peek() == '-') {
        const int side = next() == '-' ? -1 : 1;
        skip_space();
        const auto more = digits();
        if (!more) fail("a number is expected here");
        nth.b = side * *more;
      }
    } else if (number) {
      nth.b = sign * *number;
    } else {
      fail("a number, odd, even or 2n+1 is expected here");
    }
  }
}

std::optional<int> CssScanner::digits() {
  if (!ascii::is_digit(peek())) return std::nullopt;
  int value = 0;
  while (ascii::is_digit(peek())) value = std::min(nth_max, value * 10 + (next() - '0'));
  return value;
}

}  // namespace trawl::web::css
