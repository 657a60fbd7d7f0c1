#pragma once
// FolderCheck: holds an output folder against its own database: the database's pages, the archive
// record by record, and the body that each record names.

#include "core/crawl/archive.hpp"
#include "core/crawl/record.hpp"
#include "storage/sqlite/db.hpp"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace trawl::service {

// A part of the folder that is not as it was written.
struct Finding {
  bool missing = false;                   // the file isn't there
  const crawl::Record* record = nullptr;  // null: it is of no record, but of a file
  std::string file;                       // relative to the folder
  std::optional<std::uint64_t> offset;    // in it, where that is known
  std::string detail;
};

// May be read by another thread while the check goes on.
struct FolderFigures {
  std::atomic<std::uint64_t> files = 0;         // of the archive
  std::atomic<std::uint64_t> faulty_files = 0;  // of them; those that are missing too
  std::atomic<std::uint64_t> records = 0;
  std::atomic<std::uint64_t> bodies = 0;   // that records name
  std::atomic<std::uint64_t> damaged = 0;  // of them
  std::atomic<std::uint64_t> missing = 0;  // of the bodies
  std::atomic<std::uint64_t> cut = 0;      // of the bodies, by a limit or where they broke off
};

// Also while a job runs, whose records may change meanwhile: those that fail are read once more.
// What is behind the last commit in an archive is no part of it yet. Constant memory, apart from
// some 40 bytes a record of the largest archive file. A body that is left out as the same as an
// earlier one is looked for in all archives, where the database doesn't know that one any more.
class FolderCheck {
 public:
  using Report = std::function<void(const Finding&)>;

  // db: of the folder, must outlive the check.
  FolderCheck(std::filesystem::path folder, storage::Db& db, Report report);

  // Once. Throws Failure when the database can't be read.
  void run();
  const FolderFigures& figures() const { return figures_; }
  // Of archive files that lack what was committed to them: the end of the last whole record that is
  // there; 0 of those that are gone. A job refuses them until the store has these marks.
  const std::vector<crawl::ArchiveMark>& cut_archives() const { return cut_archives_; }

 private:
  void check_database();
  void check_archive(const std::string& file, std::uint64_t bytes);
  void check_record(const crawl::Record& record);
  void report_body(const crawl::Record& record, std::string detail);

  const std::filesystem::path folder_;
  storage::Db& db_;
  const Report report_;
  FolderFigures figures_;
  std::vector<crawl::ArchiveMark> cut_archives_;
};

}  // namespace trawl::service
