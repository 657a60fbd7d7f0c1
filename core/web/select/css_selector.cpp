// Recursive descent, a method a production of the grammar (Selectors Level 4, section 18).
#include "core/web/select/css_selector.hpp"

#include "core/web/ascii.hpp"
#include "core/web/select/css_scanner.hpp"
#include "core/web/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace trawl::web::css {
namespace {

constexpr std::size_t selector_bytes_max = 2048;
constexpr int nesting_max = 8;
constexpr std::string_view operators = "=~|^$*";  // in the order of Comparison

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

class SelectorParser : CssScanner {
 public:
  using CssScanner::CssScanner;

  std::vector<Selector> whole() {
    std::vector<Selector> all;
    do {
      skip_space();
      all.push_back(selector());
    } while (take(','));
    if (!at_end()) fail("a combinator, a comma or the end is expected here");
    return all;
  }

 private:
  Selector selector() {
    Selector found{.path = path(Relation::inside, true)};
    if (take("::")) pseudo_element(found);
    return found;
  }

  // Elements with combinators between them. whole: they end before a pseudo-element, too, which
  // may stand alone. What it takes of "p ::text" and of "p *::text" is the p's own, too, as
  // elsewhere.
  Path path(Relation first, bool whole) {
    Path steps;
    for (Relation relation = first;;) {
      steps.push_back(step(relation, whole));
      if (whole && is_pseudo_element()) {
        Step& last = steps.back();
        const bool any = last.name.empty() && last.conditions.empty();
        if (any && steps.size() > 1 && relation == Relation::inside)
          last.relation = Relation::inside_or_same;
        return steps;
      }
      const bool space = skip_space();
      if (at_end() || peek() == ',' || peek() == ')') return steps;
      const char sign = peek();
      if (sign != '>' && sign != '+' && sign != '~' && !space) return steps;
      relation = combinator();
    }
  }

  // The white space before it has been passed.
  Relation combinator() {
    const Relation relation = take('>')   ? Relation::child
                              : take('+') ? Relation::next_sibling
                              : take('~') ? Relation::later_sibling
                                          : Relation::inside;
    skip_space();
    return relation;
  }

  bool is_pseudo_element() const { return peek() == ':' && peek(1) == ':'; }

  Step step(Relation relation, bool whole) {
    Step found{.relation = relation};
    const std::size_t before = at();
    if (!take('*') && is_name_start()) found.name = ascii::lowered(identifier());
    if (peek() == '|') fail("namespaces are not known here");
    skip_comments();
    for (; !at_end(); skip_comments()) {
      if (take('.')) {
        found.conditions.emplace_back(attribute("class", Comparison::word, identifier()));
      } else if (take('#')) {
        found.conditions.emplace_back(attribute("id", Comparison::equal, identifier()));
      } else if (take('[')) {
        found.conditions.emplace_back(attribute_test());
      } else if (!is_pseudo_element() && take(':')) {
        pseudo_class(found);
      } else {
        break;
      }
    }
    if (at() == before && !(whole && is_pseudo_element()))
      fail("an element, #id, .class, [attribute] or : is expected here");
    return found;
  }

  static AttributeTest attribute(std::string name, Comparison comparison, std::string value) {
    return {.name = std::move(name), .comparison = comparison, .value = std::move(value)};
  }

  // Behind the bracket.
  AttributeTest attribute_test() {
    skip_space();
    AttributeTest test{.name = ascii::lowered(identifier())};
    skip_space();
    if (take(']')) return test;
    const char kind = peek();
    if (kind != '=' && !at_end()) next();
    const auto which = operators.find(kind);
    if (which == operators.npos || !take('='))
      fail("one of = ~= |= ^= $= *= or ] is expected here");
    skip_space();
    test.comparison = static_cast<Comparison>(std::size_t(Comparison::equal) + which);
    test.value = text();
    skip_space();
    if (take('i') || take('I')) {
      test.any_case = true;
      test.value = ascii::lowered(test.value);
    } else if (!take('s')) {
      take('S');
    }
    skip_space();
    expect(']');
    // Sections 6.1 and 6.2: what can't be found.
    const bool spaced = std::ranges::any_of(test.value, ascii::is_space);
    const bool may_be_empty = kind == '=' || kind == '|';
    if ((test.value.empty() && !may_be_empty) || (kind == '~' && spaced))
      test.comparison = Comparison::never;
    return test;
  }

