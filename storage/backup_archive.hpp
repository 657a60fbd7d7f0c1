#pragma once
// The archive's half of a backup: for backup.cpp alone. Blocking, on the worker's thread.

#include "storage/backup.hpp"

namespace trawl::storage {

// Copies what the database `copy` names from folder to target. A file of bodies = "files" may have
// been replaced since the database was copied; returns how many were, and then the database is to
// be copied anew. What an earlier round copied and is still right stays.
std::uint64_t copy_archive(Db& copy, const std::filesystem::path& folder,
                           const std::filesystem::path& target, BackupOptions options,
                           BackupFigures& figures);

// Throws Failure{damaged} unless every page of the database and every record of the archive's WARC
// files is sound.
void verify_backup(const std::filesystem::path& target);

}  // namespace trawl::storage
