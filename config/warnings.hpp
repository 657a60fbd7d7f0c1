#pragma once
// What is valid in a job and can have no effect, so that it was most likely meant in another way.

#include "config/job.hpp"

#include <vector>

namespace trawl::config {

// At the places of the keys, in the order of the job. Nothing here keeps a job from running: what
// is stored of earlier runs may be so, too.
std::vector<ConfigError> warnings_of(const LoadedJob& job);

}  // namespace trawl::config
