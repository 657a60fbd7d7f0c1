// Files that the database doesn't know may be of another job, put there to be read together, and
// recovery leaves them alone: they say nothing of a log. What this job writes has its name and a
// higher serial than all before; and of what has a note beside it, recovery would remove it.
#include "storage/lost_log.hpp"

#include "storage/warc/file_name.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <system_error>

namespace trawl::storage {
namespace {

namespace fs = std::filesystem;

// By the database.
struct Known {
  std::map<std::string, std::uint64_t, std::less<>> bytes;  // of each file; 0: it was given up
  std::optional<std::uint64_t> last_serial;
  std::optional<std::string> job;  // as names of files have it
};

Known read_known(Db& db) {
  Known known;
  const auto has = [&db](const std::string& table) {
    return db.integer("SELECT count(*) FROM sqlite_schema WHERE name='" + table + "'") > 0;
  };
  if (has("archive_file")) {
    Statement files = db.prepare("SELECT file, bytes FROM archive_file");
    for (Rows rows = files.query(); rows.next();) {
      const std::string_view file = rows.text(0);
      if (!file.starts_with(warc_folder_name)) continue;
      const std::string_view name = file.substr(warc_folder_name.size());
      known.bytes.emplace(name, static_cast<std::uint64_t>(rows.integer(1)));
      if (const auto serial = warc_serial(name))
        known.last_serial = std::max(known.last_serial.value_or(0), *serial);
    }
  }
  if (has("meta")) {
    Statement name = db.prepare("SELECT value FROM meta WHERE key='job.name'");
    if (Rows rows = name.query(); rows.next()) known.job = warc_job(rows.text(0));
  }
  return known;
}

// Of a file that the database doesn't know.
bool is_later(const Known& known, const fs::path& file) {
  const std::string name = file.filename().string();
  const auto parsed = parse_warc_name(name);
  if (!parsed) return false;
  if (!known.job) return true;  // whatever the job is called, the log alone has it
  std::error_code ignored;
  if (fs::exists(file.string().append(warc_note_suffix), ignored)) return true;
  return parsed->job == *known.job && (!known.last_serial || parsed->serial > *known.last_serial);
}

}  // namespace

std::optional<ArchivedLater> archived_later(Db& db, const fs::path& folder) {
  const Known known = read_known(db);
  std::error_code none;
  for (const auto& entry : fs::directory_iterator{folder / "warc", none}) {
    if (!entry.is_regular_file()) continue;
    const auto mark = known.bytes.find(entry.path().filename().string());
    if (mark == known.bytes.end() ? !is_later(known, entry.path()) : mark->second == 0) continue;
    const std::uint64_t bytes = mark == known.bytes.end() ? 0 : mark->second;
    if (entry.file_size() > bytes) return ArchivedLater{entry.path(), entry.file_size() - bytes};
  }
  return std::nullopt;
}

}  // namespace trawl::storage
