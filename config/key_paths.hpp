#pragma once
// The names of all keys of a job file, for those who only list them.

#include <span>
#include <string_view>

namespace trawl::config {

// In the order of docs/jobs.md.
std::span<const std::string_view> job_key_paths();

}  // namespace trawl::config
