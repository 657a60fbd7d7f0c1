// Recursive descent, a method a production of the grammar (Selectors Level 4, section 18).
#include "core/web/css_selector.hpp"

#include "core/web/ascii.hpp"
#include "core/web/css_step.hpp"
#include "core/web/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace trawl::web {
namespace {

constexpr std::size_t selector_bytes_max = 2048;
constexpr int nesting_max = 8;
constexpr int nth_max = 1'000'000;

using css::Compound;
using css::Nth;

struct Place {
  std::string_view name;
  std::vector<Nth> places;
};

const std::vector<Nth>* named_place(std::string_view name) {
  static const std::array<Place, 6> all{{
      {"first-child", {{.b = 1}}},
      {"last-child", {{.b = 1, .from_end = true}}},
      {"only-child", {{.b = 1}, {.b = 1, .from_end = true}}},
      {"first-of-type", {{.b = 1, .of_type = true}}},
      {"last-of-type", {{.b = 1, .from_end = true, .of_type = true}}},
      {"only-of-type", {{.b = 1, .of_type = true}, {.b = 1, .from_end = true, .of_type = true}}},
  }};
  const auto found = std::ranges::find(all, name, &Place::name);
  return found == all.end() ? nullptr : &found->places;
}

// Thrown and caught within this file.
struct Wrong {
  std::string message;
  std::size_t at;
};

class SelectorParser {
 public:
  explicit SelectorParser(std::string_view text) : text_(text) {}

  std::string whole() {
    std::string all;
    do {
      skip_space();
      all += (all.empty() ? "" : " | ") + complex("//", true);
    } while (take(','));
    if (!at_end()) fail("a combinator, a comma or the end is expected here");
    return all;
  }

