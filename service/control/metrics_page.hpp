#pragma once
// The page of GET /metrics for a daemon's figures: adds up what its jobs counted. Pure, but for
// what the kernel says about the process and the disk.

#include "service/daemon/jobs.hpp"

#include <filesystem>
#include <string>

namespace trawl::service {

// data_dir: whose disk is looked at.
std::string metrics_page(const Figures& figures, const std::filesystem::path& data_dir);

}  // namespace trawl::service
