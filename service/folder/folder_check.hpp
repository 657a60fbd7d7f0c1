#pragma once
// FolderCheck: holds an output folder against its own database: the database's pages, the archive
// record by record, and the body that each record names.

#include "core/base/result.hpp"
#include "core/crawl/state/record.hpp"
#include "core/crawl/state/store.hpp"
#include "storage/sqlite/db.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trawl::service {

enum class Problem : std::uint8_t {
  damaged,     // not as it was written
  missing,     // the file isn't there
  unreadable,  // the system refuses it; nothing is known of what is in it
};
std::string_view to_string(Problem problem);

struct Finding {
  Problem problem = Problem::damaged;
  const crawl::Record* record = nullptr;  // null: it is of no record, but of a file
  std::string file;                       // relative to the folder
  std::optional<std::uint64_t> offset;    // in it, where that is known
  std::string detail;
};

// May be read by another thread while the check goes on.
struct FolderFigures {
  std::atomic<bool> database_read = false;      // its pages are checked
  std::atomic<bool> database_sound = true;      // so far
  std::atomic<std::uint64_t> files = 0;         // of the archive
  std::atomic<std::uint64_t> faulty_files = 0;  // of them; those that are missing too
  std::atomic<std::uint64_t> records = 0;
  std::atomic<std::uint64_t> bodies = 0;      // that records name
  std::atomic<std::uint64_t> damaged = 0;     // of them
  std::atomic<std::uint64_t> missing = 0;     // of the bodies
  std::atomic<std::uint64_t> unreadable = 0;  // of the bodies
  std::atomic<std::uint64_t> cut = 0;         // of the bodies, by a limit or where they broke off
};

// Also while a job runs, whose records may change meanwhile: those that fail are read once more, a
// while later. What is behind the last commit in an archive is no part of it yet. Memory: some 70
// bytes for each record of the archive. SQLite's check holds one snapshot of the database.
class FolderCheck {
 public:
  using Report = std::function<void(const Finding&)>;

  // db: of the folder, must outlive the check. before_second_look: called before those that failed
  // are read once more, some thousand at a time; waits where a job may be running, which puts a
  // file into its place shortly before it commits the record.
  FolderCheck(std::filesystem::path folder, storage::Db& db, Report report,
              std::function<void()> before_second_look);

  // Once. Throws Failure when the database can't be read.
  void run();
  const FolderFigures& figures() const { return figures_; }
  // Archive files that lack what was committed to them. A job refuses them until the store has
  // given them up: a mark of 0 bytes.
  const std::vector<crawl::ArchiveMark>& cut_archives() const { return cut_archives_; }

 private:
  struct Place {
    std::uint32_t file = 0;  // of files_
    std::uint64_t offset = 0;
  };

  void check_database();
  void check_archive(const crawl::ArchiveMark& mark);
  void check_record(const crawl::Record& record);
  void check_again();
  Result<> check_body(const crawl::Record& record) const;
  void report_body(const crawl::Record& record, const Error& fault);
  std::optional<crawl::ArchivePosition> original(std::string_view record_id) const;

  const std::filesystem::path folder_;
  storage::Db& db_;
  const Report report_;
  const std::function<void()> before_second_look_;
  FolderFigures figures_;
  std::vector<std::string> files_;             // of the archive
  std::map<std::string, std::uint64_t> ends_;  // of those that could be read, in bytes
  std::map<std::string, std::map<std::uint64_t, std::string>> faults_;  // of those, by offset
  std::vector<crawl::ArchiveMark> cut_archives_;
  boost::unordered_flat_map<std::uint64_t, Place> originals_;  // by the fingerprint of their id
  bool some_unreadable_ = false;                               // of the files
  std::vector<crawl::UrlId> suspects_;
};

}  // namespace trawl::service
