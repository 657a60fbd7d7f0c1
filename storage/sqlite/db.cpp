// The only file that knows SQLite's result codes. Durability is chosen here: WAL with
// synchronous=FULL, because NORMAL may lose commits of the last seconds in a power cut, and the
// archive is cut back to what the database remembers.
#include "storage/sqlite/db.hpp"

#include "core/base/log.hpp"
#include "core/base/units.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace trawl::storage {
namespace {

constexpr int busy_timeout_ms = 10'000;
constexpr int page_size_bytes = 4096;
constexpr int writer_cache_kib = 32 * 1024;
constexpr int reader_cache_kib = 4 * 1024;
constexpr int stop_check_steps = 1000;  // of SQLite's virtual machine
constexpr int copy_step_pages = 1024;
constexpr int wal_bytes_kept_max = 64 * 1024 * 1024;
constexpr std::size_t probe_bytes = 64 * 1024;

bool is_full_errno(int number) {
  return number == ENOSPC || number == EDQUOT;
}

// SQLite says "full" of a disk, but not of a quota, and the rollback writes over its errno.
bool takes_no_more(const std::filesystem::path& folder) {
  const int fd = ::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
  if (fd < 0) return is_full_errno(errno);
  const std::string block(probe_bytes, 'x');
  const ssize_t written = ::pwrite(fd, block.data(), block.size(), 0);
  const bool full = written < 0 ? is_full_errno(errno) : std::cmp_less(written, block.size());
  ::close(fd);
  return full;
}

bool is_full(sqlite3* db, int code, const std::filesystem::path& path) {
  if ((code & 0xff) == SQLITE_FULL) return true;
  if ((code & 0xff) != SQLITE_IOERR) return false;
  return (db && is_full_errno(sqlite3_system_errno(db))) || takes_no_more(path.parent_path());
}

// With the path's links followed, and with room for the name of a journal: SQLite only says that it
// can't open such a file.
std::string path_too_long(const std::string& path) {
  constexpr std::size_t journal_bytes = std::string_view{"-journal"}.size();
  const sqlite3_vfs* vfs = sqlite3_vfs_find(nullptr);
  std::error_code unknown;
  const auto whole = std::filesystem::weakly_canonical(path, unknown).string();
  const std::size_t bytes = std::max(whole.size(), path.size());
  if (vfs == nullptr || bytes + journal_bytes <= static_cast<std::size_t>(vfs->mxPathname))
    return {};
  return fmt::format(
      "{}: its path has {} bytes, and SQLite takes no more than {}: move the folder "
      "to where its path is shorter",
      path, bytes, static_cast<std::size_t>(vfs->mxPathname) - journal_bytes);
}

Failure failure_of(sqlite3* db, int code, const std::string& path) {
  const char* text = db ? sqlite3_errmsg(db) : sqlite3_errstr(code);
  if (is_full(db, code, path))
    return {Errc::disk_full, fmt::format("{}: no space left; free some", path)};
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {Errc::damaged, fmt::format("{} is damaged ({}); restore it from a copy, or choose "
                                         "another output folder",
                                         path, text)};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {Errc::io, fmt::format("{} is locked by another program; end it (readers: use "
                                    "sqlite3 -readonly) and run again",
                                    path)};
    case SQLITE_INTERRUPT:
      return {Errc::cancelled, fmt::format("{}: the query was cancelled", path)};
    case SQLITE_IOERR:
      return {Errc::io,
              fmt::format("{}: {} (code {}): what was being written is in doubt, what was "
                          "committed is not; check the disk and run again",
                          path, text, code)};
    case SQLITE_CANTOPEN:
      if (std::string fault = path_too_long(path); !fault.empty())
        return {Errc::io, std::move(fault)};
      [[fallthrough]];
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_PROTOCOL:
      return {Errc::io, fmt::format("{}: {} (code {})", path, text, code)};
    default:
      return {Errc::internal, fmt::format("{}: {} (code {})", path, text, code)};
  }
}

[[noreturn]] void raise(sqlite3* db, int code) {
  if ((code & 0xff) == SQLITE_NOMEM) throw std::bad_alloc();
  const char* path = db ? sqlite3_db_filename(db, "main") : nullptr;
  const int extended = db ? sqlite3_extended_errcode(db) : code;
  Failure failure = failure_of(db, extended, path ? path : "database");
  if ((extended & 0xff) == SQLITE_IOERR && failure.error().code == Errc::io)
    throw DeviceFailure(failure.error());
  throw failure;
}

