#pragma once
// A CSS selector, read: what an element of a page has to be to be found.
//
// Selectors Level 4, of what can be said of a page that nobody looks at: types, *, #id, .class,
// [attributes] with all operators and the flag i, the four combinators, lists, and the
// pseudo-classes :first-child :last-child :only-child :nth-child() :nth-last-child()
// :first-of-type :last-of-type :only-of-type :nth-of-type() :nth-last-of-type() :not() :is()
// :where() :has() :empty :root and :any-link. Besides, as other crawlers have them: ::text for the
// text nodes of what was found, ::attr(name) for an attribute, and :contains("words").

#include "core/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace trawl::web::css {

// :nth-child(an+b) and its kin.
struct Nth {
  int a = 0;
  int b = 0;
  bool from_end = false;
  bool of_type = false;

  // place: among siblings, from 1.
  bool holds(std::int64_t place) const;
};

enum class Comparison : std::uint8_t { there, equal, word, dash, prefix, suffix, part, never };

// [name=value], and so .value and #value.
struct AttributeTest {
  std::string name;  // in lower case
  Comparison comparison = Comparison::there;
  std::string value;  // in lower case if any_case
  bool any_case = false;

  bool holds(std::string_view of) const;
};

enum class Trait : std::uint8_t { empty, root, link };

struct Contains {
  std::string words;
};

// How an element stands to the one that is described before it: it is in it, or follows it.
// inside_or_same: of what has no description, in "p ::text".
enum class Relation : std::uint8_t {
  inside,
  child,
  next_sibling,
  later_sibling,
  inside_or_same,
};

struct Step;
using Path = std::vector<Step>;  // of one step or more

struct Is {
  std::vector<Path> any_of;
  bool negated = false;
};

// The relation of each path's first step is that to the element which has it.
struct Has {
  std::vector<Path> any_of;
};

using Condition = std::variant<AttributeTest, Nth, Trait, Contains, Is, Has>;

struct Step {
  Relation relation = Relation::inside;
  std::string name;  // in lower case; empty: any
  std::vector<Condition> conditions;
};

enum class Part : std::uint8_t { element, texts, attribute };

struct Selector {
  Path path;
  Part part = Part::element;  // what is taken of the elements that are found
  std::string attribute;
};

// Of at most 2,048 bytes. Errc::usage: what is wrong, and where.
Result<std::vector<Selector>> parse_selectors(std::string_view text);

}  // namespace trawl::web::css
