// Sets of elements instead of a search for each: those that fit the first step of a path, those of
// them that stand in the next relation to one of these, and so on. Each step is one pass over the
// row of all elements, in document order or against it, and nothing is ever tried twice; so no page
// can make a selector slow, as it can where each element looks for its ancestors.
#include "core/web/select/css_match.hpp"

#include "core/web/ascii.hpp"

#include <libxml/tree.h>

#include <algorithm>
#include <ranges>

namespace trawl::web::css {
namespace {

constexpr auto none = TreeElements::none;

bool in(const ElementSet& set, std::uint32_t element) {
  return element != none && set[element];
}

// The elements that stand in the relation to one of the set.
ElementSet related_to(const ElementSet& set, Relation relation, const TreeElements& page) {
  const auto& all = page.all();
  ElementSet found(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& [parent, previous] = std::pair{all[i].parent, all[i].previous};
    switch (relation) {
      case Relation::child:
        found[i] = in(set, parent);
        break;
      case Relation::inside:
        found[i] = in(set, parent) || in(found, parent);
        break;
      case Relation::inside_or_same:
        found[i] = set[i] || in(found, parent);
        break;
      case Relation::next_sibling:
        found[i] = in(set, previous);
        break;
      case Relation::later_sibling:
        found[i] = in(set, previous) || in(found, previous);
        break;
    }
  }
  return found;
}

// The elements to which one of the set stands in the relation.
ElementSet having(const ElementSet& set, Relation relation, const TreeElements& page) {
  const auto& all = page.all();
  ElementSet found(all.size());
  const bool sibling = relation == Relation::next_sibling || relation == Relation::later_sibling;
  const bool near = relation == Relation::child || relation == Relation::next_sibling;
  for (std::size_t i = all.size(); i-- > 0;) {
    const std::uint32_t other = sibling ? all[i].previous : all[i].parent;
    if (other != none && (set[i] || (!near && found[i]))) found[other] = true;
  }
  return found;
}

ElementSet both(ElementSet one, const ElementSet& other) {
  for (std::size_t i = 0; i < one.size(); ++i) one[i] = one[i] && other[i];
  return one;
}

void add(ElementSet& to, const ElementSet& other) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = to[i] || other[i];
}

class Conditions {
 public:
  Conditions(const TreeElements& page, ElementSet& set) : page_(page), set_(set) {}

  void operator()(const AttributeTest& test) {
    if (test.comparison == Comparison::never) return set_.assign(set_.size(), false);
    keep([&](std::size_t i) {
      const auto value = attribute_of(*page_.all()[i].node, test.name);
      return value && test.holds(*value);
    });
  }
  void operator()(const Nth& nth) {
    const auto& places = page_.places(nth.from_end, nth.of_type);
    keep([&](std::size_t i) { return nth.holds(places[i]); });
  }
  void operator()(Trait trait) {
    keep([&](std::size_t i) { return has(page_.all()[i], trait); });
  }
  void operator()(const Contains& contains) {
    std::vector<std::uint32_t> found;  // where the words begin
    const std::string_view text = page_.text();
    for (auto at = text.find(contains.words); at != text.npos && at < text.size();
         at = text.find(contains.words, at + 1))
      found.push_back(static_cast<std::uint32_t>(at));
    keep([&](std::size_t i) {
      if (contains.words.empty()) return true;
      const auto& element = page_.all()[i];
      const auto first = std::ranges::lower_bound(found, element.text_begin);
      return first != found.end() && *first + contains.words.size() <= element.text_end;
    });
  }
  void operator()(const Is& is) {
    ElementSet any(set_.size());
    for (const Path& path : is.any_of) add(any, find(path, page_));
    keep([&](std::size_t i) { return any[i] != is.negated; });
  }
  void operator()(const Has& has) {
    ElementSet any(set_.size());
    for (const Path& path : has.any_of) add(any, with(path));
    keep([&](std::size_t i) { return bool{any[i]}; });
  }

 private:
  template <typename Holds>
  void keep(const Holds& holds) {
    for (std::size_t i = 0; i < set_.size(); ++i)
      if (set_[i] && !holds(i)) set_[i] = false;
  }

  static bool has(const TreeElements::Element& element, Trait trait) {
    const xmlNode& node = *element.node;
    if (trait == Trait::root) return element.parent == none;
    if (trait == Trait::link)
      return (has_name(node, "a") || has_name(node, "area")) && attribute_of(node, "href");
    // As browsers have :empty, and Level 3: white space is something.
    for (const xmlNode* child = node.children; child != nullptr; child = child->next)
      if (child->type == XML_ELEMENT_NODE || is_text(*child)) return false;
    return true;
  }

  // The elements from which the path leads to one.
  ElementSet with(const Path& path) const;

  const TreeElements& page_;
  ElementSet& set_;
};

ElementSet that_fit(const Step& step, const TreeElements& page) {
  ElementSet set(page.all().size(), step.name.empty());
  if (!step.name.empty())
    for (std::size_t i = 0; i < set.size(); ++i) set[i] = has_name(*page.all()[i].node, step.name);
  for (const Condition& condition : step.conditions) std::visit(Conditions{page, set}, condition);
  return set;
}

ElementSet Conditions::with(const Path& path) const {
  ElementSet set;
  for (const Step& step : std::views::reverse(path)) {
    ElementSet fit = that_fit(step, page_);
    set = having(set.empty() ? fit : both(std::move(fit), set), step.relation, page_);
  }
  return set;
}

}  // namespace

bool Nth::holds(std::int64_t place) const {
  const std::int64_t rest = place - b;
  return a == 0 ? rest == 0 : rest % a == 0 && rest / a >= 0;
}

bool AttributeTest::holds(std::string_view of) const {
  std::string lowered;
  if (any_case) of = lowered = ascii::lowered(of);
  switch (comparison) {
    case Comparison::there:
      return true;
    case Comparison::equal:
      return of == value;
    case Comparison::dash:
      return of.starts_with(value) && (of.size() == value.size() || of[value.size()] == '-');
    case Comparison::prefix:
      return of.starts_with(value);
    case Comparison::suffix:
      return of.ends_with(value);
    case Comparison::part:
      return of.contains(value);
    case Comparison::word:
      for (auto word = ascii::next_token(of); !word.empty(); word = ascii::next_token(of))
        if (word == value) return true;
      return false;
    case Comparison::never:
      break;
  }
  return false;
}

ElementSet find(const Path& path, const TreeElements& page) {
  ElementSet set;
  for (const Step& step : path) {
    ElementSet fit = that_fit(step, page);
    set = &step == &path.front() ? std::move(fit)
                                 : both(std::move(fit), related_to(set, step.relation, page));
  }
  return set;
}

}  // namespace trawl::web::css
