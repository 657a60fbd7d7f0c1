#pragma once
// Jobs as JSON; docs/openapi.yaml has the shapes. Pure.

#include "service/daemon/jobs.hpp"

#include <span>
#include <string>

namespace trawl::service::control {

// whole: with the settings and the errors of its file.
std::string job_json(const JobView& job, bool whole);
std::string jobs_json(std::span<const JobView> jobs);

}  // namespace trawl::service::control
