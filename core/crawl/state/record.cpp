// The names of URL states: they are part of the record's schema, so they are spelt out here once
// instead of being derived from the enumerators.
#include "core/crawl/state/record.hpp"

#include <array>
#include <utility>

namespace trawl::crawl {
namespace {

constexpr auto names = std::to_array<std::pair<UrlState, std::string_view>>({
    {UrlState::queued, "queued"},
    {UrlState::fetched, "fetched"},
    {UrlState::failed, "failed"},
    {UrlState::excluded, "excluded"},
});

}  // namespace

std::string_view to_string(UrlState state) {
  for (const auto& [value, name] : names)
    if (value == state) return name;
  return "queued";
}

std::string_view to_string(Revisit revisit) {
  constexpr auto words = std::to_array<std::string_view>({"", "not_modified", "kept"});
  const auto place = static_cast<std::size_t>(revisit);
  return place < words.size() ? words[place] : std::string_view{};
}

std::optional<UrlState> url_state_from_string(std::string_view name) {
  for (const auto& [value, text] : names)
    if (text == name) return value;
  return std::nullopt;
}

bool is_live(const Record& record) {
  const Outcome& outcome = record.outcome;
  const bool kept = outcome.state != UrlState::failed || outcome.revisit == Revisit::kept;
  return outcome.state != UrlState::excluded && kept && outcome.status &&
         *outcome.status / 100 == 2 && !outcome.robots_meta.contains("noindex");
}

}  // namespace trawl::crawl
