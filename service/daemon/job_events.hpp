#pragma once
// The JSON of the daemon's events, as docs/daemon.md has it. Pure.

#include "core/crawl/hosts/host_event.hpp"
#include "service/daemon/jobs.hpp"

#include <string>
#include <string_view>

namespace trawl::service {

std::string progress_data(const JobView& job);
std::string state_data(const JobView& job);
std::string removed_data(std::string_view job);
std::string host_data(std::string_view job, const crawl::HostEvent& event);

}  // namespace trawl::service
