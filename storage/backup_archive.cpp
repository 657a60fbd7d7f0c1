// A WARC file only grows, so its first bytes up to the mark are the same whenever they are copied.
// Files of the other kind are replaced as a whole, under the same name: their digest tells.
#include "storage/backup_archive.hpp"

#include "core/web/digest.hpp"
#include "storage/files/file_handle.hpp"
#include "storage/files/stored_name.hpp"
#include "storage/sqlite/queries.hpp"
#include "storage/sqlite/row.hpp"
#include "storage/sqlite/schema.hpp"
#include "storage/warc/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>

namespace trawl::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t piece_bytes = 1024 * 1024;
constexpr std::string_view warc_folder = "warc/";

// A name from a database; it may not lead out of the folder.
void check_name(const Db& copy, std::string_view name) {
  if (!lies_inside(name))
    throw Failure(Errc::damaged, fmt::format("{} names a file outside its folder: {}",
                                             copy.path().string(), name));
}

bool try_link(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::create_hard_link(from, to, error);
  return !error;
}

void copy_bytes(const fs::path& from, const fs::path& to, std::uint64_t bytes) {
  const FileHandle source = FileHandle::open_for_reading(from);
  if (source.size() < bytes)
    throw Failure(Errc::damaged,
                  fmt::format("{} has {} bytes, and crawl.db knows of {}; restore it from a copy",
                              from.string(), source.size(), bytes));
  remove_file(to);
  FileHandle target = FileHandle::create(to);
  std::string piece(piece_bytes, '\0');
  for (std::uint64_t done = 0; done < bytes;) {
    const auto wanted = std::min<std::uint64_t>(piece.size(), bytes - done);
    const auto got = source.read_at(done, {piece.data(), static_cast<std::size_t>(wanted)});
    if (got < wanted) throw_system_error(EIO, "read", from);
    target.write_at(done, std::string_view{piece}.substr(0, got));
    done += got;
  }
  target.set_modified(source.modified());
}

// "00012" of "warc/job-20260131235958-00012.warc.gz": files are begun in this order.
std::string_view serial_of(std::string_view file) {
  const auto begin = file.rfind('-') + 1;
  return file.substr(begin, file.find('.', begin) - begin);
}