  // Behind the colon.
  void pseudo_class(Step& found) {
    const std::size_t before = at();
    const std::string name = ascii::lowered(identifier());
    if (const auto* places = named_place(name)) {
      found.conditions.insert(found.conditions.end(), places->begin(), places->end());
    } else if (name == "empty") {
      found.conditions.emplace_back(Trait::empty);
    } else if (name == "root") {
      found.conditions.emplace_back(Trait::root);
    } else if (name == "any-link" || name == "link") {
      found.conditions.emplace_back(Trait::link);
    } else if (take('(')) {
      function(found, name, before);
      skip_space();
      expect(')');
    } else {
      unknown(name, before);
    }
  }

  [[noreturn]] void unknown(std::string_view name, std::size_t where) {
    go_back(where);
    fail(fmt::format(":{} is not known here; docs/extract.md lists what is", name));
  }

  void function(Step& found, std::string_view name, std::size_t where) {
    skip_space();
    if (name.starts_with("nth-")) {
      Nth nth{.from_end = name.contains("last"), .of_type = name.ends_with("of-type")};
      if (name != "nth-child" && name != "nth-last-child" && name != "nth-of-type" &&
          name != "nth-last-of-type")
        unknown(name, where);
      read_nth(nth);
      found.conditions.emplace_back(nth);
    } else if (name == "not" || name == "is" || name == "where") {
      found.conditions.emplace_back(
          Is{.any_of = paths(false, name != "not"), .negated = name == "not"});
    } else if (name == "has") {
      found.conditions.emplace_back(Has{.any_of = paths(true, false)});
    } else if (name == "contains") {
      found.conditions.emplace_back(Contains{text()});
    } else {
      unknown(name, where);
    }
  }

  // Within parentheses. relative: a combinator may stand before each.
  std::vector<Path> paths(bool relative, bool forgiving) {
    if (nesting_ == nesting_max) fail("parentheses are nested too deep");
    std::vector<Path> all;
    skip_space();
    if (forgiving && peek() == ')') return all;  // of nothing
    do {
      skip_space();
      const Relation first = relative ? combinator() : Relation::inside;
      ++nesting_;
      all.push_back(path(first, false));
      --nesting_;
    } while (take(','));
    return all;
  }

  // Behind the two colons.
  void pseudo_element(Selector& found) {
    const std::size_t before = at();
    const std::string name = ascii::lowered(identifier());
    if (name == "text") {
      found.part = Part::texts;
    } else if (name == "attr" && take('(')) {
      found.part = Part::attribute;
      skip_space();
      found.attribute = ascii::lowered(identifier());
      skip_space();
      expect(')');
    } else {
      go_back(before);
      fail(fmt::format("::{} is not known here; ::text and ::attr(name) are", name));
    }
    skip_space();
  }

  int nesting_ = 0;
};

bool is_no_text(std::string_view text) {
  const auto is_control = [](char c) {
    return static_cast<unsigned char>(c) < 0x20 && (c == '\f' || !ascii::is_space(c));
  };
  return std::ranges::any_of(text, is_control) || !utf8::is_valid(text) ||
         text.contains("\xEF\xBF\xBE") || text.contains("\xEF\xBF\xBF");
}

}  // namespace

Result<std::vector<Selector>> parse_selectors(std::string_view text) {
  if (is_no_text(text))
    return fail(Errc::usage, "there are bytes in it that are no characters of a text in UTF-8");
  if (text.size() > selector_bytes_max)
    return fail(Errc::usage,
                fmt::format("the selector is longer than {} bytes", selector_bytes_max));
  try {
    return SelectorParser{text}.whole();
  } catch (const Wrong& wrong) {
    return fail(Errc::usage, fmt::format("at character {}: {}", wrong.at + 1, wrong.message));
  }
}

}  // namespace trawl::web::css
