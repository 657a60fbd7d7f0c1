#pragma once
// A line of a list that is a JSON object: a request that is more than a plain GET, or mirrors of
// one file. Pure. The keys are in docs/fetch.md.

#include "core/base/result.hpp"
#include "core/crawl/job/job.hpp"
#include "core/crawl/job/request_spec.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace trawl::crawl {

struct ListLine {
  std::vector<std::string> urls;  // at least one, as written; the others are mirrors of the first
  RequestSpec request;            // without mirrors
};

inline bool is_json_line(std::string_view line) {
  return line.starts_with('{');
}

// Errors: Errc::bad_url with a sentence that names the key at fault.
Result<ListLine> parse_list_line(std::string_view line);

// A line with "***" for its body and its secret headers, and without users in its URLs. What is no
// such line comes back empty.
std::string hide_request_secrets(std::string_view line);

// The URLs of seeds.urls and those of seeds.requests, mirrors left out: whom the job names itself.
std::vector<std::string> named_urls(const SeedSpec& seeds);

}  // namespace trawl::crawl
