#pragma once
// The steps of an XPath expression: an element as a CSS selector describes it.

#include <string>
#include <string_view>
#include <vector>

namespace trawl::web::css {

// :nth-child(an+b) and its kin.
struct Nth {
  int a = 0;
  int b = 0;
  bool from_end = false;
  bool of_type = false;
};

// A type, and what an element of it has to be besides.
struct Compound {
  std::string name = "*";
  std::vector<Nth> places;
  std::vector<std::string> conditions;  // of XPath
};

// A text as a literal, which has no escapes in XPath 1.0.
std::string literal(std::string_view text);

// The attribute of that name: "@href".
std::string attribute(std::string_view name);

// What follows an axis. over_children: it is the child axis, or the one that "//" is short for.
std::string step_of(const Compound& compound, bool over_children);

// As a condition on the element where it is asked.
std::string condition_of(const Compound& compound);

}  // namespace trawl::web::css
