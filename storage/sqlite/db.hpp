#pragma once
// SQLite as RAII values: a connection (Db), a prepared statement, its rows, a transaction.
//
// A Db is used by one thread at a time. One process-wide rule keeps clear of the WAL-reset bug of
// SQLite before 3.51.3: exactly one connection to a file writes and checkpoints (Access::write);
// every other one is opened read-only and never checkpoints (Access::read).
// Every call throws Failure: disk_full, damaged, io (also for a lock held by another program),
// not_found (reading a file that isn't there), internal (a bug: constraint, misuse).

#include "core/base/result.hpp"

#include <sqlite3.h>

#include <atomic>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace trawl::storage {

enum class Access : std::uint8_t { read, write };

// Failure{io} of the device itself (a read, write or fsync), full disks apart: what is on it is
// then unknown, and a repeated fsync would lie.
class DeviceFailure : public Failure {
 public:
  using Failure::Failure;
};

// Values that are bound in a special way.
struct Blob {
  std::string_view bytes;
};
struct NullIfEmpty {
  std::string_view text;
};

// The rows of one run of a statement; views are valid until the next next(). Going out of scope
// resets the statement, so that no read snapshot stays open.
class Rows {
 public:
  explicit Rows(sqlite3_stmt* statement) : statement_(statement) {}
  ~Rows() { sqlite3_reset(statement_); }
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  bool next();
  bool null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  double real(int column) const { return sqlite3_column_double(statement_, column); }
  std::string_view text(int column) const;  // empty for NULL
  std::string_view blob(int column) const;  // empty for NULL
  bool is_blob(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_BLOB; }
  std::optional<std::int64_t> optional_integer(int column) const {
    return null(column) ? std::nullopt : std::optional{integer(column)};
  }

 private:
  sqlite3_stmt* statement_;
};

// A prepared statement, kept by its user for the life of the connection.
class Statement {
 public:
  Statement() = default;

  // Binds args to ?1, ?2, … and runs to the end. Returns the number of rows changed.
  template <class... Args>
  std::int64_t run(const Args&... args) {
    int index = 0;
    (bind(++index, args, SQLITE_STATIC), ...);
    return run_bound();
  }

  // Binds copies of args and starts a query; only one Rows of a statement lives at a time.
  template <class... Args>
  Rows query(const Args&... args) {
    int index = 0;
    (bind(++index, args, SQLITE_TRANSIENT), ...);
    return Rows{statement_.get()};
  }

  // For queries whose arguments are counted at run time: bind each, then query().
  template <class T>
  void bind(int index, const T& value) {
    bind(index, value, SQLITE_TRANSIENT);
  }

 private:
  friend class Db;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

  template <std::integral T>
  void bind(int index, T value, sqlite3_destructor_type) {
    bind_integer(index, static_cast<std::int64_t>(value));
  }
  void bind(int index, std::string_view text, sqlite3_destructor_type lifetime);
  void bind(int index, Blob blob, sqlite3_destructor_type lifetime);
  void bind(int index, std::nullptr_t, sqlite3_destructor_type);
  void bind(int index, NullIfEmpty value, sqlite3_destructor_type lifetime) {
    value.text.empty() ? bind(index, nullptr, lifetime) : bind(index, value.text, lifetime);
  }
  template <class T>
  void bind(int index, const std::optional<T>& value, sqlite3_destructor_type lifetime) {
    value ? bind(index, *value, lifetime) : bind(index, nullptr, lifetime);
  }
  void bind_integer(int index, std::int64_t value);
  std::int64_t run_bound();
  void check(int code) const;

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class Db {
 public:
  // Access::write creates the file when it is missing; Access::read needs it to be there.
  static Db open(const std::filesystem::path& path, Access access);
  // For reading a file that a writer has open; never takes it for one that nobody changes.
  static Db open_beside_writer(const std::filesystem::path& path);
  // For reading a file that nobody changes, without its log and without leaving anything beside it.
  static Db open_unchanging(const std::filesystem::path& path);

  Statement prepare(std::string_view sql);
  void exec(const std::string& sql);           // any number of statements, rows are ignored
  std::int64_t integer(std::string_view sql);  // the first column of the first row; 0 if none
  std::int64_t last_insert_id() const { return sqlite3_last_insert_rowid(handle_.get()); }

  // Write connection: WAL with a durable commit. Checkpoints are then made by checkpoint() alone.
  // alarm: so many pages that can't be checkpointed are said in the log, and each doubling of them.
  void become_writer(int wal_alarm_pages = 64 * 1024);
  // Write connection: moves committed pages from the WAL into the file when at least `pages` of
  // them wait; waits for nobody. Throws Failure{io, damaged} when the file can't be trusted any
  // more; a full disk, or a reader that stays in one transaction, only leaves the WAL longer.
  void checkpoint(int pages);
  // All pages, as the transaction that is open sees them, into a database of nobody else's. Ends
  // with Failure{cancelled} soon after stop_statements().
  void copy_to(Db& target);
  // Write connection: the file is no longer where it was opened, so that nobody would find what is
  // written into it.
  bool has_moved();
  int wal_pages() const { return *wal_pages_; }

  const std::filesystem::path& path() const { return path_; }
  sqlite3* native_handle() { return handle_.get(); }
  // Read connection, any thread: until allow_statements() is called, the statement that runs and
  // those that begin fail with Failure{cancelled}, apart from very short ones.
  void stop_statements() { *stopped_ = true; }
  void allow_statements() { *stopped_ = false; }

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  static Db open_uri(const std::string& uri, const std::filesystem::path& path, Access access);

  void warn_of_long_wal();

  std::filesystem::path path_;
  int wal_alarm_pages_ = 0;
  bool said_full_ = false;  // at a checkpoint, since the last one that succeeded
  std::unique_ptr<int> wal_pages_ = std::make_unique<int>(0);  // addresses known to SQLite
  std::unique_ptr<std::atomic<bool>> stopped_ = std::make_unique<std::atomic<bool>>(false);
  std::unique_ptr<sqlite3, Close> handle_;
};

// BEGIN IMMEDIATE (write) or BEGIN (read); rolled back unless committed.
class Transaction {
 public:
  Transaction(Db& db, Access access);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Db& db_;
  bool open_ = true;
};

}  // namespace trawl::storage