// file:/path?immutable=1, for a file in a folder where SQLite can't create its -shm.
std::string immutable_uri(const std::filesystem::path& path) {
  std::string uri = "file:";
  for (const char c : std::filesystem::absolute(path).string()) {
    if (c == '%' || c == '?' || c == '#')
      uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    else
      uri += c;
  }
  return uri + "?immutable=1";
}

int note_wal_pages(void* pages, sqlite3*, const char*, int count) {
  *static_cast<int*>(pages) = count;
  return SQLITE_OK;
}

}  // namespace

bool Rows::next() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  raise(sqlite3_db_handle(statement_), code);
}

std::string_view Rows::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (!data) return {};
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::string_view Rows::blob(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  if (!data) return {};
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

void Statement::check(int code) const {
  if (code != SQLITE_OK) raise(sqlite3_db_handle(statement_.get()), code);
}

void Statement::bind(int index, std::string_view text, sqlite3_destructor_type lifetime) {
  // A null pointer would bind NULL; an empty string is not that.
  check(sqlite3_bind_text(statement_.get(), index, text.empty() ? "" : text.data(),
                          static_cast<int>(text.size()), lifetime));
}

void Statement::bind(int index, Blob blob, sqlite3_destructor_type lifetime) {
  check(sqlite3_bind_blob(statement_.get(), index, blob.bytes.empty() ? "" : blob.bytes.data(),
                          static_cast<int>(blob.bytes.size()), lifetime));
}

void Statement::bind(int index, std::nullptr_t, sqlite3_destructor_type) {
  check(sqlite3_bind_null(statement_.get(), index));
}

void Statement::bind_integer(int index, std::int64_t value) {
  check(sqlite3_bind_int64(statement_.get(), index, value));
}

std::int64_t Statement::run_bound() {
  Rows rows{statement_.get()};
  while (rows.next()) {
  }
  return sqlite3_changes64(sqlite3_db_handle(statement_.get()));
}

Db Db::open_uri(const std::string& uri, const std::filesystem::path& path, Access access) {
  Db db;
  db.path_ = path;
  const int flags =
      SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | (uri == path.string() ? 0 : SQLITE_OPEN_URI) |
      (access == Access::write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(uri.c_str(), &handle, flags, nullptr);
  db.handle_.reset(handle);
  if (code != SQLITE_OK) throw failure_of(handle, code, path.string());
  sqlite3_busy_timeout(handle, busy_timeout_ms);
  db.exec("PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA temp_store=MEMORY");
  if (access == Access::read) {
    sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    // Not sqlite3_interrupt(), which does nothing for a statement that is just about to begin.
    sqlite3_progress_handler(
        handle, stop_check_steps,
        [](void* stopped) -> int { return *static_cast<std::atomic<bool>*>(stopped) ? 1 : 0; },
        db.stopped_.get());
    db.exec(fmt::format("PRAGMA query_only=ON; PRAGMA cache_size=-{}", reader_cache_kib));
  } else {
    db.exec(fmt::format("PRAGMA page_size={}; PRAGMA cache_size=-{}", page_size_bytes,
                        writer_cache_kib));
  }
  return db;
}

Db Db::open_beside_writer(const std::filesystem::path& path) {
  Db db = open_uri(path.string(), path, Access::read);
  db.integer("PRAGMA schema_version");
  return db;
}

Db Db::open(const std::filesystem::path& path, Access access) {
  std::error_code ignored;
  if (access == Access::read && !std::filesystem::exists(path, ignored))
    throw Failure(Errc::not_found, fmt::format("there is no {}", path.string()));
  if (access == Access::write) return open_uri(path.string(), path, access);
  try {
    Db db = open_uri(path.string(), path, access);
    db.integer("PRAGMA schema_version");
    return db;
  } catch (const Failure& failure) {
    // A finished crawl in a folder that the reader may not write to, or on a disk that is full:
    // with nothing in a -wal file nothing can change the database, so it is read without locks.
    const auto wal_bytes = std::filesystem::file_size(path.string() + "-wal", ignored);
    const bool has_wal = !ignored && wal_bytes > 0;
    const Errc code = failure.error().code;
    if ((code != Errc::io && code != Errc::disk_full) || has_wal) throw;
  }
  return open_unchanging(path);
}

Db Db::open_unchanging(const std::filesystem::path& path) {
  return open_uri(immutable_uri(path), path, Access::read);
}

Statement Db::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) raise(handle_.get(), code);
  return Statement{statement};
}

