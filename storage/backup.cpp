// The order is what makes it consistent: first the database, at one moment; then of the archive
// what it names, which was durable before the database named it and is never changed again.
#include "storage/backup.hpp"

#include "core/coro/time.hpp"
#include "storage/backup_archive.hpp"
#include "storage/files/file_handle.hpp"
#include "storage/files/file_lock.hpp"
#include "storage/files/writer.hpp"
#include "storage/forgetting.hpp"
#include "storage/open.hpp"
#include "storage/sqlite/schema.hpp"

#include <fmt/format.h>

#include <optional>

namespace trawl::storage {
namespace {

namespace fs = std::filesystem;

constexpr int rounds_max = 5;
constexpr Millis commit_wait{300};                  // between a body's file and its record
constexpr const char* mark_file = ".trawl-backup";  // says that a TARGET.tmp is ours to remove

// The mark stays, so that what a kill leaves is known for ours.
void empty(const fs::path& part, std::error_code& error) {
  for (const auto& entry : fs::directory_iterator{part, error})
    if (entry.path().filename() != mark_file) fs::remove_all(entry.path(), error);
}

// TARGET.tmp goes when the backup fails: half of one is of no use, and takes room. Its mark is what
// one backup at a time holds.
struct Unfinished {
  fs::path part;
  std::optional<FileLock> lock = std::nullopt;
  ~Unfinished() {
    std::error_code ignored;
    if (!lock) return;
    empty(part, ignored);
    fs::remove_all(part, ignored);
  }
};

bool is_nothing(const fs::path& path) {
  std::error_code error;
  return !fs::exists(path, error) || (fs::is_directory(path, error) && fs::is_empty(path, error));
}

// An empty TARGET.tmp with its mark.
FileLock begin(const fs::path& folder, const fs::path& target, const fs::path& part) {
  bring_up_to_date(folder);
  open_for_reading(folder / "crawl.db");  // what is wrong with it is said before anything is made
  if (!is_nothing(target))
    throw Failure(Errc::usage, fmt::format("{} is there already; name a folder that is not, or "
                                           "remove it",
                                           target.string()));
  std::error_code error;
  const fs::path inside =
      fs::weakly_canonical(target, error).lexically_relative(fs::weakly_canonical(folder, error));
  if (!inside.empty() && *inside.begin() != "..")
    throw Failure(Errc::usage, fmt::format("{} is inside of {}; back it up to another place",
                                           target.string(), folder.string()));
  if (!is_nothing(part) && !fs::exists(part / mark_file, error))
    throw Failure(Errc::usage, fmt::format("{} is no unfinished backup; remove it, or name another "
                                           "folder",
                                           part.string()));
  error.clear();
  fs::create_directories(part, error);
  if (error) throw_system_error(error.value(), "create the folder", part);
  FileLock lock{part / mark_file};
  FileHandle::open_for_writing(part / mark_file).sync_all();
  empty(part, error);
  error.clear();
  fs::create_directory(part / "tmp", error);  // as every output folder has it
  if (error) throw_system_error(error.value(), "create the folder", part / "tmp");
  return lock;
}

coro::Task<> copy_database(StoppedStore& store, fs::path to) {
  auto copying = store.connection().run([&to](Db& db) {
    for (const char* suffix : {"", "-wal", "-shm", "-journal"}) remove_file(to.string() + suffix);
    Db copy = Db::open(to, Access::write);
    db.copy_to(copy);
    return true;
  });
  co_await std::move(copying);
}

// What is only in tmp/ is not copied; the bodies that broke off are asked for anew.
std::uint64_t finish_database(Db& copy, BackupFigures& figures) {
  copy.exec("DELETE FROM part");
  figures.urls = static_cast<std::uint64_t>(
      copy.integer("SELECT queued + fetched + failed + excluded FROM progress"));
  return figures.urls;
}

OtherFiles copy_rest(const fs::path& folder, const fs::path& part, BackupOptions options,
                     BackupFigures& figures) {
  figures = {};
  Db copy = Db::open(part / "crawl.db", Access::write);
  finish_database(copy, figures);
  return copy_archive(copy, folder, part, options, figures);
}

void place(const fs::path& part, const fs::path& target) {
  // The check has read it, and left an empty log.
  for (const char* name : {"crawl.db-shm", "crawl.db-wal"}) remove_file(part / name);
  FileHandle::open_directory(part).sync_filesystem();
  std::error_code ignored;
  fs::remove(target, ignored);  // an empty folder
  rename_file(part, target);
  remove_file(target / mark_file);
  sync_directory(fs::absolute(target).parent_path());
}

bool has_replaced_files(const fs::path& tmp) {
  std::error_code none;
  for (fs::directory_iterator entry{tmp, none}, end; !none && entry != end; entry.increment(none))
    if (entry->path().filename().string().starts_with(replaced_prefix)) return true;
  return false;
}

// Still the same ones as in the round before: a job would have said so in the database by now.
// After a crash they may be of a batch that was not committed; the next run puts that in order.
[[noreturn]] void refuse_other_files(const fs::path& folder, const OtherFiles& others) {
  if (has_replaced_files(folder / "tmp"))
    throw Failure(Errc::damaged,
                  fmt::format("{} of the files in {} are of a run that did not end in order, the "
                              "first: {}; run the job once, which puts them right, and then copy",
                              others.count, folder.string(), others.first));
  throw Failure(
      Errc::damaged,
      fmt::format("{} of the files in {} are not what crawl.db says, the first: {}, which {}; "
                  "restore them from a copy, have their URLs fetched again (--again), or copy them "
                  "as they are with --no-verify",
                  others.count, folder.string(), others.first,
                  others.first_is_missing ? "is not there" : "has another content"));
}

}  // namespace

coro::Task<StoppedStore> StoppedStore::acquire(Pool& pool) {
  auto acquiring = pool.acquire();
  co_return StoppedStore{co_await std::move(acquiring)};
}

// A read transaction begins with its first look.
coro::Task<> StoppedStore::stop() {
  auto beginning = connection_->run([](Db& db) {
    db.exec("BEGIN");
    return db.integer("SELECT next_seq FROM progress");
  });
  co_await std::move(beginning);
}

coro::Task<> StoppedStore::close() {
  auto ending = connection_->run([](Db& db) {
    const bool begun = sqlite3_get_autocommit(db.native_handle()) == 0;
    if (begun) db.exec("ROLLBACK");
    return begun;
  });
  co_await std::move(ending);
  connection_.reset();
}

coro::Task<BackupFigures> back_up(Pool& pool, fs::path folder, fs::path target,
                                  BackupOptions options) {
  if (!target.has_filename()) target = target.parent_path();
  if (fs::exists(folder / forgetting_list))
    throw Failure(Errc::damaged,
                  fmt::format("a trawl forget did not come to its end in {}: run it again, or the "
                              "job, and then copy",
                              folder.string()));
  const fs::path part = target.string() + ".tmp";
  BackupFigures figures;
  coro::Worker worker{"backup", 1};
  Unfinished unfinished{.part = part};
  auto beginning = worker.run([&] { unfinished.lock.emplace(begin(folder, target, part)); });
  co_await std::move(beginning);
  OtherFiles others{.count = 1};
  for (int round = 0; others.count > 0; ++round) {
    if (round == rounds_max)
      throw Failure(Errc::io, fmt::format("{} files of {} are being replaced faster than they can "
                                          "be copied; pause its job, or try again",
                                          others.count, folder.string()));
    auto copying = with_store_stopped(pool, copy_database, part / "crawl.db");
    co_await std::move(copying);
    auto copying_rest = worker.run([&] { return copy_rest(folder, part, options, figures); });
    const OtherFiles before = std::exchange(others, co_await std::move(copying_rest));
    if (others.count == 0) continue;
    const bool last = round + 1 == rounds_max;
    if (last && others == before && options.verify) refuse_other_files(folder, others);
    if (last && others == before) break;
    co_await coro::sleep_for(commit_wait);
  }
  auto ending = worker.run([&] {
    if (options.verify) verify_backup(folder, part);
    figures.database_bytes = fs::file_size(part / "crawl.db");
    place(part, target);
  });
  co_await std::move(ending);
  unfinished.lock.reset();
  co_return figures;
}

}  // namespace trawl::storage
