#pragma once
// The archive's half of a backup: for backup.cpp alone. Blocking, on the worker's thread.

#include "storage/backup.hpp"

namespace trawl::storage {

// Files of bodies = "files" that are not what the database says.
struct OtherFiles {
  std::uint64_t count = 0;
  std::string first;         // relative to the folder
  std::string first_digest;  // by the database
  bool first_is_missing = false;
  bool operator==(const OtherFiles&) const = default;
};

// Copies what the database `copy` names from folder to target. A file of bodies = "files" may have
// been replaced since the database was copied; returns which were, and then the database is to be
// copied anew. What an earlier round copied and is still right stays.
OtherFiles copy_archive(Db& copy, const std::filesystem::path& folder,
                        const std::filesystem::path& target, BackupOptions options,
                        BackupFigures& figures);

// Throws Failure{damaged} unless every page of the database and every record of the archive's WARC
// files is sound; names those by their originals in `folder`.
void verify_backup(const std::filesystem::path& folder, const std::filesystem::path& target);

}  // namespace trawl::storage
