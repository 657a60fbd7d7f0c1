// In place, through SQLite: a new file under the old name would leave a reader that has the old one
// open with a log that belongs to neither. SQLite builds the new database in a temporary file, here
// in the folder's tmp/, and then writes it into the log.
#include "storage/vacuum.hpp"

#include "core/base/units.hpp"
#include "storage/open.hpp"
#include "storage/sqlite/schema.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <system_error>

namespace trawl::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t spare_bytes = 16 * 1024 * 1024;
constexpr std::uint64_t times_written = 3;  // the temporary file, the log, the database

std::uint64_t bytes_of(const fs::path& file) {
  std::error_code missing;
  const auto bytes = fs::file_size(file, missing);
  return missing ? 0 : bytes;
}

std::uint64_t bytes_with_log(const fs::path& database) {
  return bytes_of(database) + bytes_of(database.string() + "-wal");
}

void check_room(const fs::path& folder, std::uint64_t bytes) {
  const std::uint64_t needed = 2 * bytes + spare_bytes;
  std::error_code unknown;
  const auto room = fs::space(folder, unknown);
  if (unknown || room.available >= needed) return;
  throw Failure(Errc::disk_full,
                fmt::format("{} needs {} free to be written anew, and {} are; free some and run it "
                            "again, the database was not changed",
                            (folder / "crawl.db").string(), human_bytes(needed),
                            human_bytes(room.available)));
}

}  // namespace

VacuumFigures vacuum(const fs::path& path,
                     const std::function<void(std::uint64_t bytes)>& on_begin) {
  if (!fs::exists(path / "crawl.db"))
    throw Failure(Errc::not_found, fmt::format("there is no {}", (path / "crawl.db").string()));
  const OutputFolder folder = OutputFolder::open(path);
  const fs::path database = folder.database();
  VacuumFigures figures{.bytes_before = bytes_with_log(database)};
  {
    Db db = open_for_writing(database);
    const auto figure = [&db](const char* pragma) {
      return static_cast<std::uint64_t>(db.integer(fmt::format("PRAGMA {}", pragma)));
    };
    const std::uint64_t pages = figure("page_count"), page_bytes = figure("page_size");
    check_room(folder.path(), pages * page_bytes);
    const OutputFolder::LogInUse log_in_use{folder};
    ::setenv("SQLITE_TMPDIR", folder.tmp().c_str(), 1);  // no other thread runs in this command
    if (on_begin) on_begin(times_written * (pages - figure("freelist_count")) * page_bytes);
    db.exec("PRAGMA temp_store=FILE");
    db.exec("VACUUM");
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  }
  figures.bytes_after = bytes_with_log(database);
  return figures;
}

}  // namespace trawl::storage
