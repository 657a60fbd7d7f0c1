#pragma once
// An output folder that had records and is not there any more, as when its disk is not mounted.

#include "core/crawl/state/store.hpp"

#include <filesystem>

namespace trawl::service {

// had: what is known to be in the folder. Nothing is created. Throws Failure{io} when that is
// something and the folder has no database.
void refuse_lost_folder(const std::filesystem::path& folder, const crawl::StoreTotals& had);

}  // namespace trawl::service