// Of numbers without leading zeros that count.
bool is_lower(std::string_view a, std::string_view b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

std::string newest_serial(Db& copy) {
  std::string newest;
  Statement statement =
      copy.prepare("SELECT file FROM archive_file WHERE bytes > 0 AND file LIKE 'warc/%'");
  for (Rows rows = statement.query(); rows.next();)
    if (const auto serial = serial_of(rows.text(0)); is_lower(newest, serial)) newest = serial;
  return newest;
}

[[noreturn]] void refuse_lost_file(const fs::path& folder, const fs::path& file,
                                   std::uint64_t bytes) {
  throw Failure(
      Errc::damaged,
      fmt::format("{} is not there, and crawl.db knows of {} bytes in it; put it back from a copy, "
                  "have what was in it fetched again (trawl verify --requeue {}), or copy what is "
                  "left with --no-verify",
                  file.string(), bytes, folder.string()));
}

// The file that the job may still be writing to is the one with the highest number.
void copy_warcs(Db& copy, const fs::path& folder, const fs::path& target, BackupOptions options,
                BackupFigures& figures) {
  Statement statement = copy.prepare(
      "SELECT file, bytes FROM archive_file WHERE bytes IS NOT NULL AND file LIKE 'warc/%' "
      "ORDER BY id");
  const std::string newest = newest_serial(copy);
  for (Rows rows = statement.query(); rows.next();) {
    const fs::path name{rows.text(0)};
    check_name(copy, rows.text(0));
    auto bytes = static_cast<std::uint64_t>(rows.integer(1));
    const fs::path from = folder / name, to = target / name;
    std::error_code missing;
    if (bytes == 0) bytes = fs::file_size(from, missing);  // given up: what is there of it
    if (missing) continue;
    if (!fs::exists(from, missing) && !missing) {
      if (!options.verify) continue;  // the copy is as the folder is
      refuse_lost_file(folder, from, bytes);
    }
    const bool finished =
        is_lower(serial_of(rows.text(0)), newest) && fs::file_size(from, missing) == bytes;
    if (options.link && finished && !missing && try_link(from, to))
      ++figures.linked;
    else
      copy_bytes(from, to, bytes);
    ++figures.files;
    figures.archive_bytes += bytes;
  }
}

bool has_digest(const fs::path& file, std::string_view digest) {
  std::error_code missing;
  if (!fs::exists(file, missing)) return false;
  const FileHandle source = FileHandle::open_for_reading(file);
  web::Hasher hasher{web::Hasher::Algorithm::sha256};
  std::string piece(piece_bytes, '\0');
  for (std::uint64_t at = 0;;) {
    const std::size_t got = source.read_at(at, {piece.data(), piece.size()});
    if (got == 0) break;
    hasher.update(std::string_view{piece}.substr(0, got));
    at += got;
  }
  return "sha256:" + hasher.hex() == digest;
}

OtherFiles copy_files(Db& copy, const fs::path& folder, const fs::path& target,
                      BackupFigures& figures) {
  OtherFiles others;
  // Of a body that could not be decoded the file has what was sent, and the digest is of the rest.
  Statement statement = copy.prepare(
      "SELECT a.file, CASE WHEN u.error IS 'decode' THEN NULL ELSE r.digest END FROM result r "
      "JOIN archive_file a ON a.id = r.archive_id "
      "JOIN url u ON u.host_id = r.host_id AND u.seq = r.seq WHERE a.file LIKE 'files/%'");
  for (Rows rows = statement.query(); rows.next();) {
    const fs::path name{rows.text(0)};
    check_name(copy, rows.text(0));
    const std::string digest = rows.is_blob(1) ? StoredDigest::text_of(rows.blob(1)) : "";
    const fs::path to = target / name;
    if (digest.empty() || !has_digest(to, digest)) {
      std::error_code missing;
      const auto bytes = fs::file_size(folder / name, missing);
      if (!missing) {
        fs::create_directories(to.parent_path());
        copy_bytes(folder / name, to, bytes);
      }
      if (missing || (!digest.empty() && !has_digest(to, digest))) {
        if (others.count == 0) others = {0, name.string(), digest, bool{missing}};
        ++others.count;
      }
    }
    ++figures.files;
    figures.archive_bytes += fs::exists(to) ? fs::file_size(to) : 0;
  }
  return others;
}

}  // namespace

OtherFiles copy_archive(Db& copy, const fs::path& folder, const fs::path& target,
                        BackupOptions options, BackupFigures& figures) {
  if (copy.integer("SELECT EXISTS(SELECT 1 FROM archive_file WHERE file LIKE 'warc/%')") != 0)
    fs::create_directories(target / warc_folder);
  copy_warcs(copy, folder, target, options, figures);
  return copy_files(copy, folder, target, figures);
}

void verify_backup(const fs::path& folder, const fs::path& target) {
  Db db = open_for_reading(target / "crawl.db");
  if (const std::string fault = database_fault(db); !fault.empty())
    throw Failure(Errc::damaged,
                  fmt::format("the copy of crawl.db is not sound ({}); check the disks and the "
                              "database itself",
                              fault));
  std::set<fs::path> given_up;
  for (const auto& mark : archive_marks(db))
    if (mark.bytes == 0) given_up.insert(target / mark.file);
  std::error_code none;
  for (const auto& entry : fs::directory_iterator{target / warc_folder, none}) {
    if (given_up.contains(entry.path())) continue;
    const auto summary = verify_warc(entry.path());
    if (!summary) throw Failure(summary.error());
    if (summary->fault_count == 0) continue;
    throw Failure(
        Errc::damaged,
        fmt::format(
            "the copy of {} has {}, first: {}; \"trawl warc verify\" of the "
            "original shows whether it has {} too, and --no-verify copies it as "
            "it is",
            (folder / warc_folder / entry.path().filename()).string(),
            summary->fault_count == 1 ? "a fault" : fmt::format("{} faults", summary->fault_count),
            summary->faults.empty() ? "" : summary->faults.front().what,
            summary->fault_count == 1 ? "it" : "them"));
  }
}

}  // namespace trawl::storage
