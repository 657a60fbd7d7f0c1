#include "storage/sqlite/pool.hpp"

#include "core/coro/event.hpp"
#include "core/coro/gather.hpp"
#include "core/coro/group.hpp"
#include "core/coro/loop.hpp"
#include "core/coro/time.hpp"
#include "core/coro/timeout.hpp"
#include "failure_of.hpp"
#include "storage/sqlite/stats.hpp"
#include "storage/sqlite/store.hpp"
#include "tests/support/scratch_folder.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <thread>

namespace trawl::storage {
namespace {

using namespace std::chrono_literals;
using coro::Task;

// Runs to the end of time unless it is interrupted.
constexpr const char* endless_sql =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";

Task<int> count_by_cursor(std::filesystem::path path, RecordFilter filter) {
  const auto executor = co_await coro::asio::this_coro::executor;
  Pool pool{executor, path, 1};
  auto acquiring = pool.acquire();
  Connection connection = co_await std::move(acquiring);
  Cursor cursor{connection, filter};
  int count = 0;
  for (;;) {
    auto reading = cursor.next();
    const auto record = co_await std::move(reading);
    if (!record) break;
    EXPECT_EQ(record->url, "http://a/" + std::to_string(count));
    ++count;
  }
  co_return count;
}

Task<int> count_by_stream(Pool& pool, std::uint64_t max_rows) {
  auto records = stream_records(pool, {}, max_rows);
  int count = 0;
  for (;;) {
    auto reading = records.next();
    const auto record = co_await std::move(reading);
    if (!record) break;
    EXPECT_EQ(record->url, "http://a/" + std::to_string(count));
    ++count;
  }
  co_return count;
}

Task<> many_streams(std::filesystem::path path) {
  const auto executor = co_await coro::asio::this_coro::executor;
  Pool pool{executor, path, 2};
  std::vector<Task<int>> streams;
  for (int i = 0; i < 8; ++i) streams.push_back(count_by_stream(pool, 10'000));
  auto gathering = coro::gather(std::move(streams));
  const std::vector<int> counts = co_await std::move(gathering);
  EXPECT_EQ(counts, std::vector<int>(8, 600));
}

Task<int> count_limited(std::filesystem::path path, std::uint64_t max_rows) {
  const auto executor = co_await coro::asio::this_coro::executor;
  Pool pool{executor, path, 1};
  auto counting = count_by_stream(pool, max_rows);
  const int count = co_await std::move(counting);
  co_return count;
}

// A stream that waits for its consumer holds no connection: another query gets the only one.
Task<> slow_consumer(std::filesystem::path path) {
  const auto executor = co_await coro::asio::this_coro::executor;
  Pool pool{executor, path, 1};
  auto records = stream_records(pool, {}, 10'000);
  auto reading = records.next();
  EXPECT_TRUE(co_await std::move(reading));
  auto acquiring = pool.acquire();
  Connection connection = co_await std::move(acquiring);
  auto running = connection.run([](Db& db) { return read_stats(db, 3).totals.queued; });
  EXPECT_EQ(co_await std::move(running), 600u);
}

Task<> hold_until_three_do(Pool& pool, int& running, int& most, coro::Event& three) {
  auto acquiring = pool.acquire();
  const Connection connection = co_await std::move(acquiring);
  most = std::max(most, ++running);
  if (running == 3) three.set();
  auto waiting = three.wait();
  co_await std::move(waiting);
  for (int i = 0; i < 5; ++i) co_await coro::yield_now();
  --running;
}

Task<> bounded(std::filesystem::path path) {
  const auto executor = co_await coro::asio::this_coro::executor;
  Pool pool{executor, path, 3};
  int running = 0, most = 0;
  coro::Event three{executor};
  coro::Group group{executor};
  for (int i = 0; i < 20; ++i) group.spawn(hold_until_three_do(pool, running, most, three));
  co_await group.join();
  EXPECT_EQ(most, 3);
}

Task<std::int64_t> endless(Pool& pool) {
  auto acquiring = pool.acquire();
  Connection connection = co_await std::move(acquiring);
  auto running = connection.run([](Db& db) { return db.integer(endless_sql); });
  const std::int64_t result = co_await std::move(running);
  co_return result;
}

Task<> cancelled_scan(std::filesystem::path path) {
  const auto executor = co_await coro::asio::this_coro::executor;
  Pool pool{executor, path, 1};
  auto waiting = coro::within(20ms, endless(pool));
  EXPECT_FALSE(co_await std::move(waiting));
  auto counting = count_by_stream(pool, 10'000);
  EXPECT_EQ(co_await std::move(counting), 600) << "the connection is as good as new";
}

Task<std::int64_t> endless_from_later_on(Connection& connection) {
  auto running = connection.run([](Db& db) {
    std::this_thread::sleep_for(50ms);  // as on a busy machine
    return db.integer(endless_sql);
  });
  const std::int64_t result = co_await std::move(running);
  co_return result;
}

// The cancellation comes while the thread has yet to begin its statement.
Task<> scan_cancelled_early(std::filesystem::path path) {
  const auto executor = co_await coro::asio::this_coro::executor;
  Pool pool{executor, path, 1};
  auto acquiring = pool.acquire();
  Connection connection = co_await std::move(acquiring);
  auto waiting = coro::within(5ms, endless_from_later_on(connection));
  EXPECT_FALSE(co_await std::move(waiting));
}

Task<> acquire_once(Pool& pool) {
  auto acquiring = pool.acquire();
  const Connection connection = co_await std::move(acquiring);
}

Task<> missing_database(std::filesystem::path path) {
  const auto executor = co_await coro::asio::this_coro::executor;
  Pool pool{executor, path, 1};
  for (int round = 0; round < 2; ++round) {
    std::optional<Errc> code;
    try {
      auto acquiring = acquire_once(pool);
      co_await std::move(acquiring);
    } catch (const Failure& failure) {
      code = failure.error().code;
    }
    EXPECT_EQ(code, Errc::not_found);
  }
  {
    SqliteStore store{path};
  }
  auto acquiring = acquire_once(pool);
  co_await std::move(acquiring);
}

}  // namespace

class PoolTest : public testing::Test {
 protected:
  void fill(int count) {
    SqliteStore store{path_};
    crawl::StoreBatch batch;
    for (int i = 0; i < count; ++i)
      batch.admitted.push_back({.url = "http://a/" + std::to_string(i), .host = "a"});
    store.apply(batch);
  }

  test::ScratchFolder folder_;
  std::filesystem::path path_ = folder_.path() / "crawl.db";
};

TEST_F(PoolTest, ACursorGivesEveryRecordInOrder) {
  fill(600);
  EXPECT_EQ(coro::run_root(count_by_cursor(path_, {})), 600);
  EXPECT_EQ(coro::run_root(count_by_cursor(path_, {.limit = 256})), 256);
  EXPECT_EQ(coro::run_root(count_by_cursor(path_, {.limit = 300})), 300);
  EXPECT_EQ(coro::run_root(count_by_cursor(path_, {.states = {crawl::UrlState::failed}})), 0);
}

TEST_F(PoolTest, AStreamEndsWithTheRecordsOrItsLimit) {
  fill(600);
  EXPECT_EQ(coro::run_root(count_limited(path_, 10'000)), 600);
  EXPECT_EQ(coro::run_root(count_limited(path_, 600)), 600);
  EXPECT_EQ(coro::run_root(count_limited(path_, 257)), 257);
  EXPECT_EQ(coro::run_root(count_limited(path_, 0)), 0);
}

TEST_F(PoolTest, MoreStreamsThanConnectionsAllComeToTheirEnd) {
  fill(600);
  coro::run_root(many_streams(path_));
}

TEST_F(PoolTest, AStreamThatWaitsForItsConsumerHoldsNoConnection) {
  fill(600);
  coro::run_root(slow_consumer(path_));
}

TEST_F(PoolTest, NoMoreConnectionsAreLentThanThereAre) {
  fill(1);
  coro::run_root(bounded(path_));
}

TEST_F(PoolTest, ACancelledScanEndsAtOnceAndTheConnectionStaysUsable) {
  fill(600);
  coro::run_root(cancelled_scan(path_));
}

TEST_F(PoolTest, AScanThatIsCancelledBeforeItBeginsEndsAtOnce) {
  fill(1);
  coro::run_root(scan_cancelled_early(path_));
}

TEST_F(PoolTest, AFailureToOpenReachesTheCallerAndLosesNoPlace) {
  coro::run_root(missing_database(path_));
}

}  // namespace trawl::storage
