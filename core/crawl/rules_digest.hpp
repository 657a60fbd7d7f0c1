#pragma once
// rules_digest(): whether two jobs would exclude the same URLs. What a run excluded is judged anew
// by a run with other rules.

#include "core/crawl/job.hpp"

#include <string>

namespace trawl::crawl {

// The keys of `meta` that have the digests of the rules by which all excluded URLs were judged.
inline constexpr const char* rules_key = "rules.digest";
inline constexpr const char* passing_rules_key = "rules.passing";

// Of seeds.urls, the scope, and what is a trap; with those of sites. 16 hexadecimal digits.
std::string rules_digest(const JobSpec& job);
// The same of what is decided when a URL's turn comes: robots.policy and whose rules they are, the
// networks that are allowed, limits.pages_per_host.
std::string passing_rules_digest(const JobSpec& job);

}  // namespace trawl::crawl
