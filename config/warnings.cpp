// A pattern that matches nothing is no harm in itself; that somebody relies on it is. So it is
// said, and the job runs.
#include "config/warnings.hpp"

#include "config/check.hpp"
#include "core/crawl/job/glob_forms.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trawl::config {
namespace {

// Of lists for which that would take longer than a moment nothing is said: they are no accident.
constexpr std::size_t type_steps_max = 10'000'000;

class Warnings {
 public:
  explicit Warnings(const LoadedJob& job) : job_(job) {}

  void add(std::string_view key, std::string message) {
    const Origin origin = job_.origin(key);
    list_.push_back(
        {origin.source, origin.line, origin.column, std::string{key}, std::move(message)});
  }
  void add_patterns(std::string_view key, const std::vector<std::string>& patterns) {
    for (const std::string& pattern : patterns)
      if (std::string why = crawl::why_never(pattern); !why.empty()) add(key, std::move(why));
  }
  std::vector<ConfigError> take() { return std::move(list_); }

 private:
  const LoadedJob& job_;
  std::vector<ConfigError> list_;
};

// Whether a text matches both globs, which have no wildcard but `*`. A place is how much of each
// has been matched; of the places no more is held than two rows, since only those are looked at.
bool have_common(std::string_view one, std::string_view other) {
  std::vector<char> row(other.size() + 1), next(other.size() + 1);
  row.front() = 1;
  for (std::size_t i = 0; i <= one.size(); ++i) {
    const bool more_of_one = i < one.size();
    std::ranges::fill(next, 0);
    for (std::size_t j = 0; j <= other.size(); ++j) {
      if (row[j] == 0) continue;
      const bool more_of_other = j < other.size();
      const bool star = (more_of_one && one[i] == '*') || (more_of_other && other[j] == '*');
      if (star && more_of_one) next[j] = 1;
      if (star && more_of_other) row[j + 1] = 1;
      if (more_of_one && more_of_other && one[i] == other[j]) next[j + 1] = 1;
    }
    if (more_of_one) row.swap(next);
  }
  return row.back() != 0;
}

// The steps that have_common() takes for all pairs.
std::size_t steps_between(const std::vector<std::string>& some,
                          const std::vector<std::string>& others) {
  const auto places = [](const std::vector<std::string>& globs) {
    std::size_t count = 0;
    for (const std::string& glob : globs) count += glob.size() + 1;
    return count;
  };
  return places(some) * places(others);
}

// Registered top-level types (RFC 6838, 4.2): a word alone is one of them, or else what stands
// behind the slash. Taken for either, any two words would meet in something like "html/pdf".
constexpr auto top_level_types =
    std::to_array<std::string_view>({"application", "audio", "example", "font", "haptics", "image",
                                     "message", "model", "multipart", "text", "video"});

std::vector<std::string> globs_of(const std::vector<std::string>& words) {
  std::vector<std::string> globs;
  for (const std::string& word : words) {
    const std::string type = lower_ascii(word);
    const bool top = std::ranges::find(top_level_types, type) != top_level_types.end();
    globs.push_back(type.contains('/') ? type : top ? type + "/*" : "*/" + type);
  }
  return globs;
}

void warn_of_types(const crawl::JobSpec& spec, Warnings& warnings) {
  if (spec.output.bodies == crawl::BodyMode::none) return;
  const auto received = globs_of(spec.fetch.types), kept = globs_of(spec.output.types);
  if (received.empty() || kept.empty() || steps_between(received, kept) > type_steps_max) return;
  const bool common = std::ranges::any_of(received, [&kept](const std::string& one) {
    return std::ranges::any_of(
        kept, [&one](const std::string& other) { return have_common(one, other); });
  });
  if (common) return;
  warnings.add("output.types",
               fmt::format("keeps no page: of what is to be kept ({}) nothing is received, since "
                           "fetch.types has {} alone; add it there",
                           fmt::join(spec.output.types, ", "), fmt::join(spec.fetch.types, ", ")));
}

}  // namespace

std::vector<ConfigError> warnings_of(const LoadedJob& job) {
  Warnings warnings{job};
  const crawl::JobSpec& spec = job.spec;
  warnings.add_patterns("scope.include", spec.scope.include);
  warnings.add_patterns("scope.exclude", spec.scope.exclude);
  for (std::size_t i = 0; i < spec.sites.size(); ++i)
    for (const crawl::SiteValue& value : spec.sites[i].values) {
      crawl::JobSpec alone;
      value.apply(alone);
      const std::string key = fmt::format("site[{}].{}", i, value.key);
      warnings.add_patterns(key, alone.scope.include);
      warnings.add_patterns(key, alone.scope.exclude);
    }
  for (std::size_t i = 0; i < spec.priorities.size(); ++i)
    warnings.add_patterns(fmt::format("priority[{}].match", i), spec.priorities[i].match);
  warn_of_types(spec, warnings);
  return warnings.take();
}

}  // namespace trawl::config
