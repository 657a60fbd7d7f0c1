#pragma once
// The tables of crawl.db (docs/schema.md), and the way from any older version to this one.

#include "storage/sqlite/db.hpp"

#include <filesystem>
#include <span>

namespace trawl::storage {

// Marks the file as trawl's, at byte 68 of its header: "trwl".
inline constexpr std::int64_t application_id = 0x7472776C;

// One step: the statements that lead from version n-1 to version n.
struct Migration {
  int version;
  const char* sql;
};

std::span<const Migration> migrations();

// Runs what is missing, in one transaction with the new version number.
// Throws Failure{damaged} when the file is of a newer version.
void migrate(Db& db, std::span<const Migration> steps);

// The job's one writing connection; creates the database when there is none. The caller holds the
// folder lock. Throws Failure{damaged} when the file is no trawl database or of a newer trawl.
Db open_for_writing(const std::filesystem::path& path);

// Whether an older trawl wrote its tables. Throws Failure when it can't be read.
bool is_of_older(const std::filesystem::path& path);

// A reading connection; needs no lock and may be opened while the job runs. Throws
// Failure{not_found} when there is no crawl yet, Failure{damaged} as above.
Db open_for_reading(const std::filesystem::path& path);

}  // namespace trawl::storage
