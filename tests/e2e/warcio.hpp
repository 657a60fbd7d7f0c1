#pragma once
// npm's warcio, which ./dev test installs, as a second opinion on archives.

#include "tests/e2e/program.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace trawl::e2e {

bool has_warcio();
// Runs node in the folder where warcio is.
Finished node(Arguments arguments);
// The archive files of an output folder, in order.
std::vector<std::string> warc_files(const std::filesystem::path& folder);
// The number of records of each type by warcio, which finds no fault.
std::string check_with_warcio(Arguments files);

}  // namespace trawl::e2e
