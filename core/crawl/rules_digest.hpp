#pragma once
// rules_digest(): whether two jobs would exclude the same URLs. What a run excluded is judged anew
// by a run with other rules.

#include "core/crawl/job.hpp"

#include <string>

namespace trawl::crawl {

// The key of `meta` that has the digest of the rules by which all excluded URLs were judged.
inline constexpr const char* rules_key = "rules.digest";

// Of the seeds, the scope, what is a trap, and what is decided when a URL's turn comes: robots.txt,
// private networks, limits.pages_per_host; with those of sites. 16 hexadecimal digits.
std::string rules_digest(const JobSpec& job);

}  // namespace trawl::crawl
