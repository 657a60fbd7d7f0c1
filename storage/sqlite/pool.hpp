#pragma once
// Asynchronous reading of crawl.db while the job runs: a Pool lends Connections, each with a thread
// of its own; a Cursor gives the records of a query one by one. Loop thread only; the pool must
// outlive what it lends.

#include "core/coro/generator.hpp"
#include "core/coro/race.hpp"
#include "core/coro/semaphore.hpp"
#include "core/coro/worker.hpp"
#include "storage/sqlite/queries.hpp"

#include <cstddef>
#include <deque>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace trawl::storage {

class Connection;

class Pool {
 public:
  // At most connections_max threads and read-only connections, made when they are first needed and
  // kept. database: crawl.db of an output folder.
  Pool(coro::Executor executor, std::filesystem::path database, std::size_t connections_max);
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // Waits, first come, first served, while all connections are lent. Throws as open_for_reading().
  coro::Task<Connection> acquire();

 private:
  friend class Connection;
  struct Slot {
    std::optional<Db> db;                  // used on the worker; elsewhere only while it is idle
    coro::Worker worker{"store-read", 1};  // ends before db
  };

  std::filesystem::path database_;
  coro::Semaphore permits_;
  std::vector<std::unique_ptr<Slot>> idle_;
};

// A read-only connection held; goes back to its pool when destroyed.
class [[nodiscard]] Connection {
 public:
  Connection(Connection&&) noexcept = default;
  Connection& operator=(Connection&&) = delete;
  ~Connection();

  // Runs function(Db&) on the connection's thread; what it throws comes out here. Cancelled, it
  // stops the statement that runs or is about to, so that a long scan ends at once.
  template <class F>
  coro::Task<std::invoke_result_t<F&, Db&>> run(F function) {
    Db& db = *slot_->db;
    db.allow_statements();
    auto working = slot_->worker.run([&function, &db] { return function(db); });
    auto watching = interrupt_when_cancelled(db);
    auto racing = coro::race(std::move(working), std::move(watching));
    try {
      auto ended = co_await std::move(racing);
      co_return std::get<0>(std::move(ended));
    } catch (const Failure& failure) {
      // Of the statement that was stopped: to whoever was cancelled it is that.
      if (failure.code() == Errc::cancelled) throw coro::cancelled_error();
      throw;
    }
  }

 private:
  friend class Pool;
  Connection(Pool& pool, coro::Permit permit, std::unique_ptr<Pool::Slot> slot)
      : pool_(&pool), permit_(std::move(permit)), slot_(std::move(slot)) {}

  static coro::Task<> interrupt_when_cancelled(Db& db);
  coro::Task<> open(std::filesystem::path database);

  Pool* pool_;
  coro::Permit permit_;  // given back after the slot
  std::unique_ptr<Pool::Slot> slot_;
};

// The records of a query, read in batches. The connection stays where it is while the cursor lives,
// and serves one cursor or run() at a time.
class Cursor {
 public:
  Cursor(Connection& connection, RecordFilter filter)
      : connection_(connection), filter_(std::move(filter)) {}

  // The next record, or nothing at the end.
  coro::Task<std::optional<crawl::Record>> next();

 private:
  Connection& connection_;
  RecordFilter filter_;
  std::unique_ptr<RecordQuery> query_;  // made on the connection's thread
  std::deque<crawl::Record> batch_;
  bool ended_ = false;
};

// At most max_rows records, in flat memory whatever their number. Between two batches no connection
// is held: a consumer that takes hours keeps nobody waiting. pool must outlive the generator.
coro::AsyncGenerator<crawl::Record> stream_records(Pool& pool, RecordFilter filter,
                                                   std::uint64_t max_rows);

}  // namespace trawl::storage
