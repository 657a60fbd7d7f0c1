// By fingerprints of the names, so that millions of records are a few megabytes.
#include "service/folder/unused_files.hpp"

#include "core/base/result.hpp"
#include "core/web/digest.hpp"
#include "service/records/each_record.hpp"
#include "storage/files/file_handle.hpp"
#include "storage/files/writer.hpp"
#include "storage/open.hpp"

#include <boost/unordered/unordered_flat_set.hpp>
#include <fmt/format.h>

#include <string>
#include <vector>

namespace trawl::service {
namespace {

namespace fs = std::filesystem;

using Names = boost::unordered_flat_set<std::uint64_t>;

Names names_in_use(const fs::path& folder) {
  Names names;
  auto db = storage::open_results(folder);
  each_record(db, [&names](const crawl::Record& record) {
    if (record.outcome.archive) names.insert(web::fingerprint(record.outcome.archive->file));
    return true;
  });
  return names;
}

// Whether nothing is left in the folder.
bool clear(const fs::path& folder, const fs::path& output, const Names& in_use,
           UnusedFiles& removed) {
  bool empty = true;
  for (const auto& entry : fs::directory_iterator{folder}) {
    if (entry.is_directory() && !entry.is_symlink()) {
      if (clear(entry.path(), output, in_use, removed))
        fs::remove(entry.path());
      else
        empty = false;
      continue;
    }
    const std::string name = entry.path().lexically_relative(output).string();
    if (!entry.is_regular_file() || entry.is_symlink() || in_use.contains(web::fingerprint(name))) {
      empty = false;
      continue;
    }
    const std::uint64_t bytes = entry.file_size();
    storage::remove_file(entry.path());
    ++removed.files;
    removed.bytes += bytes;
  }
  return empty;
}

}  // namespace

UnusedFiles remove_unused_files(const fs::path& folder) {
  if (!fs::exists(folder / "crawl.db"))
    throw Failure(Errc::not_found, fmt::format("there is no {}", (folder / "crawl.db").string()));
  const auto held = storage::OutputFolder::open(folder);
  // What a job that was killed had replaced and not committed, as the next run would do.
  const auto marks = held.open_store()->marks();
  storage::FileArchive{{.output_dir = held.path()}}.recover(marks);
  UnusedFiles removed;
  const fs::path files = folder / "files";
  if (fs::is_directory(files)) clear(files, folder, names_in_use(folder), removed);
  return removed;
}

}  // namespace trawl::service
