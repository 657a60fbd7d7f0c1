// Compiled within a second or two, and asked of every link. How large a program is shows only once
// it is there, so the last one is made and dropped. What RE2 refuses may have cost as much time as
// its largest programs do, and is counted as one of these; a glob costs nothing.
#include "core/crawl/job/pattern_budget.hpp"

#include "core/base/limits.hpp"
#include "core/base/log.hpp"

#include <fmt/format.h>

#include <utility>

namespace trawl::crawl {
namespace {

constexpr std::size_t refused_instructions = limits::scope_programs_max / 25;
constexpr std::size_t shown_bytes_max = 60;

}  // namespace

Result<UrlPattern> PatternBudget::create(std::string_view text) {
  const std::string shown = printable(text, shown_bytes_max);
  if (spent_ || ++counted_.patterns > limits::scope_patterns_max)
    return refuse(fmt::format("{} is one more than the {} patterns that there may be together",
                              shown, limits::scope_patterns_max));
  auto pattern = UrlPattern::create(text);
  if (pattern)
    counted_.instructions += pattern->program_size();
  else if (text.starts_with("re:"))
    counted_.instructions += refused_instructions;
  if (counted_.instructions <= limits::scope_programs_max) return pattern;
  if (!pattern)
    return refuse(fmt::format("{}; so many others are wrong or large that no more are read",
                              pattern.error().detail));
  return refuse(
      fmt::format("the patterns up to {} are too large together; a repeated class of "
                  "characters, such as \\pL{{1,30}}, takes most",
                  shown));
}

Result<std::vector<UrlPattern>> PatternBudget::create(const std::vector<std::string>& texts) {
  std::vector<UrlPattern> patterns;
  for (const std::string& text : texts) {
    auto pattern = create(text);
    if (!pattern) return std::unexpected(std::move(pattern.error()));
    patterns.push_back(*std::move(pattern));
  }
  return patterns;
}

void PatternBudget::give_back(Count count) {
  counted_.patterns -= count.patterns;
  counted_.instructions -= count.instructions;
}

std::unexpected<Error> PatternBudget::refuse(std::string why) {
  spent_ = true;
  return fail(Errc::config, std::move(why));
}

}  // namespace trawl::crawl
