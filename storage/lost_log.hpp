#pragma once
// Whether the archive beside a database holds what only a log of that database can know.

#include "storage/sqlite/db.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>

namespace trawl::storage {

struct ArchivedLater {
  std::filesystem::path file;
  std::uint64_t bytes = 0;  // that the database doesn't know
};

// A file in folder/warc to which the job has written after all that is in db, a database without a
// log; nothing when there is none. Files that the job can't have written since are not asked.
// Throws as the database and the file system do.
std::optional<ArchivedLater> archived_later(Db& db, const std::filesystem::path& folder);

}  // namespace trawl::storage
