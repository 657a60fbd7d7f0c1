#pragma once
// Priorities: which place a URL takes among those of its host. Immutable; any thread.

#include "core/base/result.hpp"
#include "core/crawl/job/job.hpp"
#include "core/crawl/job/url_pattern.hpp"

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace trawl::crawl {

class Priorities {
 public:
  // Errors: Errc::config for an invalid pattern, and for more than a PatternBudget has room for.
  static Result<Priorities> create(const JobSpec& job);

  // url: canonical. listed: what a sitemap says of it, 0 to 1; 0.5 is what it says of a URL without
  // a word. A rule of the job stands above it.
  int of(std::string_view url, int depth, std::optional<double> listed = {}) const;
  // The rule that decides, by its place in the job.
  std::optional<std::size_t> rule_of(std::string_view url, int depth) const;

 private:
  struct Rule {
    std::vector<UrlPattern> match;
    std::optional<int> max_depth;
    int priority;
  };
  std::vector<Rule> rules_;
  bool listed_counts_ = true;
};

}  // namespace trawl::crawl
