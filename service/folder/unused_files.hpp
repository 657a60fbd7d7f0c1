#pragma once
// Bodies in files/ that no record names any more: of pages that are gone, or that are kept in WARC
// files by now.

#include <cstdint>
#include <filesystem>

namespace trawl::service {

struct UnusedFiles {
  std::uint64_t files = 0, bytes = 0;
};

// Removes them, and the folders that are empty then. Takes the folder's lock. A file of another
// kind (a link, a socket) stays. Throws Failure: in_use while a job runs, not_found, io.
UnusedFiles remove_unused_files(const std::filesystem::path& folder);

}  // namespace trawl::service
