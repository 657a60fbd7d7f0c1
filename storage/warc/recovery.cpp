// What a start finds in the folder of an archive. Until the first batch with something in it is
// committed, an empty note stands beside a file: only what has one is removed. Any other file that
// the store doesn't know is somebody else's, or of a time that the store, put back from a copy, has
// yet to come to.
#include "core/base/log.hpp"
#include "storage/warc/file_name.hpp"
#include "storage/warc/writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <map>
#include <set>
#include <utility>

namespace trawl::storage {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& path, const std::string& why) {
  throw Failure(Errc::damaged,
                fmt::format("{} {}; put the whole one back, or have what was in it fetched again: "
                            "trawl verify --requeue {}",
                            path.string(), why, path.parent_path().parent_path().string()));
}

// Cuts a file to its mark.
void cut_to_mark(const fs::path& path, std::uint64_t bytes) {
  if (!fs::exists(path)) refuse(path, "is missing, and records are in it");
  auto file = FileHandle::open_for_writing(path);
  const std::uint64_t size = file.size();
  if (size < bytes)
    refuse(path,
           fmt::format("has {} bytes, and records are in {}: it was cut or replaced", size, bytes));
  if (size == bytes) return;
  file.truncate(bytes);
  file.sync_all();
  log("archive")->info("cut {} uncommitted bytes off {}", size - bytes, path.string());
}

}  // namespace

void WarcArchive::recover(const std::vector<crawl::ArchiveMark>& marks) {
  std::map<std::string, std::uint64_t> committed;
  std::set<std::string> given_up;  // no more is asked of them, and nothing is done to them
  for (const auto& mark : marks) {
    const std::string_view file = mark.file;
    const auto serial = file.starts_with(warc_folder_name)
                            ? warc_serial(file.substr(warc_folder_name.size()))
                            : std::nullopt;
    if (!serial || file.find('/', warc_folder_name.size()) != std::string_view::npos)
      continue;                                          // Of another kind of archive.
    next_serial_ = std::max(next_serial_, *serial + 1);  // also of what is there no more
    if (mark.bytes > 0)
      committed[mark.file] = mark.bytes;
    else
      given_up.insert(mark.file);
  }
  for (const auto& [file, bytes] : committed) cut_to_mark(options_.output_dir / file, bytes);
  if (!fs::exists(folder_)) return;
  std::set<std::string> known = std::move(given_up);
  for (const auto& [file, bytes] : committed) known.insert(file);
  remove_uncommitted(known);
}

void WarcArchive::remove_uncommitted(const std::set<std::string>& known) {
  std::vector<fs::path> notes;
  std::size_t others = 0;
  for (const auto& entry : fs::directory_iterator(folder_)) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_regular_file()) continue;
    if (name.ends_with(warc_note_suffix)) notes.push_back(entry.path());
    const auto serial = warc_serial(name);
    if (!serial) continue;
    next_serial_ = std::max(next_serial_, *serial + 1);
    const bool is_known = known.contains(std::string{warc_folder_name} + name);
    if (!is_known && !fs::exists(entry.path().string().append(warc_note_suffix))) ++others;
  }
  if (others > 0)
    log("archive")->info("{} in {} {} not of this crawl's records and left alone",
                         others == 1 ? "a file" : fmt::format("{} files", others), folder_.string(),
                         others == 1 ? "is" : "are");
  for (const fs::path& note : notes) {
    std::string name = note.filename().string();
    name.resize(name.size() - warc_note_suffix.size());
    if (!warc_serial(name)) continue;
    if (known.contains(std::string{warc_folder_name} + name)) {
      remove_note(std::string{warc_folder_name} + name);
      continue;
    }
    if (fs::exists(folder_ / name)) {
      remove_file(folder_ / name);
      log("archive")->info("removed {}, of which nothing was committed", (folder_ / name).string());
    }
    remove_file(note);
  }
  if (!notes.empty()) sync_directory(folder_);
}

fs::path WarcArchive::note_of(const std::string& name) const {
  return options_.output_dir / std::string{name}.append(warc_note_suffix);
}

void WarcArchive::remove_output(const std::string& name) {
  remove_file(options_.output_dir / name);
  remove_file(note_of(name));
  uncommitted_.erase(name);
}

// False: it stays for now. A disk that is full may refuse even that (Btrfs does), and what is
// committed is so all the same: the note says nothing of a file that the store knows.
bool WarcArchive::remove_note(const std::string& name) {
  try {
    remove_file(note_of(name));
    return true;
  } catch (const std::exception& failure) {
    if (!std::exchange(said_note_stays_, true))
      log("archive")->warn("{}; it goes after a later commit, or at the next start",
                           failure.what());
    return false;
  }
}

// A note that stays is tried again when more of its file is committed.
void WarcArchive::on_committed() {
  for (const std::string& file : std::exchange(being_committed_, {}))
    if (uncommitted_.contains(file) && remove_note(file)) uncommitted_.erase(file);
}

}  // namespace trawl::storage
