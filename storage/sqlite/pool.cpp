// Blocking reads run on one thread a connection, so that a slow scan keeps no other query waiting.
// Batches are what a thread switch is paid for.
#include "storage/sqlite/pool.hpp"

#include "core/coro/event.hpp"
#include "storage/sqlite/schema.hpp"

#include <algorithm>
#include <iterator>

namespace trawl::storage {
namespace {

constexpr std::size_t batch_records_max = 256;

struct Batch {
  std::vector<crawl::Record> records;
  std::optional<crawl::UrlId> position;
};

coro::Task<Batch> fetch_batch(Pool& pool, RecordFilter filter, std::size_t max_records) {
  auto acquiring = pool.acquire();
  Connection connection = co_await std::move(acquiring);
  auto running = connection.run([&filter, max_records](Db& db) {
    RecordQuery query{db, filter};
    Batch batch{query.next_batch(max_records), {}};
    batch.position = query.position();
    return batch;
  });
  Batch batch = co_await std::move(running);
  co_return batch;
}

}  // namespace

Pool::Pool(coro::Executor executor, std::filesystem::path database, std::size_t connections_max)
    : database_(std::move(database)), permits_(std::move(executor), connections_max) {}

coro::Task<Connection> Pool::acquire() {
  auto waiting = permits_.acquire();
  coro::Permit permit = co_await std::move(waiting);
  std::unique_ptr<Slot> slot;
  if (idle_.empty()) {
    slot = std::make_unique<Slot>();
  } else {
    slot = std::move(idle_.back());
    idle_.pop_back();
  }
  Connection connection{*this, std::move(permit), std::move(slot)};
  auto opening = connection.open(database_);
  co_await std::move(opening);
  co_return std::move(connection);
}

Connection::~Connection() {
  if (slot_) pool_->idle_.push_back(std::move(slot_));
}

coro::Task<> Connection::open(std::filesystem::path database) {
  Pool::Slot& slot = *slot_;
  if (slot.db) co_return;
  auto opening =
      slot.worker.run([&slot, &database] { slot.db.emplace(open_for_reading(database)); });
  co_await std::move(opening);
}

coro::Task<> Connection::interrupt_when_cancelled(Db& db) {
  coro::Event never{co_await coro::asio::this_coro::executor};
  try {
    auto waiting = never.wait();
    co_await std::move(waiting);
  } catch (...) {
    // Also when the work has ended first: the next run() allows statements again.
    db.stop_statements();
    throw;
  }
}

coro::Task<std::optional<crawl::Record>> Cursor::next() {
  if (batch_.empty() && !ended_) {
    auto running = connection_.run([this](Db& db) {
      if (!query_) query_ = std::make_unique<RecordQuery>(db, filter_);
      return query_->next_batch(batch_records_max);
    });
    std::vector<crawl::Record> records = co_await std::move(running);
    ended_ = records.size() < batch_records_max;
    std::ranges::move(records, std::back_inserter(batch_));
  }
  if (batch_.empty()) co_return std::nullopt;
  crawl::Record record = std::move(batch_.front());
  batch_.pop_front();
  co_return record;
}

coro::AsyncGenerator<crawl::Record> stream_records(Pool& pool, RecordFilter filter,
                                                   std::uint64_t max_rows) {
  std::uint64_t left = std::min(filter.limit.value_or(max_rows), max_rows);
  while (left > 0) {
    const std::size_t wanted = std::min<std::uint64_t>(left, batch_records_max);
    filter.limit = wanted;
    auto fetching = fetch_batch(pool, filter, wanted);
    Batch batch = co_await std::move(fetching);
    for (crawl::Record& record : batch.records) co_yield std::move(record);
    if (batch.records.size() < wanted) co_return;
    left -= wanted;
    filter.after = batch.position;
  }
}

}  // namespace trawl::storage
