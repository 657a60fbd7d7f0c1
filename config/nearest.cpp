// People mistype in three ways: a letter, a section, or a plausible name that is called otherwise.
// Edit distance on the last part covers the first and the third, among the keys of the section that
// was named; a name that is right elsewhere the second.
#include "config/nearest.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

namespace trawl::config {
namespace {

constexpr std::size_t path_bytes_max = 80;

// What a key of another section costs, when its name is like the one that was given. Where it is
// not, one at home is meant.
constexpr int strange_section = 2;
constexpr int unlike = std::numeric_limits<int>::max();

std::string_view last_part(std::string_view path) {
  return path.substr(path.rfind('.') + 1);
}

// Empty for a path of one part.
std::string_view section_of(std::string_view path) {
  return path.substr(0, path.size() - last_part(path).size());
}

int distance_between(std::string_view path, std::string_view candidate, bool section_is_known) {
  const int name = edit_distance(last_part(path), last_part(candidate));
  if (section_of(path) == section_of(candidate)) return name;
  if (name == 0) return 1;
  const int length = static_cast<int>(last_part(path).size());
  if (section_is_known) return name <= length / 3 ? name + strange_section : unlike;
  return std::min(edit_distance(path, candidate), name + 1);
}

}  // namespace

// Optimal string alignment with three rows: this one, the one before, and the one before that.
int edit_distance(std::string_view a, std::string_view b) {
  std::vector<int> before_last(b.size() + 1);
  std::vector<int> last(b.size() + 1);
  std::vector<int> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = static_cast<int>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = static_cast<int>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const int replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

std::string_view nearest_key(std::string_view path, std::span<const std::string_view> candidates) {
  std::string_view best;
  if (path.size() > path_bytes_max) return best;
  const bool section_is_known =
      std::ranges::any_of(candidates, [section = section_of(path)](std::string_view candidate) {
        return section_of(candidate) == section;
      });
  int best_distance = unlike;
  for (const std::string_view candidate : candidates) {
    const int distance = distance_between(path, candidate, section_is_known);
    if (distance >= best_distance) continue;
    best = candidate;
    best_distance = distance;
  }
  // A section that is named is a help by itself. Else, where no letter is right, nothing is near.
  const bool in_section = section_is_known && !section_of(path).empty();
  return in_section || best_distance < static_cast<int>(path.size()) ? best : std::string_view{};
}

}  // namespace trawl::config