void Db::exec(const std::string& sql) {
  const int code = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) raise(handle_.get(), code);
}

std::int64_t Db::integer(std::string_view sql) {
  Statement statement = prepare(sql);
  Rows rows = statement.query();
  return rows.next() ? rows.integer(0) : 0;
}

void Db::become_writer(int wal_alarm_pages) {
  wal_alarm_pages_ = wal_alarm_pages;
  {
    Statement statement = prepare("PRAGMA journal_mode=WAL");
    Rows rows = statement.query();
    if (!rows.next() || rows.text(0) != "wal")
      throw Failure(Errc::io, fmt::format("{}: this file system can't hold a database in WAL mode; "
                                          "choose an output folder on a local disk",
                                          path_.string()));
  }
  exec(
      fmt::format("PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; "
                  "PRAGMA journal_size_limit={}",
                  wal_bytes_kept_max));
  sqlite3_wal_hook(handle_.get(), note_wal_pages, wal_pages_.get());
}

void Db::checkpoint(int pages) {
  if (*wal_pages_ < pages) return;
  int checkpointed = 0, in_wal = 0;
  const int code = sqlite3_wal_checkpoint_v2(handle_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE,
                                             &in_wal, &checkpointed);
  if (code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY) {
    said_full_ = false;
    if (checkpointed < in_wal) warn_of_long_wal();
    return;
  }
  if (!is_full(handle_.get(), code, path_)) raise(handle_.get(), code);
  if (!std::exchange(said_full_, true))
    log("store")->warn("{}: the disk is full; {} pages stay in the write-ahead log", path_.string(),
                       *wal_pages_);
}

// The log begins anew only when all of it is in the file, which takes a moment without readers of
// an older state.
void Db::warn_of_long_wal() {
  if (*wal_pages_ < wal_alarm_pages_) return;
  log("store")->warn(
      "{}-wal has grown to {} because another program keeps reading an old state; end its "
      "transaction (readers: use short queries), and it shrinks by itself",
      path_.string(), human_bytes(std::uint64_t(*wal_pages_) * page_size_bytes));
  while (wal_alarm_pages_ <= *wal_pages_) wal_alarm_pages_ *= 2;
}

void Db::copy_to(Db& target) {
  sqlite3* to = target.handle_.get();
  sqlite3_backup* backup = sqlite3_backup_init(to, "main", handle_.get(), "main");
  if (backup == nullptr) raise(to, sqlite3_errcode(to));
  int code = SQLITE_OK;
  while (code == SQLITE_OK && !*stopped_) code = sqlite3_backup_step(backup, copy_step_pages);
  const int ended = sqlite3_backup_finish(backup);
  if (code == SQLITE_OK)
    throw Failure(Errc::cancelled, fmt::format("{}: the copy was cancelled", path_.string()));
  if (code == SQLITE_DONE && ended == SQLITE_OK) return;
  // A fault of reading has its text here, one of writing there.
  raise(sqlite3_errcode(handle_.get()) == SQLITE_OK ? to : handle_.get(),
        ended == SQLITE_OK ? code : ended);
}

bool Db::has_moved() {
  int moved = 0;
  const int code = sqlite3_file_control(handle_.get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  return code == SQLITE_OK && moved != 0;
}

Transaction::Transaction(Db& db, Access access) : db_(db) {
  db_.exec(access == Access::write ? "BEGIN IMMEDIATE" : "BEGIN");
}

Transaction::~Transaction() {
  if (!open_) return;
  try {
    db_.exec("ROLLBACK");
  } catch (const Failure&) {
    // SQLite has rolled back by itself (disk full, I/O error); there is nothing left to undo.
  }
}

void Transaction::commit() {
  db_.exec("COMMIT");
  open_ = false;
}

}  // namespace trawl::storage
