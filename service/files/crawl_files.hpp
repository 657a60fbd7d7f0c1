#pragma once
// Which files of an output folder are the crawl's own.

#include <filesystem>

namespace trawl::service {

// What a link leads to in the end, whether it is there or not; the path itself when it is none.
std::filesystem::path without_links(std::filesystem::path file);

// Of what a command is to write. Throws Failure{usage} when it is a part of the crawl in the
// folder: its database, its lock, what is kept of bodies. Links are followed; the file need not be
// there.
void refuse_crawl_files(const std::filesystem::path& folder, const std::filesystem::path& file);

}  // namespace trawl::service
