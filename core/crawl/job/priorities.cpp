// A sitemap's word moves a URL by five at most, so that a rule can always stand above all of them.
#include "core/crawl/job/priorities.hpp"

#include "core/crawl/job/pattern_budget.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace trawl::crawl {
namespace {

constexpr int listed_priority_max = 5;
constexpr double listed_middle = 0.5;

}  // namespace

Result<Priorities> Priorities::create(const JobSpec& job) {
  Priorities priorities;
  PatternBudget budget;
  priorities.listed_counts_ = job.seeds.sitemap_priority;
  for (const PriorityRule& spec : job.priorities) {
    Rule rule{.match = {}, .max_depth = spec.max_depth, .priority = spec.priority};
    auto match = budget.create(spec.match);
    if (!match) return std::unexpected(std::move(match.error()));
    rule.match = *std::move(match);
    priorities.rules_.push_back(std::move(rule));
  }
  return priorities;
}

std::optional<std::size_t> Priorities::rule_of(std::string_view url, int depth) const {
  for (std::size_t i = rules_.size(); i-- > 0;) {
    const Rule& rule = rules_[i];
    if (rule.max_depth && depth > *rule.max_depth) continue;
    const auto matches = [url](const UrlPattern& pattern) { return pattern.matches(url); };
    if (rule.match.empty() || std::ranges::any_of(rule.match, matches)) return i;
  }
  return std::nullopt;
}

int Priorities::of(std::string_view url, int depth, std::optional<double> listed) const {
  if (const auto rule = rule_of(url, depth)) return rules_[*rule].priority;
  if (!listed || !listed_counts_) return 0;
  const double share = (std::clamp(*listed, 0.0, 1.0) - listed_middle) / (1 - listed_middle);
  return static_cast<int>(std::lround(share * listed_priority_max));
}

}  // namespace trawl::crawl
