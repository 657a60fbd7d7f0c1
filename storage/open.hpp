#pragma once
// The output folder: made when missing, held by one process at a time, told apart from folders
// that are not trawl's before anything in it is touched.

#include "storage/sqlite/db.hpp"
#include "storage/sqlite/store.hpp"

#include <filesystem>
#include <memory>

namespace trawl::storage {

class OutputFolder {
 public:
  // Creates the folder with tmp/ in it, takes its lock and clears tmp/ of all but parts of bodies.
  // Throws Failure{in_use} when another process holds it (the message names it), Failure{io,
  // disk_full} when it can't be made, read or written, Failure{damaged} when crawl.db is not
  // trawl's, or is missing or empty although tmp/, warc/ or files/ hold something, or when its log
  // was taken away: recovery would delete what isn't in the database.
  static OutputFolder open(const std::filesystem::path& path);

  // The store of the folder, created when there is none; its directory entries are durable.
  std::unique_ptr<SqliteStore> open_store() const;
  // While it lives, a process that dies leaves the database's log behind, and what was committed
  // can be told from what is left of it. Made once the store has committed something, and gone
  // before the store is.
  class LogInUse {
   public:
    explicit LogInUse(const OutputFolder& folder, SqliteStore* store = nullptr);
    ~LogInUse();
    LogInUse(const LogInUse&) = delete;
    LogInUse& operator=(const LogInUse&) = delete;

   private:
    const OutputFolder& folder_;
    SqliteStore* store_;
  };

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path tmp() const { return path_ / "tmp"; }
  std::filesystem::path database() const { return path_ / "crawl.db"; }

  ~OutputFolder();
  OutputFolder(OutputFolder&& other) noexcept;
  OutputFolder& operator=(OutputFolder&&) = delete;

 private:
  explicit OutputFolder(std::filesystem::path path) : path_(std::move(path)) {}
  void lock();
  void write_lock_file(bool log_in_use, const std::optional<CommitMark>& mark = {}) const;
  void write_mark(const CommitMark& mark) const;
  void check_contents() const;
  void check_log() const;
  void check_mark(bool begun) const;
  void clear_tmp() const;

  std::filesystem::path path_;
  int lock_fd_ = -1;           // holds the lock while open
  bool log_expected_ = false;  // the last run did not end in order, and left the database's log
  CommitMark mark_;            // of that run
};

// Tables that an older trawl wrote are made those of today, as its next run would. Takes the folder
// for that moment. Throws Failure{in_use} when another process has it for long, Failure{io} where
// it can't be written.
void bring_up_to_date(const std::filesystem::path& folder);

// A reading connection to a folder's database, brought up to date; needs no lock else. Throws as
// open_for_reading(), and Failure{damaged} when its log was taken away.
Db open_results(const std::filesystem::path& folder);

}  // namespace trawl::storage