 private:
  [[noreturn]] void fail(std::string message) const { throw Wrong{std::move(message), at_}; }
  bool at_end() const { return at_ == text_.size(); }
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool take(char c) {
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool take(std::string_view words) {
    if (!text_.substr(at_).starts_with(words)) return false;
    at_ += words.size();
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail(fmt::format("'{}' is expected here", c));
  }
  bool skip_space() {
    const std::size_t before = at_;
    while (ascii::is_space(peek())) ++at_;
    return at_ > before;
  }

  // Compounds with combinators between them. start: the axis of the first.
  std::string complex(std::string_view start, bool whole) {
    std::string path{start};
    bool over_children = !start.contains("sibling");
    for (;;) {
      path += css::step_of(compound(), over_children);
      if (whole && take("::")) return path + pseudo_element();
      const bool space = skip_space();
      if (at_end() || peek() == ',' || peek() == ')') return path;
      const char sign = peek();
      if (sign != '>' && sign != '+' && sign != '~' && !space) return path;
      path += axis();
      over_children = sign != '+' && sign != '~';
    }
  }

  // Of a combinator; the white space before it has been passed.
  std::string_view axis() {
    const std::string_view axis = take('>')   ? "/"
                                  : take('+') ? "/following-sibling::*[1]/self::"
                                  : take('~') ? "/following-sibling::"
                                              : "//";
    skip_space();
    return axis;
  }

  Compound compound() {
    Compound found;
    const std::size_t before = at_;
    if (!take('*') && is_name_start()) found.name = ascii::lowered(identifier());
    if (peek() == '|') fail("namespaces are not known here");
    while (!at_end()) {
      if (take('.')) {
        const std::string word = css::literal(fmt::format(" {} ", identifier()));
        found.conditions.push_back(
            fmt::format("contains(concat(' ', normalize-space(@class), ' '), {})", word));
      } else if (take('#')) {
        found.conditions.push_back(fmt::format("@id = {}", css::literal(identifier())));
      } else if (take('[')) {
        found.conditions.push_back(attribute_condition());
      } else if (peek() == ':' && peek(1) != ':') {
        ++at_;
        pseudo_class(found);
      } else {
        break;
      }
    }
    const bool text_of_any = peek() == ':' && peek(1) == ':';
    if (at_ == before && !text_of_any)
      fail("an element, #id, .class, [attribute] or : is expected here");
    return found;
  }

  // Behind the bracket.
  std::string attribute_condition() {
    skip_space();
    const std::string name = css::attribute(ascii::lowered(identifier()));
    skip_space();
    if (take(']')) return name;
    const char kind = peek();
    if (kind != '=' && !at_end()) ++at_;
    if (!std::string_view{"=~|^$*"}.contains(kind) || !take('='))
      fail("one of = ~= |= ^= $= *= or ] is expected here");
    skip_space();
    std::string value = peek() == '"' || peek() == '\'' ? quoted() : identifier();
    skip_space();
    std::string of = name;
    if (take('i') || take('I')) {
      of = fmt::format("translate({}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')",
                       name);
      value = ascii::lowered(value);
    } else if (!take('s')) {
      take('S');
    }
    skip_space();
    expect(']');
    return comparison(kind, of, value);
  }

  static std::string comparison(char kind, const std::string& of, const std::string& value) {
    const std::string text = css::literal(value);
    if (kind == '=') return fmt::format("{} = {}", of, text);
    if (kind == '|')
      return fmt::format("{0} = {1} or starts-with({0}, {2})", of, text, css::literal(value + "-"));
    const bool is_word = !std::ranges::any_of(value, ascii::is_space);
    if (value.empty() || (kind == '~' && !is_word)) return "false()";  // section 6.2: nothing
    if (kind == '~')
      return fmt::format("contains(concat(' ', normalize-space({}), ' '), {})", of,
                         css::literal(fmt::format(" {} ", value)));
    if (kind == '^') return fmt::format("starts-with({}, {})", of, text);
    if (kind == '*') return fmt::format("contains({}, {})", of, text);
    return fmt::format("substring({0}, string-length({0}) - string-length({1}) + 1) = {1}", of,
                       text);
  }

  // Behind the colon.
  void pseudo_class(Compound& found) {
    const std::size_t before = at_;
    const std::string name = ascii::lowered(identifier());
    if (const auto* places = named_place(name)) {
      found.places.insert(found.places.end(), places->begin(), places->end());
    } else if (name == "empty") {
      found.conditions.emplace_back("not(*) and not(text())");
    } else if (name == "root") {
      found.conditions.emplace_back("not(parent::*)");
    } else if (name == "any-link" || name == "link") {
      found.conditions.emplace_back("@href and (self::a or self::area)");
    } else if (take('(')) {
      function(found, name, before);
      skip_space();
      expect(')');
    } else {
      unknown(name, before);
    }
  }

  [[noreturn]] void unknown(std::string_view name, std::size_t where) {
    at_ = where;
    fail(fmt::format(":{} is not known here; docs/extract.md lists what is", name));
  }

  void function(Compound& found, std::string_view name, std::size_t where) {
    skip_space();
    if (name.starts_with("nth-")) {
      Nth nth{.from_end = name.contains("last"), .of_type = name.ends_with("of-type")};
      if (name != "nth-child" && name != "nth-last-child" && name != "nth-of-type" &&
          name != "nth-last-of-type")
        unknown(name, where);
      read_nth(nth);
      found.places.push_back(nth);
    } else if (name == "not") {
      found.conditions.push_back(fmt::format("not({})", any_of_list()));
    } else if (name == "is" || name == "where") {
      found.conditions.push_back(any_of_list());
    } else if (name == "has") {
      found.conditions.push_back(relative_list());
    } else if (name == "contains") {
      found.conditions.push_back(
          fmt::format("contains(., {})",
                      css::literal(peek() == '"' || peek() == '\'' ? quoted() : identifier())));
    } else {
      unknown(name, where);
    }
  }

  void enter() {
    if (++nesting_ > nesting_max) fail("parentheses are nested too deep");
  }

  std::string any_of_list() {
    enter();
    std::string all;
    do {
      skip_space();
      all += (all.empty() ? "" : " or ") + fmt::format("({})", css::condition_of(compound()));
      skip_space();
    } while (take(','));
    if (peek() != ')') fail("within :not() and :is() only one element at a time can be described");
    --nesting_;
    return all;
  }

  std::string relative_list() {
    enter();
    std::string all;
    do {
      skip_space();
      const char sign = peek();
      std::string start{"."};
      start += axis();
      all += (all.empty() ? "" : " or ") + complex(start, false);
      if (sign == ',') fail("an element is expected here");
    } while (take(','));
    --nesting_;
    return all;
  }

  // The microsyntax An+B (CSS Syntax Level 3, section 6).
  void read_nth(Nth& nth) {
    if (take("odd")) {
      nth.a = 2, nth.b = 1;
    } else if (take("even")) {
      nth.a = 2;
    } else {
      const int sign = take('-') ? -1 : (take('+'), 1);
      const auto number = digits();
      if (take('n') || take('N')) {
        nth.a = sign * number.value_or(1);
        skip_space();
        if (peek() == '+' || peek() == '-') {
          const int side = text_[at_++] == '-' ? -1 : 1;
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
    // Of all places.
    if (nth.a == 0 && nth.b <= 0) nth.b = 0;
  }

  std::optional<int> digits() {
    if (!ascii::is_digit(peek())) return std::nullopt;
    int value = 0;
    while (ascii::is_digit(peek())) value = std::min(nth_max, value * 10 + (text_[at_++] - '0'));
    return value;
  }

  // Behind the two colons.
  std::string pseudo_element() {
    const std::size_t before = at_;
    const std::string name = ascii::lowered(identifier());
    std::string found;
    if (name == "text") {
      found = "/text()";
    } else if (name == "attr" && take('(')) {
      skip_space();
      found = "/" + css::attribute(ascii::lowered(identifier()));
      skip_space();
      expect(')');
    } else {
      at_ = before;
      fail(fmt::format("::{} is not known here; ::text and ::attr(name) are", name));
    }
    skip_space();
    return found;
  }

  bool is_name_start() const {
    const char c = peek();
    return ascii::is_alpha(c) || c == '_' || c == '-' || c == '\\' || (c & 0x80) != 0;
  }

  std::string identifier() {
    std::string name;
    while (!at_end()) {
      const char c = peek();
      if (c == '\\') {
        ++at_;
        escape(name);
      } else if (ascii::is_alnum(c) || c == '_' || c == '-' || (c & 0x80) != 0) {
        name += c;
        ++at_;
      } else {
        break;
      }
    }
    if (name.empty()) fail("a name is expected here");
    return name;
  }

  std::string quoted() {
    const char quote = text_[at_++];
    std::string value;
    while (!at_end() && peek() != quote) {
      if (take('\\'))
        escape(value);
      else
        value += text_[at_++];
    }
    expect(quote);
    return value;
  }

  // Behind the backslash (CSS Syntax Level 3, section 4.3.7).
  void escape(std::string& out) {
    if (at_end()) fail("a character is expected behind the backslash");
    if (ascii::hex_value(peek()) < 0) {
      out += text_[at_++];
      return;
    }
    char32_t scalar = 0;
    for (int n = 0; n < 6 && ascii::hex_value(peek()) >= 0; ++n)
      scalar = scalar * 16 + static_cast<char32_t>(ascii::hex_value(text_[at_++]));
    if (ascii::is_space(peek())) ++at_;
    const bool is_character = scalar >= 0x20 && (scalar & ~1U) != 0xFFFE;
    utf8::append(out, is_character ? scalar : U'\uFFFD');
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int nesting_ = 0;
};

}  // namespace

Result<std::string> selector_as_xpath(std::string_view selector) {
  const auto wrong = std::ranges::find_if(selector, [](char c) {
    return static_cast<unsigned char>(c) < 0x20 && (c == '\f' || !ascii::is_space(c));
  });
  if (wrong != selector.end() || !utf8::is_valid(selector) || selector.contains("\xEF\xBF\xBE") ||
      selector.contains("\xEF\xBF\xBF"))
    return fail(Errc::usage, "there are bytes in it that are no characters of a text in UTF-8");
  if (selector.size() > selector_bytes_max)
    return fail(Errc::usage,
                fmt::format("the selector is longer than {} bytes", selector_bytes_max));
  try {
    return SelectorParser{selector}.whole();
  } catch (const Wrong& wrong) {
    return fail(Errc::usage, fmt::format("at character {}: {}", wrong.at + 1, wrong.message));
  }
}

}  // namespace trawl::web
