#pragma once
// FailOn: which outcomes a run must not end with, for scripts that check links or mirror files.

#include "core/base/result.hpp"
#include "storage/sqlite/queries.hpp"
#include "storage/sqlite/stats.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace trawl::service {

struct FailOn {
  // failed: also those whose last answer was damaged or cut short, those whose redirects lead
  // nowhere, and seeds that are excluded. truncated: fetched, but not whole.
  bool failed = false, excluded = false, truncated = false;
  std::vector<Errc> errors;  // of URLs in any state
  std::vector<storage::StatusRange> statuses;
  std::vector<std::string> notes;  // as those of records: links_cut and the like

  bool empty() const {
    return !failed && !excluded && !truncated && errors.empty() && statuses.empty() &&
           notes.empty();
  }
  // "failed,excluded,truncated,robots,links_cut,404,5xx". Errors: Errc::usage.
  static Result<FailOn> parse(std::string_view text);

  // What there is of it in a folder, as "2 failed, 3 x 404"; empty: nothing.
  std::string found_in(const storage::Stats& stats) const;
};

}  // namespace trawl::service
