// The lock is a flock on DIR/.lock: the kernel gives it back however the process ends, so there is
// no stale lock to remove by hand. The pid inside is only for the message. A second line says that
// the database has a log (crawl.db-wal), a third what was committed last: SQLite takes a log that
// is missing, or damaged, for one that ends there, so that without them nobody would notice.
#include "storage/open.hpp"

#include "core/base/errno_text.hpp"
#include "core/crawl/state/kept_part.hpp"
#include "storage/files/writer.hpp"
#include "storage/forgetting.hpp"
#include "storage/lost_log.hpp"
#include "storage/sqlite/schema.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <span>
#include <system_error>
#include <utility>

namespace trawl::storage {
namespace {

namespace fs = std::filesystem;

// The database header (https://www.sqlite.org/fileformat.html, 1.3).
constexpr std::size_t header_bytes = 100;
constexpr std::size_t application_id_offset = 68;

constexpr int mark_reads_max = 5;
constexpr std::chrono::seconds update_wait{10};  // for who has the folder
constexpr int update_look_ms = 50;

[[noreturn]] void raise(int error, const std::string& doing) {
  const Errc code = error == ENOSPC || error == EDQUOT ? Errc::disk_full : Errc::io;
  const std::string reason = errno_text(error);
  throw Failure(code, fmt::format("can't {}: {}", doing, reason));
}

// Of the path or a folder above it; a link to nothing is what create_directories() takes for a
// file.
void refuse_dangling_link(const fs::path& path) {
  std::error_code error;
  for (fs::path part = path; part.has_relative_path(); part = part.parent_path())
    if (fs::is_symlink(part, error) && !fs::exists(part, error))
      throw Failure(Errc::io,
                    fmt::format("{} is a link to {}, which isn't there; make that folder, "
                                "or choose another output folder",
                                part.string(), fs::read_symlink(part, error).string()));
}

void create_folder(const fs::path& path) {
  std::error_code error;
  if (fs::exists(path, error) && !fs::is_directory(path, error))
    throw Failure(Errc::io, fmt::format("{} is not a directory; choose another output folder",
                                        path.string()));
  fs::create_directories(path, error);
  if (error) refuse_dangling_link(path);
  if (error) raise(error.value(), fmt::format("create the folder {}", path.string()));
}

// Makes the names in a folder durable.
void sync_folder(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) raise(errno, fmt::format("open the folder {}", path.string()));
  const int error = ::fsync(fd) == 0 ? 0 : errno;
  ::close(fd);
  // Some network file systems know no fsync of a folder.
  if (error != 0 && error != EINVAL) raise(error, fmt::format("sync {}", path.string()));
}

constexpr std::string_view log_line = "crawl.db-wal in use\n";

// Always as long, so that it is written over in one piece.
std::string mark_line(const CommitMark& mark) {
  return fmt::format("committed {:020} {:020}\n", mark.next_seq, mark.bytes_wire);
}

CommitMark mark_in(std::string_view lock_text) {
  CommitMark mark;
  const auto at = lock_text.find("committed ");
  if (at == lock_text.npos) return mark;
  const std::string line{lock_text.substr(at)};
  if (std::sscanf(line.c_str(), "committed %" SCNd64 " %" SCNu64, &mark.next_seq,
                  &mark.bytes_wire) != 2)
    return {};
  return mark;
}

[[noreturn]] void refuse_lost_log(const fs::path& folder) {
  throw Failure(
      Errc::damaged,
      fmt::format("{} lacks what was committed last: crawl.db-wal is gone or damaged "
                  "though the last run did not end in order: put crawl.db-wal back, or "
                  "choose another output folder; to go on without what it held, delete {}",
                  (folder / "crawl.db").string(), (folder / ".lock").string()));
}

std::string read_lock_file(int lock_fd) {
  std::array<char, 160> text{};
  const ssize_t size = ::pread(lock_fd, text.data(), text.size() - 1, 0);
  return {text.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

std::string holder_of(int lock_fd) {
  std::string pid = read_lock_file(lock_fd);
  pid.resize(std::min(pid.size(), pid.find('\n')));
  return pid.empty() ? "trawl" : fmt::format("trawl (pid {})", pid);
}

bool has_entries(const fs::path& folder) {
  std::error_code error;
  return fs::is_directory(folder, error) && !fs::is_empty(folder, error);
}

std::uint32_t big_endian_32(const unsigned char* bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
         std::uint32_t{bytes[2]} << 8 | bytes[3];
}

enum class DatabaseKind { none, ours, foreign };

// The very first write of a database was cut off: its journal empties it again when it is opened.
bool begun_only(const fs::path& path, std::span<const unsigned char> header) {
  std::error_code missing;
  return std::ranges::all_of(header, [](unsigned char byte) { return byte == 0; }) &&
         fs::file_size(path.string() + "-journal", missing) > 0 && !missing;
}

// From the file's first bytes, without SQLite: nothing of a stranger's file is touched.
DatabaseKind database_kind(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) return DatabaseKind::none;
  if (fd < 0) raise(errno, fmt::format("read {}", path.string()));
  std::array<unsigned char, header_bytes> header{};
  const ssize_t size = ::read(fd, header.data(), header.size());
  const int error = errno;
  ::close(fd);
  if (size < 0) raise(error, fmt::format("read {}", path.string()));
  if (size == 0 || begun_only(path, header)) return DatabaseKind::none;
  const bool sqlite =
      size == ssize_t{header_bytes} && std::memcmp(header.data(), "SQLite format 3", 16) == 0;
  const std::uint32_t id = big_endian_32(header.data() + application_id_offset);
  return sqlite && id == application_id ? DatabaseKind::ours : DatabaseKind::foreign;
}

// Somebody else may be writing it: then it is another one when it is read again.
CommitMark settled_mark(const fs::path& folder) {
  const int fd = ::open((folder / ".lock").c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return {};
  std::string text = read_lock_file(fd);
  bool settled = false;
  for (int tries = 0; tries < mark_reads_max && !settled; ++tries)
    settled = std::exchange(text, read_lock_file(fd)) == text;
  ::close(fd);
  return settled ? mark_in(text) : CommitMark{};
}

}  // namespace

OutputFolder OutputFolder::open(const fs::path& path) {
  create_folder(path);
  OutputFolder folder{fs::absolute(path).lexically_normal()};
  folder.lock();
  folder.check_contents();
  folder.check_log();
  create_folder(folder.tmp());
  folder.clear_tmp();
  return folder;
}

OutputFolder::OutputFolder(OutputFolder&& other) noexcept
    : path_(std::move(other.path_)), lock_fd_(std::exchange(other.lock_fd_, -1)) {}

OutputFolder::~OutputFolder() {
  if (lock_fd_ >= 0) ::close(lock_fd_);
}

void OutputFolder::lock() {
  const fs::path file = path_ / ".lock";
  lock_fd_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (lock_fd_ < 0) raise(errno, fmt::format("write to the folder {}", path_.string()));
  if (::flock(lock_fd_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) raise(errno, fmt::format("lock {}", file.string()));
    throw Failure(Errc::in_use,
                  fmt::format("{} is used by {}; wait for it or choose another folder",
                              path_.string(), holder_of(lock_fd_)));
  }
  const std::string text = read_lock_file(lock_fd_);
  log_expected_ = text.contains(log_line);
  mark_ = mark_in(text);
  write_lock_file(log_expected_, mark_);
}

void OutputFolder::write_mark(const CommitMark& mark) const {
  const std::string before = fmt::format("{}\n{}", ::getpid(), log_line), line = mark_line(mark);
  static_cast<void>(::pwrite(lock_fd_, line.data(), line.size(), off_t(before.size())));
}

OutputFolder::LogInUse::LogInUse(const OutputFolder& folder, SqliteStore* store)
    : folder_(folder), store_(store) {
  folder_.write_lock_file(true, store == nullptr ? std::nullopt : std::optional{store->mark()});
  if (store_ == nullptr) return;
  store_->on_commit([this](const CommitMark& mark) { folder_.write_mark(mark); });
}

OutputFolder::LogInUse::~LogInUse() {
  if (store_ != nullptr) store_->on_commit({});
  folder_.write_lock_file(false);
}

// In one piece, so that it has a mark at any time. The message of a second process
// is less helpful when this fails; the lock holds all the same.
void OutputFolder::write_lock_file(bool log_in_use, const std::optional<CommitMark>& mark) const {
  std::string text = fmt::format("{}\n", ::getpid());
  if (log_in_use) text.append(log_line);
  if (log_in_use && mark) text.append(mark_line(*mark));
  if (::pwrite(lock_fd_, text.data(), text.size(), 0) == ssize_t(text.size())) [[maybe_unused]]
    const int cut = ::ftruncate(lock_fd_, off_t(text.size()));
}

void OutputFolder::check_contents() const {
  const DatabaseKind kind = database_kind(database());
  if (kind == DatabaseKind::foreign)
    throw Failure(Errc::damaged,
                  fmt::format("{} is no database of trawl's; choose another output folder",
                              database().string()));
  if (kind == DatabaseKind::ours) return;
  for (const char* name : {"tmp", "warc", "files"})
    if (has_entries(path_ / name))
      throw Failure(Errc::damaged,
                    fmt::format("{} has files in {}/ but no crawl.db that knows them; restore it, "
                                "or choose another output folder",
                                path_.string(), name));
}

void OutputFolder::check_mark(bool begun) const {
  if (!CommitMark{}.is_behind(mark_)) return;
  // Who empties a folder wants to begin anew.
  if (!begun && !fs::exists(database())) return;
  if (!begun) refuse_lost_log(path_);
  std::error_code missing;
  const auto log_bytes = fs::file_size(database().string() + "-wal", missing);
  // Nothing is made in place of a log that is gone.
  const bool has_log = !missing && log_bytes > 0;
  Db db = has_log ? Db::open(database(), Access::read) : Db::open_unchanging(database());
  if (commit_mark(db).is_behind(mark_)) refuse_lost_log(path_);
}

// Without its log the database is older than the archive, and would have the newer part cut off.
// Nothing may be written into it either, or the log could not be put back.
void OutputFolder::check_log() const {
  std::error_code ignored;
  if (!log_expected_) return;
  const bool begun = database_kind(database()) != DatabaseKind::none;
  check_mark(begun);
  if (!begun) return;
  // Whoever reads the database without its log makes an empty one.
  if (const auto log_bytes = fs::file_size(database().string() + "-wal", ignored);
      !ignored && log_bytes > 0)
    return;
  Db db = Db::open_unchanging(database());
  const auto newer = archived_later(db, path_);
  if (!newer) return;
  throw Failure(
      Errc::damaged,
      fmt::format("{} has {} bytes that crawl.db doesn't know, and crawl.db-wal is gone though "
                  "the last run did not end in order: put crawl.db-wal back, or choose another "
                  "output folder; to go on without what it held, delete {}",
                  newer->file.string(), newer->bytes, (path_ / ".lock").string()));
}

void OutputFolder::clear_tmp() const {
  std::error_code error;
  if (fs::is_symlink(tmp(), error)) return;  // somebody else's place; names in it are unique
  for (fs::directory_iterator entry{tmp(), error}, end; !error && entry != end;
       entry.increment(error)) {
    // The crawler and the archive know which of these are still wanted.
    const std::string name = entry->path().filename().string();
    if (name.starts_with(crawl::part_prefix) || name.starts_with(replaced_prefix)) continue;
    fs::remove_all(entry->path(), error);
    if (error) break;
  }
  if (error) raise(error.value(), fmt::format("clear {}", tmp().string()));
}

std::unique_ptr<SqliteStore> OutputFolder::open_store() const {
  finish_forgetting(*this);
  auto store = std::make_unique<SqliteStore>(database());
  sync_folder(path_);
  if (path_.has_parent_path()) sync_folder(path_.parent_path());
  return store;
}

// Several may begin to read at once, and one of them does it for all.
void bring_up_to_date(const fs::path& folder) {
  const fs::path database = folder / "crawl.db";
  const auto end = std::chrono::steady_clock::now() + update_wait;
  std::error_code error;
  while (fs::exists(database, error) && is_of_older(database)) {
    try {
      const OutputFolder held = OutputFolder::open(folder);
      const Db db = open_for_writing(database);
      const OutputFolder::LogInUse log{held};  // which closing the database takes away
    } catch (const Failure& failure) {
      if (failure.code() == Errc::in_use && std::chrono::steady_clock::now() < end) {
        ::poll(nullptr, 0, update_look_ms);  // files are nothing for a loop's thread
        continue;
      }
      if (failure.code() != Errc::io) throw;
      throw Failure(Errc::io,
                    fmt::format("{} was written by an older trawl, and can't be brought up "
                                "to date: {}; make it writable for a moment, or read a copy",
                                database.string(), failure.error().detail));
    }
  }
}

Db open_results(const fs::path& folder) {
  bring_up_to_date(folder);
  const CommitMark mark = settled_mark(folder);  // what is committed after it is more
  const fs::path database = folder / "crawl.db";
  if (CommitMark{}.is_behind(mark) && database_kind(database) != DatabaseKind::foreign) {
    Db db = Db::open(database, Access::read);
    if (commit_mark(db).is_behind(mark)) refuse_lost_log(folder);
  }
  return open_for_reading(database);
}

}  // namespace trawl::storage
