#pragma once
// The database of an output folder, written anew without the room that deleted rows left.

#include <cstdint>
#include <filesystem>
#include <functional>

namespace trawl::storage {

struct VacuumFigures {
  std::uint64_t bytes_before = 0, bytes_after = 0;  // crawl.db and its log
};

// Takes the folder's lock. Killed at any moment, it leaves the database as it was or as it will be.
// Throws Failure: in_use while a job runs, not_found, disk_full before anything is written when the
// disk lacks room for it (twice the database), and as open_for_writing().
// on_begin: told about how many bytes are going to be written, before the first of them, and after
// the last change of the environment.
VacuumFigures vacuum(const std::filesystem::path& folder,
                     const std::function<void(std::uint64_t bytes)>& on_begin = {});

}  // namespace trawl::storage
