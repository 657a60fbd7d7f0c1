#pragma once
// A consistent copy of an output folder, also while its job runs: the database as it stands at one
// moment, and of the archive what that database knows. docs/durability.md has the promise.
//
// Nothing here writes to, locks or checkpoints the job's database: it is read through a reading
// connection, and the copy is a file of its own.

#include "core/coro/guard.hpp"
#include "storage/sqlite/pool.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace trawl::storage {

// The store, as it stands still for one reader while the job goes on: a read transaction, which
// sees nothing of later commits. The write-ahead log can't begin anew until it is closed, so what
// is done with it should not take longer than reading the database.
class StoppedStore {
 public:
  // A connection of its own; nothing is stopped yet.
  static coro::Task<StoppedStore> acquire(Pool& pool);
  coro::Task<> stop();
  // Also when stop() was cancelled half way.
  coro::Task<> close();

  Connection& connection() { return *connection_; }

 private:
  explicit StoppedStore(Connection connection) : connection_(std::move(connection)) {}
  std::optional<Connection> connection_;
};

template <class F, class... Args>
std::invoke_result_t<F, StoppedStore&, Args...> stop_and_use(StoppedStore& store, F use,
                                                             Args... args) {
  auto stopping = store.stop();
  co_await std::move(stopping);
  auto use_of_it = std::invoke(std::move(use), store, std::move(args)...);
  co_return co_await std::move(use_of_it);
}

// Lends the stopped store to use(StoppedStore&, args…), which returns a Task, and lets go of it in
// every case. pool must outlive the task.
template <class F, class... Args>
auto with_store_stopped(Pool& pool, F use, Args... args) {
  return coro::using_resource(StoppedStore::acquire(pool), &stop_and_use<F, Args...>,
                              std::move(use), std::move(args)...);
}

struct BackupOptions {
  bool link = false;   // archive files that are finished become hard links where that is possible
  bool verify = true;  // every archived record, and the database's pages
};

struct BackupFigures {
  std::uint64_t urls = 0;
  std::uint64_t database_bytes = 0;
  std::uint64_t files = 0;   // of the archive
  std::uint64_t linked = 0;  // of them
  std::uint64_t archive_bytes = 0;
};

// Copies folder to target, which must not exist or be an empty folder; it is built as TARGET.tmp
// and renamed when it is whole and durable. One that fails removes its TARGET.tmp, and one that a
// killed backup left is begun anew. Throws Failure: usage, not_found, damaged (the copy does not
// pass its check), io, disk_full.
coro::Task<BackupFigures> back_up(Pool& pool, std::filesystem::path folder,
                                  std::filesystem::path target, BackupOptions options);

}  // namespace trawl::storage
