// Places among siblings become position() where a step walks over children, which is linear;
// elsewhere, and where two kinds of places meet, siblings are counted.
#include "core/web/css_step.hpp"

#include "core/web/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace trawl::web::css {
namespace {

bool is_plain_name(std::string_view name) {
  return !name.empty() && (ascii::is_alpha(name[0]) || name[0] == '_') &&
         std::ranges::all_of(name,
                             [](char c) { return ascii::is_alnum(c) || c == '_' || c == '-'; });
}

// As a node test, and as a condition.
std::string test_of(const Compound& compound) {
  return is_plain_name(compound.name) || compound.name == "*"
             ? compound.name
             : fmt::format("*[name() = {}]", literal(compound.name));
}
std::string condition_of_name(const Compound& compound) {
  return is_plain_name(compound.name) || compound.name == "*"
             ? fmt::format("self::{}", compound.name)
             : fmt::format("name() = {}", literal(compound.name));
}

// place: an expression for the element's place, from 1.
std::string place_condition(const Nth& nth, std::string_view place) {
  if (nth.a == 0) return fmt::format("{} = {}", place, nth.b);
  const std::string_view side = nth.a > 0 ? ">=" : "<=";
  const std::string offset =
      nth.a > 0 ? fmt::format("({} - {})", place, nth.b) : fmt::format("({} - {})", nth.b, place);
  const int step = std::abs(nth.a);
  if (step == 1) return fmt::format("{} {} {}", place, side, nth.b);
  return fmt::format("({} {} {} and {} mod {} = 0)", place, side, nth.b, offset, step);
}

std::string by_position(const Nth& nth) {
  if (nth.from_end && nth.a == 0 && nth.b == 1) return "position() = last()";
  return place_condition(nth, nth.from_end ? "(last() - position() + 1)" : "position()");
}

std::string by_count(const Nth& nth, const Compound& compound) {
  return place_condition(
      nth, fmt::format("(count({}-sibling::{}) + 1)", nth.from_end ? "following" : "preceding",
                       nth.of_type ? test_of(compound) : "*"));
}

std::string brackets(const std::vector<std::string>& conditions) {
  std::string text;
  for (const std::string& condition : conditions) text += fmt::format("[{}]", condition);
  return text;
}

std::string joined_places(const Compound& compound) {
  std::string text;
  for (const Nth& nth : compound.places) text += (text.empty() ? "" : " and ") + by_position(nth);
  return text;
}

}  // namespace

std::string literal(std::string_view text) {
  if (!text.contains('\'')) return fmt::format("'{}'", text);
  if (!text.contains('"')) return fmt::format("\"{}\"", text);
  std::string parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\'', at), text.size());
    parts += fmt::format("{}'{}'", parts.empty() ? "" : ", \"'\", ", text.substr(at, end - at));
    at = end + 1;
  }
  return fmt::format("concat({})", parts);
}

std::string attribute(std::string_view name) {
  return is_plain_name(name) ? fmt::format("@{}", name)
                             : fmt::format("@*[name() = {}]", literal(name));
}

std::string step_of(const Compound& compound, bool over_children) {
  const auto of_type = std::ranges::count(compound.places, true, &Nth::of_type);
  const bool one_kind = of_type == 0 || of_type == std::ssize(compound.places);
  if (compound.places.empty() || !over_children || !one_kind) {
    std::string text = test_of(compound);
    for (const Nth& nth : compound.places) text += fmt::format("[{}]", by_count(nth, compound));
    return text + brackets(compound.conditions);
  }
  const std::string places = joined_places(compound);
  if (of_type > 0)
    return fmt::format("{}[{}]{}", test_of(compound), places, brackets(compound.conditions));
  const bool any = compound.name == "*";
  return fmt::format("*[{}]{}{}", places,
                     any ? "" : fmt::format("[{}]", condition_of_name(compound)),
                     brackets(compound.conditions));
}

std::string condition_of(const Compound& compound) {
  std::string text = condition_of_name(compound);
  for (const Nth& nth : compound.places) text += " and " + by_count(nth, compound);
  for (const std::string& condition : compound.conditions)
    text += fmt::format(" and ({})", condition);
  return text;
}

}  // namespace trawl::web::css
