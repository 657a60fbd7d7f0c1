#pragma once
// What of a job is compared with that of the run before. rules_digest(): whether two jobs would
// exclude the same URLs; what a run excluded is judged anew by a run with other rules.
// body_limits(): what a run cut is fetched again by a run with a higher limit.

#include "core/crawl/job/job.hpp"

#include <string>
#include <string_view>

namespace trawl::crawl {

// The keys of `meta` that have the digests of the rules by which all excluded URLs were judged.
inline constexpr const char* rules_key = "rules.digest";
inline constexpr const char* passing_rules_key = "rules.passing";
// Of a folder that may have outlinks (scope.outlinks): Scope::print() as they were judged by last.
inline constexpr const char* outlinks_key = "rules.outlinks";

// Of seeds.urls, the scope, and what is a trap; with those of sites. 16 hexadecimal digits.
std::string rules_digest(const JobSpec& job);
// The same of what is decided when a URL's turn comes: robots.policy and whose rules they are, the
// networks that are allowed, limits.pages_per_host.
std::string passing_rules_digest(const JobSpec& job);

// The key of `meta` that has the limits by which bodies were cut so far.
inline constexpr const char* body_limits_key = "rules.body_limits";
// fetch.max_body, of the job and of each site: lines of a number of bytes ("-": none) and whom
// it is for.
std::string body_limits(const JobSpec& job);
// Whether, by the limits `now`, a body may be longer than by those before, both of body_limits().
bool has_higher_limit(std::string_view before, std::string_view now);

}  // namespace trawl::crawl
