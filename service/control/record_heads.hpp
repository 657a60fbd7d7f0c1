#pragma once
// The HTTP heads of a record's exchange, as the archive has them.

#include "core/crawl/state/record.hpp"

#include <filesystem>
#include <string>

namespace trawl::service::control {

struct RecordHeads {
  std::string request;   // empty: not kept
  std::string response;  //
};

// What can't be read is left out. Blocks: not on a loop.
RecordHeads read_heads(const std::filesystem::path& folder, const crawl::Record& record);

}  // namespace trawl::service::control
