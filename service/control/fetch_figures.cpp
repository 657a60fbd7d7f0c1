// Entries meet by their names: one run has seen what another has not.
#include "service/control/fetch_figures.hpp"

#include <algorithm>
#include <cassert>

namespace trawl::service {
namespace {

void add_to(std::uint64_t& value, std::uint64_t other) {
  value += other;
}
void add_to(HistogramView& value, const HistogramView& other) {
  value.add(other);
}

template <class T>
void add_named(Named<T>& to, const Named<T>& others) {
  for (const auto& [name, other] : others) {
    auto place = std::ranges::find(to, name, &std::pair<std::string_view, T>::first);
    if (place == to.end())
      to.emplace_back(name, other);
    else
      add_to(place->second, other);
  }
}

}  // namespace

void HistogramView::add(const HistogramView& other) {
  if (other.counts.empty()) return;
  if (counts.empty()) {
    *this = other;
    return;
  }
  assert(upper_bounds == other.upper_bounds && counts.size() == other.counts.size());
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
  sum += other.sum;
}

void FetchFigures::add(const FetchFigures& other) {
  add_named(outcomes, other.outcomes);
  add_named(bytes, other.bytes);
  duration_s.add(other.duration_s);
  add_named(phases_s, other.phases_s);
  commit_s.add(other.commit_s);
}

}  // namespace trawl::service
