#pragma once
// PatternBudget: how many patterns there may be together, and how large RE2's programs of them.
// Pure.

#include "core/base/result.hpp"
#include "core/crawl/job/url_pattern.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::crawl {

class PatternBudget {
 public:
  // The pattern, which is counted. Errors: Errc::config, as UrlPattern::create() has them, and when
  // there is no room for it; then is_spent().
  Result<UrlPattern> create(std::string_view text);
  // All of a list. Errors: that of the first one that is wrong.
  Result<std::vector<UrlPattern>> create(const std::vector<std::string>& texts);

  bool is_spent() const { return spent_; }

  // What has been counted; what was counted since may be given back, where other patterns take its
  // place.
  struct Count {
    std::size_t patterns = 0;
    std::size_t instructions = 0;
  };
  Count counted() const { return counted_; }
  void give_back(Count count);

 private:
  std::unexpected<Error> refuse(std::string why);

  Count counted_;
  bool spent_ = false;
};

}  // namespace trawl::crawl
