#pragma once
// The page of GET /metrics for a daemon's figures: adds up what its jobs counted. Pure, but for
// what the kernel says about the process and the disk.

#include "service/daemon/jobs.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace trawl::service {

// data_dir: whose disk is looked at. memory_bytes: the daemon's bound.
std::string metrics_page(const Figures& figures, const std::filesystem::path& data_dir,
                         std::optional<std::uint64_t> memory_bytes);

}  // namespace trawl::service
